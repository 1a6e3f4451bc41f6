# Copyright (c) 2025, The lvs.cluster authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Everybody who loads or reads the table. Runs on the node.

Each is a function that does the work once; what it needs is made beforehand. Of keepalived the time
counts from its start until the last real server is in the kernel, of a command from its start to
its end, of a function from its call to its return.
"""

from __future__ import annotations

import gc
import json
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from ansible_collections.lvs.cluster.plugins.module_utils._ipvs import module as _module
from ansible_collections.lvs.cluster.plugins.module_utils._ipvs.codec import (
    Command,
    encode_service_key,
    payload_of,
)
from ansible_collections.lvs.cluster.plugins.module_utils._ipvs.kernel import (
    BATCH,
    Ipvs,
    encode_operation,
)
from ansible_collections.lvs.cluster.plugins.module_utils._ipvs.model import Table
from ansible_collections.lvs.cluster.plugins.module_utils._ipvs.plan import Plan, Policy, plan_table
from ansible_collections.lvs.cluster.plugins.module_utils._ipvs.wanted import parse_services
from ansible_collections.lvs.cluster.plugins.module_utils._netlink import (
    MESSAGE,
    NLM_F_ACK,
    NLM_F_DUMP,
    NLMSG_DONE,
    NLMSG_ERROR,
    RECEIVE_SIZE,
    message,
)

from lvs_bench import tables
from lvs_bench.health_checker import WORK, HealthChecker

CODE = Path(__file__).resolve().parents[1]
POLICY = Policy(prune="all")


class Rivals:
    """What each needs, for one size of the table."""

    def __init__(self, size: int) -> None:
        WORK.mkdir(exist_ok=True)
        self.size = size
        self.services = tables.as_services(size)
        self.wanted = parse_services(self.services)
        self.kernel = Ipvs()
        self.writes = 0
        # Of the kernel, the same in every namespace.
        self._family = self.kernel._family
        (WORK / "rules").write_text(tables.as_rules(size))
        operations = plan_table(Table(), self.wanted, POLICY).operations
        self._payloads = [encode_operation(operation) for operation in operations]
        keys = [encode_service_key(service.key) for service in self.wanted]
        asked = [payload_of(Command.GET_SERVICE), *(payload_of(Command.GET_DEST, k) for k in keys)]
        self._requests = [message(self._family, NLM_F_DUMP, 1, payload) for payload in asked]
        self._batches = {count: self._messages(count) for count in (BATCH, 1)}

    def connect(self) -> None:
        """Talk to the network namespace that this process is in now."""
        self.kernel.close()
        self.kernel = Ipvs()

    def _messages(self, count: int) -> list[bytes]:
        found = []
        for start in range(0, len(self._payloads), count):
            batch = self._payloads[start : start + count]
            found.append(
                b"".join(
                    message(
                        self._family, NLM_F_ACK if i == len(batch) - 1 else 0, start + i, payload
                    )
                    for i, payload in enumerate(batch)
                )
            )
        return found

    # ---- loading -----------------------------------------------------------------------------

    def floor(self) -> None:
        """Messages made beforehand, a batch a send, one acknowledgement a batch."""
        self._send(self._batches[BATCH])

    def one_by_one(self) -> None:
        """Messages made beforehand, each acknowledged."""
        self._send(self._batches[1])

    def _send(self, batches: list[bytes]) -> None:
        with socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 16) as kernel:
            for batch in batches:
                kernel.sendto(batch, (0, 0))
                # Type 2 is NLMSG_ERROR, and its number 0 an acknowledgement.
                assert kernel.recv(65536)[16:20] == bytes(4)

    def our_difference(self) -> None:
        """The difference to an empty table, encoded, sent, every error read."""
        self._apply(plan_table(Table(), self.wanted, POLICY))

    def our_first_run(self) -> None:
        """From the task's arguments to the kernel."""
        self._apply(plan_table(self.kernel.read(), parse_services(self.services), POLICY))

    def _apply(self, plan: Plan) -> None:
        self.kernel.apply(plan.operations)

    def ipvsadm_restore(self) -> None:
        """`ipvsadm -R`."""
        with (WORK / "rules").open() as rules:
            subprocess.run(["ipvsadm", "-R"], stdin=rules, check=True)

    def keepalived(self) -> float:
        """keepalived's checkers process, without a check, until the kernel has the table."""
        checker = HealthChecker(self.size)
        begin = time.perf_counter()
        with checker:
            checker.until_loaded()
            return time.perf_counter() - begin

    def pyroute2_load(self) -> float:
        """pyroute2's own calls, one a service and one a real server."""
        return self._pyroute2("load", str(self.size))

    def _pyroute2(self, *words: str) -> float:
        command = [sys.executable, str(CODE / "pyroute2_calls.py"), *words]
        path = f"{WORK / 'pypi'}:{CODE}"
        done = subprocess.run(
            command, check=True, capture_output=True, text=True, env={"PYTHONPATH": path}
        )
        return float(done.stdout)

    # ---- reading, and changing nothing or little -----------------------------------------------

    def our_unchanged_run(self) -> None:
        """From the task's arguments to the answer, as JSON."""
        assert self._answer(self.services) == 0

    def our_one_weight(self) -> None:
        """The same with one weight changed, and changed back the next time."""
        server = self.services[self.size // 2]["real_servers"][tables.CHANGED]
        server["weight"] = tables.OTHER_WEIGHT + tables.CHANGED + 1 - server["weight"]
        assert self._answer(self.services) == 1

    def _answer(self, services: list[dict[str, Any]]) -> int:
        wanted = parse_services(services)
        have = self.kernel.read()
        plan = plan_table(have, wanted, POLICY)
        self._apply(plan)
        self.writes = len(plan.operations)
        task = _module.table_task(lambda _have: plan)
        json.dumps(_module.result_of(task, plan, plan.operations))
        return len(plan.operations)

    def read_floor(self) -> None:
        """All of what the kernel tells of the table, received and not looked at but for its end."""
        with socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 16) as kernel:
            for request in self._requests:
                kernel.sendto(request, (0, 0))
                while not _ends(kernel.recv(RECEIVE_SIZE)):
                    pass

    def our_read(self) -> None:
        """The table read and decoded."""
        self.kernel.read()

    def ipvsadm_save(self) -> None:
        """`ipvsadm -Sn`."""
        subprocess.run(["ipvsadm", "-Sn"], stdout=subprocess.DEVNULL, check=True)

    def pyroute2_read(self) -> float:
        """pyroute2's own calls, services and real servers."""
        return self._pyroute2("read")


def _ends(data: bytes) -> bool:
    """Tell whether a received buffer is the end of a dump, which the kernel sends by itself."""
    kind = MESSAGE.unpack_from(data)[1]
    assert kind != NLMSG_ERROR
    return bool(kind == NLMSG_DONE)


LOADERS: dict[str, Callable[[Rivals], object]] = {
    "floor": Rivals.floor,
    "one by one": Rivals.one_by_one,
    "our difference": Rivals.our_difference,
    "our first run": Rivals.our_first_run,
    "keepalived": Rivals.keepalived,
    "ipvsadm -R": Rivals.ipvsadm_restore,
    "pyroute2, load": Rivals.pyroute2_load,
}
READERS: dict[str, Callable[[Rivals], object]] = {
    "read floor": Rivals.read_floor,
    "our read": Rivals.our_read,
    "ipvsadm -Sn": Rivals.ipvsadm_save,
    "our unchanged run": Rivals.our_unchanged_run,
    "our one weight": Rivals.our_one_weight,
    "pyroute2, read": Rivals.pyroute2_read,
}


def timed(rival: Callable[[Rivals], object], rivals: Rivals) -> float:
    """Return the seconds that a rival took, by the clock or by its own account.

    The collector of cycles is off meanwhile, as it is in our modules.
    """
    gc.collect()
    gc.disable()
    begin = time.perf_counter()
    own = rival(rivals)
    seconds = time.perf_counter() - begin
    gc.enable()
    return own if isinstance(own, float) else seconds
