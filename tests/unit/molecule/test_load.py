# Copyright (c) 2026, The lvs.cluster authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""molecule/load: what it says of the connections that a director has."""

from __future__ import annotations

from typing import Any

import pytest
from load import Load

GOING = '[[40000, "10.0.0.100"], [40000, "fd00:10::100"], [40001, "10.0.0.101"]]'
TABLE = """\
IPVS connection entries
pro expire state       source             virtual            destination
TCP 14:59  ESTABLISHED 192.168.0.109:40000 10.0.0.100:80 192.168.137.131:80
TCP 14:59  ESTABLISHED [fd00::109]:40000 [fd00:10::100]:80 [fd00:137::131]:80
TCP 14:59  ESTABLISHED 192.168.0.109:40001 10.0.0.101:80 192.168.137.132:80
"""


class Node:
    """A host that answers each command with a text, and has each file."""

    exists = True

    def __init__(self, answer: str = "") -> None:
        """Take the answer."""
        self.answer = answer

    def check_output(self, _command: str) -> str:
        """Give it."""
        return self.answer

    def file(self, path: str) -> Node:
        """Give a file: what the clients say has begun, and nothing that went wrong."""
        return Node("" if path.endswith(".told") else GOING)

    @property
    def content_string(self) -> str:
        """Give what is in it."""
        return self.answer


@pytest.fixture
def clients() -> Load:
    """Clients whose downloads have begun: two from the same port, to several addresses."""
    client: Any = Node()
    return Load(client, ["10.0.0.100"], requests=0, rate=1, downloads=3).__enter__()


@pytest.mark.parametrize(
    ("gone", "unknown"),
    [
        (None, set()),
        ("fd00::109", {40000}),
        ("10.0.0.100:80", {40000}),
        ("10.0.0.101:80", {40001}),
    ],
)
def test_a_connection_is_known_by_port_and_address(
    clients: Load, gone: str | None, unknown: set[int]
) -> None:
    """One to another address has the same port, and is not taken for it."""
    lines = [line for line in TABLE.splitlines() if gone is None or gone not in line]
    director: Any = Node("\n".join(lines))
    assert clients.unknown_to(director) == unknown
    assert clients.known_to(director) is (unknown == set())


def test_a_connection_that_has_ended_is_not_known(clients: Load) -> None:
    """It may be in the table for a while."""
    director: Any = Node(TABLE.replace("ESTABLISHED 192.168.0.109:40001", "FIN_WAIT x:40001"))
    assert clients.unknown_to(director) == {40001}
