"""keepalived's own process, as it loads a table and takes a new one. Runs on the node."""
# Copyright (c) 2026, The lvs.cluster authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import os
import signal
import subprocess
import time
from pathlib import Path
from types import TracebackType

from ansible_collections.lvs.cluster.plugins.module_utils._ipvs.kernel import Ipvs
from ansible_collections.lvs.cluster.plugins.module_utils._ipvs.wanted import (
    WantedService,
    parse_services,
)

from lvs_bench import tables

WORK = Path("/var/tmp/lvs-bench")
POLL_SECONDS = 0.005


class HealthChecker:
    """keepalived's checkers process without a check, in the network namespace of this process.

    It is killed at the end, so that it does not take its table away first.
    """

    def __init__(self, size: int) -> None:
        self._size = size
        self._configuration = WORK / "keepalived.conf"
        self._configuration.write_text(tables.as_keepalived(size))
        self._kernel = Ipvs()
        self._last = _service(size - 1)
        self._middle = _service(size // 2)

    def __enter__(self) -> HealthChecker:
        """Start it."""
        command = ["keepalived", "--check", "--dont-fork"]
        command += ["--use-file", str(self._configuration)]
        for name in ("pid", "checkers_pid", "vrrp_pid"):
            command += [f"--{name}", str(WORK / name)]
        self._process = subprocess.Popen(
            command, start_new_session=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        value: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Kill it."""
        os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()
        self._kernel.close()

    def until_loaded(self) -> None:
        """Wait until the last real server is in the kernel."""
        key = self._last.key
        while len(self._kernel.read_service(key).servers_of(key)) < tables.SERVERS:
            self._pause()

    def want_other_weight(self) -> None:
        """Write down one weight that is another. It is not read before `reload`."""
        self._configuration.write_text(tables.as_keepalived(self._size, changed=True))

    def reload(self) -> None:
        """Reload, and wait until the weight is in the kernel."""
        os.kill(self._process.pid, signal.SIGHUP)
        key = self._middle.key
        while not any(
            server.weight == tables.OTHER_WEIGHT
            for server in self._kernel.read_service(key).servers_of(key).values()
        ):
            self._pause()

    def _pause(self) -> None:
        assert self._process.poll() is None, "keepalived has ended"
        time.sleep(POLL_SECONDS)


def _service(number: int) -> WantedService:
    address = {"virtual_address": tables.virtual_address(number), "virtual_port": tables.PORT}
    return parse_services([{**address, "protocol": "tcp"}])[0]
