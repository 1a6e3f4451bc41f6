# Copyright (c) 2026, The lvs.cluster authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Each single change of a plan refused by the kernel: nothing that it should have replaced goes."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from link_witness import Links, fresh_links
from node import Node
from test_interruptions import AFTER, BEFORE, working
from test_virtual_ips import add, on
from witness import Ipvs


def test_of_a_table(ipvs: Ipvs, node: Node) -> None:
    """No service loses a server while an addition is missing."""
    wanted: dict[str, Any] = {"services": AFTER, "prune": "all"}
    ipvs.run("ipvs_table", services=BEFORE, prune="all")
    before = ipvs.rules()
    plan = ipvs.run("ipvs_table", **wanted)["operations"]
    after = ipvs.rules()
    served = [
        key for key, servers in working(before).items() if servers and working(after).get(key)
    ]
    assert len(served) == 11
    for number, refused in enumerate(plan):
        node.command("ipvsadm", "-C")
        ipvs.add(*before)
        result = node.refused_module("ipvs_table", wanted, write=number)
        assert result["failed"] is True, result
        now = ipvs.rules()
        assert [key for key in served if not working(now)[key]] == [], refused
        done = [step["action"] for step in result["operations"]]
        assert "delete" not in done or refused["action"] == "delete", refused
    assert ipvs.run("ipvs_table", **wanted)["changed"] is True
    assert ipvs.rules() == after


@pytest.mark.parametrize("module", ["ipvs_real_server", "ipvs_service"])
def test_of_one_item(ipvs: Ipvs, node: Node, module: str) -> None:
    """It stays as it was."""
    ipvs.add("-A -t 192.168.0.111:80 -s rr", "-a -t 192.168.0.111:80 -r 192.168.137.1:80 -m -w 1")
    key = {"virtual_address": "192.168.0.111", "virtual_port": 80}
    server = {"address": "192.168.137.1"} if module == "ipvs_real_server" else {}
    edit = {"weight": 2} if server else {"scheduler": "wrr"}
    before = ipvs.rules()
    for wanted in (edit, {"state": "absent"}):
        result = node.refused_module(module, {**key, **server, **wanted}, write=0)
        assert (result["failed"], result["changed"], result["operations"]) == (True, False, [])
        assert ipvs.rules() == before
    assert node.command("nft", "list", "tables") == ""


@pytest.fixture
def own_links(node: Node) -> Iterator[Links]:
    """Give a fresh pair of interfaces, by the version of pyroute2 that the node has."""
    with fresh_links(node) as links:
        yield links


def test_of_addresses(own_links: Links) -> None:
    """What was there and should be stays, if need be in its old form; the list knows of all."""
    own = "10.9.0.9/24"
    former = [
        {"address": "10.9.0.1/24", "interface": "lvs0", "label": "lvs0:a"},
        *on("lvs0", "10.9.0.2/24", "10.9.0.3/32", "fd09::1/64", "fd09::2"),
    ]
    wanted = [
        # Another label, another prefix length of IPv6: they cannot be there beside the old one.
        {"address": "10.9.0.1/24", "interface": "lvs0", "label": "lvs0:b"},
        *on("lvs0", "10.9.0.2/24", "fd09::1/128", "fd09::3"),
    ]
    arguments: dict[str, Any] = {"owner": "one", "addresses": wanted, "prune": True}
    lasting = {"10.9.0.9", "10.9.0.1", "10.9.0.2", "fd09::1"}
    number, result = 0, {"failed": True}
    while result.get("failed"):
        own_links.node.module("virtual_ips", {"owner": "one", "state": "absent"})
        own_links.node.try_command("ip", "address", "delete", own, "dev", "lvs0")
        own_links.node.module("virtual_ips", {"owner": "one", "addresses": former})
        add(own_links, own)
        before = own_links.addresses()
        result = own_links.node.refused_module("virtual_ips", arguments, write=number)
        now = {entry.split("/")[0] for entry in own_links.addresses()}
        assert lasting <= now, f"write {number}: {result}"
        listed = {line.split("/")[0] for line in own_links.lists("one")}
        assert now - {"10.9.0.9"} <= listed, f"write {number}: {result}"
        if result.get("failed") and number == 0:
            assert own_links.addresses() == before
        number += 1
    assert {entry.split("/")[0] for entry in own_links.addresses()} == lasting | {"fd09::3"}
    assert number > 6


def test_of_a_default_route(own_links: Links) -> None:
    """The host keeps the one that it has."""
    add(own_links, "10.9.0.9/24")
    own_links.run("default_gateway", gateway="10.9.0.1")
    before = own_links.routes()
    wanted = {"gateway": "10.9.0.2"}
    result = own_links.node.refused_module("default_gateway", wanted, write=0)
    assert (result["failed"], result["changed"]) == (True, False)
    assert own_links.routes() == before
    assert own_links.run("default_gateway", **wanted)["changed"] is True
