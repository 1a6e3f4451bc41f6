# Copyright (c) 2025, The lvs.cluster authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The modules for links under test, with ip as the witness."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from node import NO_SSH, Node

LISTS = "/run/lvs-cluster"


class Links:
    """Runs modules on a pair of interfaces of their own, and reads them back by ip."""

    def __init__(self, node: Node) -> None:
        self.node = node

    def addresses(self, interface: str = "lvs0") -> set[str]:
        """Return the addresses of an interface, without the link's own."""
        (shown,) = json.loads(self.node.command("ip", "-j", "address", "show", "dev", interface))
        return {
            f"{entry['local']}/{entry['prefixlen']} {entry.get('label', '')}".strip()
            for entry in shown["addr_info"]
            if entry["scope"] != "link"
        }

    def routes(self) -> list[str]:
        """Return the default routes by way of the pair."""
        lines = []
        for family in ("-4", "-6"):
            shown = self.node.command("ip", family, "route", "show", "default", "dev", "lvs0")
            lines += [line.replace(" proto static", "") for line in shown.splitlines()]
        return [line.replace(" pref medium", "").strip() for line in lines]

    def all(self) -> str:
        """Return all addresses and routes, and what belongs to whom."""
        lists = f"grep -rs . {LISTS} || true"
        return self.node.command("sh", "-c", f"ip -o address; ip route; ip -6 route; {lists}")

    def lists(self, owner: str) -> list[str]:
        """Return the lines of an owner's list of addresses."""
        done = self.node.try_command("cat", f"{LISTS}/{owner}.addresses")
        return done.out.splitlines()

    def run(self, module: str, *, ssh: str = "", **arguments: Any) -> dict[str, Any]:
        """Run a module in check mode, for real, and again."""
        environment = {"SSH_CONNECTION": ssh or NO_SSH}
        before = self.all()
        predicted = self.node.module(module, arguments, check=True, environment=environment)
        assert not predicted.get("failed"), predicted
        assert self.all() == before
        result = self.node.module(module, arguments, environment=environment)
        assert not result.get("failed"), result
        assert (self.all() != before) == result["changed"], result
        for part in ("changed", "before", "after", "operations", "diff"):
            assert predicted[part] == result[part], part
        again = self.node.module(module, arguments, environment=environment)
        assert (again["changed"], again["operations"]) == (False, [])
        assert again["before"] == again["after"] == result["after"]
        return result

    def refuse(self, module: str, *said: str, ssh: str = "", **arguments: Any) -> None:
        """Run a module that must fail in one sentence and change nothing."""
        before = self.all()
        result = self.node.module(module, arguments, environment={"SSH_CONNECTION": ssh or NO_SSH})
        assert result.get("failed") is True, result
        for words in said:
            assert words in result["msg"], result["msg"]
        assert self.all() == before


@contextmanager
def fresh_links(node: Node) -> Iterator[Links]:
    """Give a fresh pair of interfaces, and no lists of owners."""
    # Default routes by way of the pair are preferred to those that the node has. A run that was
    # killed may have left a pair.
    node.try_command("ip", "link", "delete", "lvs0")
    node.command(
        "sh",
        "-ec",
        f"rm -rf {LISTS}; ip link add lvs0 type veth peer name lvs1;"
        " ip link set lvs0 addrgenmode none up; ip link set lvs1 addrgenmode none up;"
        " sysctl -qw net.ipv4.conf.lvs0.promote_secondaries=0"
        " net.ipv4.conf.all.promote_secondaries=0",
    )
    try:
        yield Links(node)
    finally:
        node.command("sh", "-ec", f"ip link delete lvs0; rm -rf {LISTS}")
