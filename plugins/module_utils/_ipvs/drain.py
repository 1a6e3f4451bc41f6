# Copyright (c) 2025, The lvs.cluster authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Taking a real server out without cutting its connections.

Private to the collection: names and behaviour may change in any release.
"""

from __future__ import annotations

import time
from contextlib import nullcontext
from typing import Any

from ansible.module_utils.basic import AnsibleModule

from .._effects import DELETE, EDIT, NO_EFFECT
from .._result import fail
from .._values import ModelError, join_host_port
from .connect import connect
from .errors import IpvsError
from .kernel import Ipvs
from .lock import LockError, locked
from .model import (
    RealServerKey,
    ServiceKey,
    Table,
    key_label,
)
from .module import (
    Task,
    operation_results,
    result_of,
    show_service,
)
from .plan import Operation, Plan

# How often the kernel is asked whether the connections have ended.
POLL_SECONDS = 0.25
NO_CONNECTIONS = {
    "active_connections": 0,
    "inactive_connections": 0,
    "persistent_connections": 0,
}


def drain(module: AnsibleModule, key: ServiceKey, server: RealServerKey, limit: int) -> None:
    """Set the weight to 0, wait for the connections to end, delete, and end the module."""
    kernel = connect(module)
    done: list[Operation] = []
    went: dict[str, Any] = {"finished": True, "seconds": 0.0, **NO_CONNECTIONS}
    try:
        with nullcontext() if module.check_mode else locked():
            have = kernel.read_service(key) if kernel is not None else Table()
            steps = _steps(have, key, server)
            if steps and steps[0].action == EDIT:
                _do(module, kernel, steps[0], done)
        if steps and kernel is not None:
            # Others may work on the table meanwhile: this may take long.
            went = _wait(kernel, key, server, 0 if module.check_mode else limit)
            with nullcontext() if module.check_mode else locked():
                _do(module, kernel, steps[-1], done)
    except ModelError as error:
        fail(module, error)
    except (IpvsError, LockError) as error:
        fail(module, error, changed=bool(done), operations=operation_results(tuple(done)))
    finally:
        if kernel is not None:
            kernel.close()
    task = Task(read=lambda _kernel: have, plan=lambda _have: plan, show=show_service(key))
    plan = Plan(steps, have)
    result = result_of(task, have, plan)
    if went["finished"]:
        # Nobody was left to be cut off.
        for shown in result["operations"]:
            if shown["action"] == DELETE:
                shown["effect"] = NO_EFFECT
    module.exit_json(drain=went, **result)


def _do(module: AnsibleModule, kernel: Ipvs | None, step: Operation, done: list[Operation]) -> None:
    if kernel is not None and not module.check_mode:
        kernel.apply((step,))
    done.append(step)


def _steps(have: Table, key: ServiceKey, server: RealServerKey) -> tuple[Operation, ...]:
    if key not in have.services:
        item = f"real server {join_host_port(*server)}"
        advice = "name a service that does"
        raise ModelError(item, "", None, f"{key_label(key)} does not exist", advice)
    before = have.servers_of(key).get(server)
    if before is None:
        return ()
    quiet = before._replace(weight=0)
    delete = Operation(DELETE, key, server, before=quiet)
    if before.weight == 0:
        return (delete,)
    return (Operation(EDIT, key, server, before=before, after=quiet), delete)


def _wait(kernel: Ipvs, key: ServiceKey, server: RealServerKey, limit: float) -> dict[str, Any]:
    start = time.monotonic()
    while True:
        counts = kernel.connection_counts(key, server) or NO_CONNECTIONS
        waited = time.monotonic() - start
        finished = not any(counts.values())
        if finished or waited >= limit:
            return {"finished": finished, "seconds": round(waited, 2), **counts}
        time.sleep(min(POLL_SECONDS, limit - waited))
