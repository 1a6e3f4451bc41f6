# Copyright (c) 2025, The lvs.cluster authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the modules share that change the table: the way from reading to the result.

Private to the collection: names and behaviour may change in any release.
"""

from __future__ import annotations

import gc
from collections.abc import Callable
from contextlib import nullcontext
from typing import TYPE_CHECKING, Any, NamedTuple

from ansible.module_utils.basic import AnsibleModule

from .._effects import DELAYS_NEW_CONNECTIONS, REFUSES_NEW_CONNECTIONS
from .._result import fail
from .._values import ModelError
from .connect import connect
from .errors import IpvsError
from .hold import refusals_held
from .ipvsadm import print_table
from .lock import LockError, locked
from .model import (
    ServiceKey,
    Table,
)
from .this_host import check_this_host

if TYPE_CHECKING:
    from .kernel import Ipvs
    from .plan import Operation, Plan


class Task(NamedTuple):
    """What is particular to a module: what it reads, how it plans, what of the table it shows."""

    read: Callable[[Ipvs], Table]
    plan: Callable[[Table], Plan]
    show: Callable[[Table], object]


def show_service(key: ServiceKey) -> Callable[[Table], object]:
    """Return a function that picks one service out of a table, with its real servers."""

    def show(table: Table) -> object:
        services = table.only(key).as_result()
        return services[0] if services else None

    return show


def show_table(table: Table) -> object:
    """Return all of a table."""
    return table.as_result()


def run(module: AnsibleModule, task: Task) -> None:
    """Read, plan, apply, and end the module with the result."""
    # Nothing here refers back to itself. The collector of such things would only walk the tens of
    # thousands of records of a large table again and again.
    gc.disable()
    kernel = connect(module)
    held = False
    try:
        with nullcontext() if module.check_mode else locked():
            have = task.read(kernel) if kernel is not None else Table()
            plan = task.plan(have)
            check_this_host(plan.operations, kernel)
            done = plan.operations
            with refusals_held(plan.operations, check=module.check_mode) as held:
                if kernel is not None and not module.check_mode:
                    done = kernel.apply(plan.operations)
    except (ModelError, LockError) as error:
        fail(module, error)
    except IpvsError as error:
        operations = operation_results(error.done, held)
        fail(module, error, changed=bool(error.done), operations=operations)
    finally:
        if kernel is not None:
            kernel.close()
    module.exit_json(**result_of(task, have, plan, done, held))


def result_of(
    task: Task, have: Table, plan: Plan, done: tuple[Operation, ...], held: bool = False
) -> dict[str, Any]:
    """Return what every module that changes the table returns.

    C(done) is the plan without what somebody else had done meanwhile; C(held) tells whether
    refusals were held back.
    """
    return {
        "changed": bool(done),
        "before": task.show(have),
        "after": task.show(plan.after),
        "operations": operation_results(done, held),
        "diff": {"before": print_table(have), "after": print_table(plan.after)},
    }


def operation_results(
    operations: tuple[Operation, ...], held: bool = False
) -> list[dict[str, Any]]:
    """Return operations as modules return them."""
    results = [operation.as_result() for operation in operations]
    for result in results if held else ():
        if result["effect"] == REFUSES_NEW_CONNECTIONS:
            result["effect"] = DELAYS_NEW_CONNECTIONS
    return results
