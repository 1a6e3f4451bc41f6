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
from .._result import diff_of, fail, succeed
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
    operation_results,
    result_of,
    server_task,
    texts_of,
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
                done += _do(module, kernel, steps[0])
        if steps and kernel is not None:
            limit = 0 if module.check_mode else limit
            start = time.monotonic()
            deleted = None
            while deleted is None:
                # Others may work on the table meanwhile: this may take long.
                went = _wait(kernel, key, server, start, limit)
                with nullcontext() if module.check_mode else locked():
                    deleted = _delete(module, kernel, steps[-1], went, limit)
            done += deleted
    except ModelError as error:
        fail(module, error, changed=bool(done), operations=operation_results(tuple(done)))
    except (IpvsError, LockError) as error:
        fail(module, error, changed=bool(done), operations=operation_results(tuple(done)))
    finally:
        if kernel is not None:
            kernel.close()
    plan = Plan(steps, have)
    task = server_task(key, server, lambda _have: plan)
    result = result_of(task, plan, tuple(done))
    if went["finished"]:
        # Nobody was left to be cut off.
        for shown in result["operations"]:
            if shown["action"] == DELETE:
                shown["effect"] = NO_EFFECT
    succeed(module, drain=went, **result, **diff_of(module, lambda: texts_of(task, plan)))


def _do(module: AnsibleModule, kernel: Ipvs | None, step: Operation) -> tuple[Operation, ...]:
    """Do a step, or in check mode nothing; return it, unless somebody else had done it."""
    return (step,) if kernel is None or module.check_mode else kernel.apply((step,))


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


def _wait(
    kernel: Ipvs, key: ServiceKey, server: RealServerKey, start: float, limit: float
) -> dict[str, Any]:
    """Wait until the connections have ended, the time is up, or there is nothing to wait for."""
    counts = NO_CONNECTIONS
    while True:
        found = kernel.find_server(key, server)
        waited = time.monotonic() - start
        if found is not None:
            counts = found[1]
        finished = not any(counts.values())
        if found is None or found[0].weight or finished or waited >= limit:
            return {"finished": finished, "seconds": round(waited, 2), **counts}
        time.sleep(min(POLL_SECONDS, limit - waited))


def _delete(
    module: AnsibleModule, kernel: Ipvs, step: Operation, went: dict[str, Any], limit: float
) -> tuple[Operation, ...] | None:
    """Delete a real server that was drained, unless somebody else has; return what was done.

    None says that it has got connections meanwhile, and that there is time to wait for their end.
    Raises ModelError where somebody gave it new ones to come.
    """
    found = kernel.find_server(step.key, step.server) if step.server is not None else None
    if found is None or module.check_mode:
        return () if found is None else (step,)
    server, counts = found
    if server.weight:
        why = "was given back by somebody else while it drained, so that it stays"
        raise ModelError(step.label, "weight", server.weight, why, "find out who, and drain again")
    if went["finished"] and any(counts.values()) and went["seconds"] < limit:
        return None
    return kernel.apply((step,))
