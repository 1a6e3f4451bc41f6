# Copyright (c) 2025, The lvs.cluster authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Changes that would cut the connection that a task came by are refused."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from ansible_collections.lvs.cluster.plugins.module_utils._link.guard import (
    refuse_cut_by_address,
    refuse_cut_by_gateway,
    ssh_endpoints,
)
from ansible_collections.lvs.cluster.plugins.module_utils._link.model import (
    Address,
    Connection,
    DefaultRoute,
    LinkError,
    Match,
    Step,
)

CLIENT = "198.51.100.7"
A = DefaultRoute("10.0.0.1", "eth0", 0, "ipv4")
B = DefaultRoute("10.0.0.2", "eth0", 100, "ipv4")
DEFAULT = Match(0, "10.0.0.1", "eth0")


@pytest.mark.parametrize(
    ("route", "steps", "refused"),
    [
        (DEFAULT, [Step("edit", A, DefaultRoute("10.0.0.3", "eth0", 0, "ipv4"))], True),
        (DEFAULT, [Step("delete", A)], True),
        (DEFAULT, [Step("delete", B)], False),
        (DEFAULT, [Step("add", after=DefaultRoute("10.0.0.3", "eth0", 50, "ipv4"))], False),
        (DEFAULT, [], False),
        (Match(24, "10.0.0.1", "eth0"), [Step("delete", A)], False),
        (Match(0, "10.0.0.1", "eth0", table=100), [Step("delete", A)], False),
        (None, [Step("delete", A)], False),
    ],
)
def test_gateways_that_carry_the_connection(
    route: Match | None, steps: Sequence[Step], refused: bool
) -> None:
    """Only a change of the very route back is refused."""
    connection = Connection(CLIENT, "10.0.0.9", route)
    if not refused:
        refuse_cut_by_gateway(connection, [A, B], steps)
        return
    with pytest.raises(LinkError, match=f"ip route add {CLIENT} via 10.0.0.1 dev eth0"):
        refuse_cut_by_gateway(connection, [A, B], steps)


def test_the_last_gateway_carries_the_connection() -> None:
    """Without any default route the answers would go nowhere."""
    with pytest.raises(LinkError, match="would go nowhere"):
        refuse_cut_by_gateway(Connection(CLIENT, "10.0.0.9", DEFAULT), [A], [Step("delete", A)])


ARRIVED = Address("10.0.0.9", 24, "eth0", "eth0")
FIRST = Address("10.0.0.8", 24, "eth0", "eth0")


@pytest.mark.parametrize(
    ("client", "steps", "promote", "refused"),
    [
        (CLIENT, [Step("delete", ARRIVED)], False, True),
        (CLIENT, [Step("delete", Address("10.0.0.7", 24, "eth0"))], True, False),
        (CLIENT, [Step("add", after=Address("198.51.100.1", 24, "eth0"))], False, True),
        (CLIENT, [Step("add", after=Address("198.51.100.1", 32, "eth0"))], False, False),
        (CLIENT, [Step("add", after=Address(CLIENT, 32, "lo"))], False, True),
        ("10.0.0.5", [Step("delete", FIRST)], True, True),
    ],
)
def test_addresses_that_carry_the_connection(
    client: str, steps: Sequence[Step], promote: bool, refused: bool
) -> None:
    """Neither the address that the connection arrived at nor its way back is touched."""
    local = client.startswith("10.")
    route = Match(24, "", "eth0", source="10.0.0.8") if local else DEFAULT
    connection = Connection(client, "10.0.0.9", route)
    if not refused:
        refuse_cut_by_address(
            connection, [FIRST, ARRIVED], steps, promoting=["eth0"] if promote else []
        )
        return
    with pytest.raises(LinkError, match="would cut the connection that this task came by"):
        refuse_cut_by_address(
            connection, [FIRST, ARRIVED], steps, promoting=["eth0"] if promote else []
        )


def test_secondaries_that_carry_the_connection() -> None:
    """The kernel deletes the others of a network with its first address."""
    second = Address("10.0.0.9", 24, "eth0", "eth0", secondary=True)
    connection = Connection(CLIENT, "10.0.0.9", DEFAULT)
    with pytest.raises(LinkError, match=r"it arrived at 10\.0\.0\.9"):
        refuse_cut_by_address(connection, [FIRST, second], [Step("delete", FIRST)], promoting=[])
    refuse_cut_by_address(connection, [FIRST, second], [Step("delete", FIRST)], promoting=["eth0"])


@pytest.mark.parametrize(
    ("value", "endpoints"),
    [
        ("198.51.100.7 50000 10.0.0.9 22", ("198.51.100.7", "10.0.0.9")),
        ("::ffff:198.51.100.7 50000 ::ffff:10.0.0.9 22", ("198.51.100.7", "10.0.0.9")),
        ("fe80::1%eth0 50000 fe80::2%eth0 22", None),
        ("UNKNOWN 65535 UNKNOWN 65535", None),
    ],
)
def test_ssh_endpoints(
    monkeypatch: pytest.MonkeyPatch, value: str, endpoints: tuple[str, str] | None
) -> None:
    """What sshd says of the connection."""
    monkeypatch.setenv("SSH_CONNECTION", value)
    assert ssh_endpoints() == endpoints
