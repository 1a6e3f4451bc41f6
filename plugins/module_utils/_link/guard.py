# Copyright (c) 2025, The lvs.cluster authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The connection that a task came by, and changes that would cut it.

Private to the collection: names and behaviour may change in any release.
"""

from __future__ import annotations

import os
from collections.abc import Collection, Sequence
from pathlib import Path

from .._values import canonical_address, in_network, packed_address
from .kernel import Links
from .model import BITS, RT_TABLE_MAIN, Address, Connection, DefaultRoute, LinkError, Step
from .plan import after_steps, secondaries


def find_connection(links: Links) -> Connection | None:
    """Return the SSH connection that this process came by, or None if there is none to be cut."""
    endpoints = ssh_endpoints()
    if endpoints is None:
        return None
    client, server = endpoints
    route = links.route_to(client, source=server) or links.route_to(client)
    if route is not None and route.local:
        return None
    return Connection(client, server, route)


def refuse_cut_by_gateway(
    connection: Connection | None, have: Sequence[DefaultRoute], steps: Sequence[Step]
) -> None:
    """Raise LinkError where the way back to the controller would be another, or none."""
    if connection is None or connection.route is None or not steps:
        return
    route = connection.route
    family = "ipv6" if ":" in connection.client else "ipv4"
    if route.prefix or route.table != RT_TABLE_MAIN:
        return
    if not have or have[0].family != family:
        return
    left = sorted(after_steps(have, steps), key=lambda entry: entry.metric)
    if left and (left[0].gateway, left[0].interface) == (route.gateway, route.interface):
        return
    now = f"{route.gateway or 'no gateway'} on {route.interface}"
    then = f"by way of {left[0].gateway} on {left[0].interface}" if left else "nowhere"
    via = f" via {route.gateway}" if route.gateway else ""
    raise _cut(
        steps[0],
        f"the way back to {connection.client} goes by the default route, by way of {now}, and would"
        f" go {then}",
        f"give {connection.client} a route of its own first, for example with ip route add"
        f" {connection.client}{via} dev {route.interface}, or connect by another way",
    )


def refuse_cut_by_address(
    connection: Connection | None,
    have: Sequence[Address],
    steps: Sequence[Step],
    *,
    promoting: Collection[str],
) -> None:
    """Raise LinkError where the connection would lose its address, or its way back."""
    if connection is None:
        return
    for step in steps:
        if not step.is_for_kernel:
            continue
        if isinstance(step.before, Address):
            lost = [step.before, *secondaries(have, step.before, promoting)]
            if any(entry.address == connection.server for entry in lost):
                raise _cut(
                    step,
                    f"it arrived at {connection.server}, which would be taken from"
                    f" {step.before.interface}",
                    "connect to another address of this host first",
                )
            if _carries(step.before, connection):
                raise _cut(
                    step,
                    f"the way back to {connection.client} is the network of {step.before.address}/"
                    f"{step.before.prefix} on {step.before.interface}",
                    "connect by another way",
                )
        if isinstance(step.after, Address) and _captures(step.after, connection):
            raise _cut(
                step,
                f"{connection.client} would be looked for in the network of {step.after.address}/"
                f"{step.after.prefix} on {step.after.interface}",
                "give the address with a longer prefix length, such as"
                f" {BITS[step.after.family]}, or connect by another way",
            )


def _cut(step: Step, how: str, advice: str) -> LinkError:
    return LinkError(
        step.item.as_line().strip(),
        field="",
        value=None,
        why=f"the change would cut the connection that this task came by: {how}",
        advice=advice,
    )


def _carries(address: Address, connection: Connection) -> bool:
    """Tell whether the way back is the link route that came with this address."""
    route = connection.route
    return (
        route is not None
        and not route.gateway
        and route.interface == address.interface
        and route.prefix == address.prefix
        and route.source == address.address
        and _holds(address, connection.client)
    )


def _captures(address: Address, connection: Connection) -> bool:
    """Tell whether the link route that comes with this address would be taken for the way back."""
    route = connection.route
    if address.address == connection.client:
        return True
    return (
        route is not None
        and address.prefix < BITS[address.family]
        and _holds(address, connection.client)
        and route.prefix < address.prefix
        and (route.gateway != "" or route.interface != address.interface)
    )


def _holds(address: Address, client: str) -> bool:
    return in_network(packed_address(client), packed_address(address.address), address.prefix)


def ssh_endpoints() -> tuple[str, str] | None:
    """Return the addresses of the SSH connection that this process came by: client and server.

    sudo and its like drop the variable that says so; then a parent has it.
    """
    value = os.environ.get("SSH_CONNECTION", "")
    pid = os.getpid()
    while not value and pid > 1:
        try:
            environment = Path(f"/proc/{pid}/environ").read_bytes().split(b"\0")
            status = Path(f"/proc/{pid}/status").read_text(encoding="utf-8", errors="replace")
        except OSError:
            return None
        for entry in environment:
            if entry.startswith(b"SSH_CONNECTION="):
                value = entry.partition(b"=")[2].decode("ascii", "replace")
        parents = [line for line in status.splitlines() if line.startswith("PPid:")]
        pid = int(parents[0].split()[1]) if parents else 0
    words = value.split()
    if len(words) != 4:
        return None
    client, server = (canonical_address(_unmapped(words[i])) for i in (0, 2))
    # An address with a zone is on a link, and no route has a say in it.
    return (client, server) if client and server else None


def _unmapped(address: str) -> str:
    prefix = "::ffff:"
    return address[len(prefix) :] if address.startswith(prefix) and "." in address else address
