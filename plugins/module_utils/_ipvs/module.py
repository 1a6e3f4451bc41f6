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
from .._result import diff_of, fail, succeed
from .._values import ModelError
from .connect import connect
from .errors import IpvsError
from .hold import refusals_held
from .ipvsadm import print_table
from .lock import LockError, locked
from .model import (
    RealServerKey,
    ServiceKey,
    Table,
)
from .this_host import check_this_host

if TYPE_CHECKING:
    from .kernel import Ipvs
    from .plan import Operation, Plan


class Task(NamedTuple):
    """What is particular to a module: what it reads, how it plans, what it tells.

    `part` takes what is told of a table, before or after, out of all of it; `show` gives that as
    the module returns it.
    """

    read: Callable[[Ipvs], Table]
    plan: Callable[[Table], Plan]
    part: Callable[[Table, Plan], Table]
    show: Callable[[Table], object]


def table_task(plan: Callable[[Table], Plan]) -> Task:
    """Return what is particular to a module for all of the table.

    It tells the services that the plan touches, whole, so that as a description they are what was.
    """

    def part(table: Table, plan: Plan) -> Table:
        return table.only(plan.touched)

    return Task(lambda kernel: kernel.read(), plan, part, lambda table: table.as_result())


def service_task(key: ServiceKey, plan: Callable[[Table], Plan], *, deletes: bool) -> Task:
    """Return what is particular to a module for one service.

    It tells the service, changed or not, and its real servers where they are deleted with it.
    """

    def part(table: Table, _plan: Plan) -> Table:
        only = table.only([key])
        return only if deletes else Table(only.services)

    def show(table: Table) -> object:
        if deletes:
            return _only_one(table)
        return table.services[key].as_result() if key in table.services else None

    return Task(lambda kernel: kernel.read_service(key), plan, part, show)


def server_task(key: ServiceKey, server: RealServerKey, plan: Callable[[Table], Plan]) -> Task:
    """Return what is particular to a module for one real server.

    It tells the service with this real server alone, changed or not. A service may have thousands,
    and a task for each.
    """

    def part(table: Table, _plan: Plan) -> Table:
        servers = table.servers_of(key)
        this = {server: servers[server]} if server in servers else {}
        return Table(table.only([key]).services, {key: this})

    return Task(lambda kernel: kernel.read_service(key), plan, part, _only_one)


def _only_one(table: Table) -> object:
    services = table.as_result()
    return services[0] if services else None


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
    result = result_of(task, plan, done, held)
    succeed(module, **result, **diff_of(module, lambda: texts_of(task, plan)))


def result_of(
    task: Task, plan: Plan, done: tuple[Operation, ...], held: bool = False
) -> dict[str, Any]:
    """Return what every module that changes the table returns.

    C(done) is the plan without what somebody else had done meanwhile; C(held) tells whether
    refusals were held back.
    """
    return {
        "changed": bool(done),
        "before": task.show(task.part(plan.before, plan)),
        "after": task.show(task.part(plan.after, plan)),
        "operations": operation_results(done, held),
    }


def texts_of(task: Task, plan: Plan) -> tuple[str, str]:
    """Return what is told of the table before and after as the rules of a diff."""
    return print_table(task.part(plan.before, plan)), print_table(task.part(plan.after, plan))


def operation_results(
    operations: tuple[Operation, ...], held: bool = False
) -> list[dict[str, Any]]:
    """Return operations as modules return them."""
    results = [operation.as_result() for operation in operations]
    for result in results if held else ():
        if result["effect"] == REFUSES_NEW_CONNECTIONS:
            result["effect"] = DELAYS_NEW_CONNECTIONS
    return results
