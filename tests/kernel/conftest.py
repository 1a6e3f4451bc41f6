# Copyright (c) 2025, The lvs.cluster authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The node for all tests, and a clean table for each."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from libraries import LIBRARIES, Library
from link_witness import Links, fresh_links
from node import Node
from witness import Ipvs, Settings


@pytest.fixture(scope="session")
def node() -> Iterator[Node]:
    """Give the lab's node."""
    with Node() as node:
        yield node


@pytest.fixture(scope="session", params=LIBRARIES, ids=lambda library: library.version)
def link_node(request: pytest.FixtureRequest, node: Node) -> Iterator[Node]:
    """Give the node with each version of pyroute2 that the modules for links may meet."""
    library: Library = request.param
    assert node.path  # it has prepared the machine for all of them
    with Node(library) as other:
        shown = other.command(
            "env", f"PYTHONPATH={other.path}", other.python, "-c",
            "import importlib.metadata; print(importlib.metadata.version('pyroute2'))",
        )  # fmt: skip
        assert shown.strip() == library.version
        yield other


@pytest.fixture
def links(link_node: Node) -> Iterator[Links]:
    """Give a fresh pair of interfaces, by each version of pyroute2."""
    with fresh_links(link_node) as links:
        yield links


@pytest.fixture
def ipvs(node: Node) -> Iterator[Ipvs]:
    """Give the modules and the witness of the table, which is empty at first."""
    node.command("ipvsadm", "-C")
    yield Ipvs(node)
    node.command("ipvsadm", "-C")


@pytest.fixture
def settings(node: Node) -> Iterator[Settings]:
    """Give the modules and the witness of timeouts and daemons, which are as after a boot."""
    reset = (
        "ipvsadm -C; ipvsadm --set 900 120 300;"
        " for role in master backup; do ipvsadm --stop-daemon $role 2>/dev/null || true; done"
    )
    node.command("sh", "-c", reset)
    yield Settings(node)
    node.command("sh", "-c", reset)
