# Copyright (c) 2025, The lvs.cluster authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the modules for addresses and default routes share: the way from reading to the result.

Private to the collection: names and behaviour may change in any release.
"""

from __future__ import annotations

import socket
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext, suppress
from dataclasses import dataclass
from typing import Any, NoReturn

from ansible.module_utils.basic import AnsibleModule, missing_required_lib

from .._effects import ADD, DELETE
from .._result import fail
from .._values import ModelError
from . import kernel
from .edges import refuse_edges
from .guard import find_connection, refuse_cut_by_address
from .interface import promoting
from .kernel import Links
from .model import ADOPT, Address, DefaultRoute, Place, Step
from .owner import OwnedAddresses
from .plan import after_steps, missing, owned_after
from .proc import ProcLinks
from .wanted import WantedAddress

PYROUTE2_REASON = (
    "to change addresses and routes (version 0.5.14 or later, which this Python can read; the"
    " package is called python3-pyroute2 in most distributions)"
)


def has_pyroute2(module: AnsibleModule) -> bool:
    """Tell whether there is a pyroute2; end with one sentence where there has to be."""
    if kernel.PYROUTE2_IMPORT_ERROR is not None:
        if module.check_mode:
            return False
        module.fail_json(
            msg=missing_required_lib("pyroute2", reason=PYROUTE2_REASON),
            exception=kernel.PYROUTE2_IMPORT_ERROR,
        )
    version = kernel.pyroute2_version()
    if version and version < kernel.OLDEST_PYROUTE2:
        module.fail_json(
            msg=f"pyroute2 {kernel.PYROUTE2_VERSION} is too old {PYROUTE2_REASON};"
            " install a later one."
        )
    return True


def connect(module: AnsibleModule) -> Links | ProcLinks:
    """Start a conversation with rtnetlink, or in check mode on an unprepared host with /proc."""
    if has_pyroute2(module):
        return Links()
    module.warn(
        "pyroute2 is not installed yet: the check reads addresses and routes from /proc, and does"
        " not see labels, nor whether the change would be refused."
    )
    return ProcLinks()


def run_routes(
    module: AnsibleModule,
    family: str,
    plan: Callable[[Links | ProcLinks, Sequence[DefaultRoute]], Sequence[Step]],
    before_change: Callable[[], None],
) -> None:
    """Read default routes, plan, change, and end the module with the result."""
    done: list[Step] = []
    try:
        with connect(module) as links:
            have = links.default_routes(family)
            steps = plan(links, have)
            if isinstance(links, Links) and not module.check_mode:
                if steps:
                    before_change()
                for step in steps:
                    links.do(step)
                    done.append(step)
    except ModelError as error:
        _fail(module, error, done)
    module.exit_json(**_result(have, after_steps(have, steps), steps))


def run_addresses(
    module: AnsibleModule,
    wanted: Sequence[WantedAddress],
    plan: Callable[[Sequence[Address], Collection[Place], Collection[str]], Sequence[Step]],
    owned: OwnedAddresses | None = None,
) -> None:
    """Change the addresses of interfaces, and end the module with the result."""
    module.exit_json(**change_addresses(module, wanted, plan, owned))


def change_addresses(
    module: AnsibleModule,
    wanted: Sequence[WantedAddress],
    plan: Callable[[Sequence[Address], Collection[Place], Collection[str]], Sequence[Step]],
    owned: OwnedAddresses | None = None,
) -> dict[str, Any]:
    """Read the addresses of interfaces, plan, change, and return the result.

    With an owner's list, the result tells of the owner's addresses and of those that are wanted.

    The plan is given the addresses, those of the owner, and the interfaces on which the kernel
    keeps secondary addresses. C(owned) is the list that gets to know of an owner's steps.
    """
    done: list[Step] = []
    try:
        with _alone(module, owned), connect(module) as links:
            mine = set(owned.read()) if owned else set()
            there = {name for _index, name in socket.if_nameindex()}
            used = {*(entry.interface for entry in wanted), *(place.interface for place in mine)}
            interfaces = there & used
            have = links.addresses(interfaces)
            keeps = promoting(interfaces)
            steps = plan(have, mine, keeps)
            refuse_edges(have, steps)
            if isinstance(links, Links):
                refuse_cut_by_address(find_connection(links), have, steps, promoting=keeps)
            if isinstance(links, Links) and not module.check_mode:
                with _listed(owned, mine, steps, done):
                    _change_addresses(links, have, steps, done)
    except ModelError as error:
        _fail(module, error, done)
    after = after_steps(have, [step for step in steps if step.is_for_kernel])
    if owned is None:
        return _result(have, after, steps)
    later = owned_after(mine, steps)
    return _result(_of_owner(have, mine, wanted), _of_owner(after, later, wanted), steps)


def _alone(module: AnsibleModule, owned: OwnedAddresses | None) -> AbstractContextManager[None]:
    """Keep the owner's program away while addresses are read and changed."""
    return owned.locked() if owned and not module.check_mode else nullcontext()


@contextmanager
def _listed(
    owned: OwnedAddresses | None, mine: set[Place], steps: Sequence[Step], done: Sequence[Step]
) -> Iterator[None]:
    """Keep the owner's list while changes are made.

    It has what is added before it is there, and what is deleted until it is gone: wherever this
    ends, it lacks no address of the owner's.
    """
    listed = owned_after(mine, [step for step in steps if step.action in (ADD, ADOPT)]) | mine
    if owned is not None and listed != mine:
        owned.change(add=listed - mine)
    try:
        yield
    finally:
        gone = listed - owned_after(mine, done)
        if owned is not None and gone:
            owned.change(drop=gone)


def _change_addresses(
    links: Links, have: Sequence[Address], steps: Sequence[Step], done: list[Step]
) -> None:
    """Make all changes, and tell of those that are done."""
    try:
        for step in steps:
            if step.is_for_kernel:
                links.do(step)
            done.append(step)
    except ModelError:
        _put_back(links, have, after_steps(have, [s for s in steps if s.is_for_kernel]), done)
        raise


def _put_back(
    links: Links, have: Sequence[Address], after: Sequence[Address], done: list[Step]
) -> None:
    """Add again what was deleted for something that the kernel refused, or with something else."""
    taken = {step.before for step in done if step.action == DELETE and step.owned}
    interfaces = {entry.interface for entry in have}
    lost: Sequence[Address] = ()
    with suppress(ModelError):
        lost = missing(have, links.addresses(interfaces), after)
    for step in [Step(ADD, after=entry, owned=entry in taken) for entry in lost]:
        with suppress(ModelError):
            links.do(step)
            done.append(step)


@dataclass(frozen=True)
class _Shown:
    """An address, and whether it is the owner's."""

    address: Address
    owned: bool

    @property
    def order(self) -> tuple[Any, ...]:
        return self.address.order

    def as_result(self) -> dict[str, Any]:
        return {**self.address.as_result(), "owned": self.owned}

    def as_line(self) -> str:
        line = self.address.as_line()
        return f"{line.rstrip()} owned\n" if self.owned else line


def _of_owner(
    addresses: Sequence[Address], owned: Collection[Place], wanted: Sequence[WantedAddress]
) -> list[_Shown]:
    return [
        _Shown(address, address.place in owned)
        for address in addresses
        if address.place in owned or any(entry.is_at(address) for entry in wanted)
    ]


def _fail(module: AnsibleModule, error: ModelError, done: Sequence[Step]) -> NoReturn:
    fail(module, error, changed=bool(done), operations=[step.as_result() for step in done])


def _result(before: Sequence[Any], after: Sequence[Any], steps: Sequence[Step]) -> dict[str, Any]:
    before = sorted(before, key=lambda item: item.order)
    after = sorted(after, key=lambda item: item.order)
    return {
        "changed": bool(steps),
        "before": [item.as_result() for item in before],
        "after": [item.as_result() for item in after],
        "operations": [step.as_result() for step in steps],
        "diff": {
            "before": "".join(item.as_line() for item in before),
            "after": "".join(item.as_line() for item in after),
        },
    }
