# Copyright (c) 2025, The lvs.cluster authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""virtual_ips on a real kernel, with ip as the witness."""

from __future__ import annotations

import signal
from typing import Any

from link_witness import LISTS, Links


def on(interface: str, *addresses: str) -> list[dict[str, Any]]:
    """Return addresses as the module is given them."""
    return [{"address": address, "interface": interface} for address in addresses]


def give(links: Links, *addresses: str, owner: str = "one", **arguments: Any) -> dict[str, Any]:
    """Run the module for addresses on lvs0."""
    return links.run("virtual_ips", owner=owner, addresses=on("lvs0", *addresses), **arguments)


def add(links: Links, *addresses: str, interface: str = "lvs0") -> None:
    """Let the host have addresses of its own accord."""
    for address in addresses:
        links.node.command(
            "ip", "address", "add", address, "dev", interface, *(["nodad"] * (":" in address))
        )


def places(links: Links, interface: str = "lvs0") -> set[str]:
    """Return the addresses of an interface, without labels."""
    return {entry.split()[0] for entry in links.addresses(interface)}


def test_many_at_once(links: Links) -> None:
    """Addresses of both families on several interfaces come in one task, and are listed."""
    addresses = [
        {"address": "10.9.0.1/24", "interface": "lvs0", "label": "lvs0:vip"},
        *on("lvs0", *(f"10.9.0.{last}/24" for last in range(2, 60))),
        *on("lvs1", "10.9.1.1", "fd09::1", "FD09:0:0:1::1/64"),
    ]
    result = links.run("virtual_ips", owner="one", addresses=addresses)
    assert len(result["operations"]) == len(addresses)
    assert {step["effect"] for step in result["operations"]} == {"none"}
    assert all(entry["owned"] for entry in result["after"])
    assert "10.9.0.1/24 lvs0:vip" in links.addresses()
    assert places(links) == {f"10.9.0.{last}/24" for last in range(1, 60)}
    assert places(links, "lvs1") == {"10.9.1.1/32", "fd09::1/128", "fd09:0:0:1::1/64"}
    assert len(links.lists("one")) == len(addresses)
    assert "10.9.0.1/24 lvs0" in links.lists("one")
    assert links.node.command("stat", "-c", "%a", LISTS, f"{LISTS}/one.addresses") == "755\n644\n"
    shown = links.node.command("ip", "-6", "-o", "address", "show", "dev", "lvs1")
    assert "tentative" not in shown
    deprecated = links.node.command(
        "ip", "-6", "-o", "address", "show", "dev", "lvs1", "deprecated"
    )
    assert ("fd09::1/128" in deprecated, "/64" in deprecated) == (True, False)
    links.run("virtual_ips", owner="one", state="absent")
    assert places(links) == places(links, "lvs1") == set()
    assert links.lists("one") == []


def test_prune_takes_only_what_its_owner_had_added(links: Links) -> None:
    """Not what the host has, and not what another owner has added."""
    add(links, "10.9.0.7/24", "fd09::7/64")
    give(links, "10.9.0.1/32", "10.9.0.2/32", "fd09::1")
    give(links, "10.9.0.3/32", owner="two", prune=True)
    give(links, "10.9.0.1/32")
    assert len(places(links)) == 6
    result = give(links, "10.9.0.1/32", prune=True)
    assert [step["action"] for step in result["operations"]] == ["delete", "delete"]
    assert {step["effect"] for step in result["operations"]} == {"drops connections"}
    assert places(links) == {"10.9.0.7/24", "fd09::7/64", "10.9.0.1/32", "10.9.0.3/32"}
    assert (links.lists("one"), links.lists("two")) == (["10.9.0.1/32 lvs0"], ["10.9.0.3/32 lvs0"])
    links.run("virtual_ips", owner="one", state="absent")
    links.run("virtual_ips", owner="two", prune=True)
    assert places(links) == {"10.9.0.7/24", "fd09::7/64"}


def test_what_the_host_has_stays(links: Links) -> None:
    """It will do, as it is, and does not become the owner's, whatever is asked for."""
    add(links, "10.9.0.1/24", "fd09::1/64")
    label = {"address": "10.9.0.1/24", "interface": "lvs0", "label": "lvs0:1"}
    result = links.run("virtual_ips", owner="one", addresses=[label, *on("lvs0", "fd09::1/128")])
    assert result["changed"] is False
    assert [entry["owned"] for entry in result["after"]] == [False, False]
    give(links, "10.9.0.1/32")
    assert places(links) == {"10.9.0.1/24", "10.9.0.1/32", "fd09::1/64"}
    links.run("virtual_ips", owner="one", state="absent")
    assert places(links) == {"10.9.0.1/24", "fd09::1/64"}


def test_the_owners_own_is_changed(links: Links) -> None:
    """Its prefix length and its label follow what is asked for."""
    give(links, "10.9.0.1/32", "fd09::1")
    give(links, "10.9.0.1/24", "fd09::1/64")
    assert places(links) == {"10.9.0.1/24", "fd09::1/64"}
    label = {"address": "10.9.0.1/24", "interface": "lvs0", "label": "lvs0:1"}
    links.run("virtual_ips", owner="one", addresses=[label])
    assert "10.9.0.1/24 lvs0:1" in links.addresses()
    assert sorted(links.lists("one")) == ["10.9.0.1/24 lvs0", "fd09::1/64 lvs0"]


def test_addresses_of_one_network(links: Links) -> None:
    """The kernel deletes a network's others with its first one; those that stay come back."""
    give(links, "10.9.0.1/24", "10.9.0.2/24")
    add(links, "10.9.0.3/24")
    give(links, "10.9.0.4/24", "10.9.0.5/24")
    give(links, "10.9.0.5/24", prune=True)
    assert places(links) == {"10.9.0.3/24", "10.9.0.5/24"}
    assert links.lists("one") == ["10.9.0.5/24 lvs0"]


def test_adopt_and_release(links: Links) -> None:
    """What VRRP gave becomes the owner's, and is left to it again, without being touched."""
    add(links, "10.9.0.1/24", "fd09::1/64")
    kernel = links.node.command("ip", "-o", "address")
    wanted = ("10.9.0.1/24", "fd09::1/64")
    result = give(links, *wanted, adopt=True)
    assert [step["action"] for step in result["operations"]] == ["adopt", "adopt"]
    assert result["diff"]["after"].count(" owned\n") == 2
    assert sorted(links.lists("one")) == ["10.9.0.1/24 lvs0", "fd09::1/64 lvs0"]
    result = give(links, "10.9.0.1/24", release=["FD09::1"], prune=True)
    assert [step["action"] for step in result["operations"]] == ["release"]
    result = links.run("virtual_ips", owner="one", release=["10.9.0.1"], state="absent")
    assert {step["effect"] for step in result["operations"]} == {"none"}
    assert links.lists("one") == []
    assert links.node.command("ip", "-o", "address") == kernel


def test_what_is_gone_is_no_longer_the_owners(links: Links) -> None:
    """An address that somebody else deleted, and one whose interface is gone."""
    give(links, "10.9.0.1/32", "10.9.0.2/32")
    links.node.command("ip", "address", "delete", "10.9.0.1/32", "dev", "lvs0")
    links.node.command("sh", "-c", f"echo 10.9.0.3/32 gone0 >> {LISTS}/one.addresses")
    result = give(links, "10.9.0.2/32", prune=True)
    assert [step["action"] for step in result["operations"]] == ["release", "release"]
    assert links.lists("one") == ["10.9.0.2/32 lvs0"]


def test_what_carries_the_connection_stays(links: Links) -> None:
    """Nothing at all is done where one of the changes would cut it."""
    give(links, "10.9.0.1/24", "10.9.0.2/32")
    links.node.command("ip", "route", "add", "default", "via", "10.9.0.254", "metric", "1")
    words = "the change would cut the connection that this task came by"
    ssh = "10.9.0.7 50000 10.9.0.1 22"
    links.refuse("virtual_ips", words, "10.9.0.1", ssh=ssh, owner="one", state="absent")
    links.refuse(
        "virtual_ips", words, "198.51.100.1/24", ssh="198.51.100.7 50000 10.9.0.1 22", owner="one",
        addresses=on("lvs0", "10.9.0.3", "198.51.100.1/24"),
    )  # fmt: skip
    # To note whose an address is cuts nothing.
    links.run("virtual_ips", ssh=ssh, owner="one", release=["10.9.0.1"], prune=True)
    links.run("virtual_ips", ssh=ssh, owner="one", addresses=on("lvs0", "10.9.0.1/24"), adopt=True)
    assert places(links) == {"10.9.0.1/24"}


def test_a_list_that_cannot_be_read(links: Links) -> None:
    """Nothing is done on a guess."""
    give(links, "10.9.0.1/32")
    links.node.command("sh", "-c", f"echo junk >> {LISTS}/one.addresses")
    links.refuse("virtual_ips", "one.addresses", "'junk'", owner="one", state="absent")


def test_killed_at_every_write(links: Links) -> None:
    """No address of the owner's is ever missing in its list; the next run converges."""
    add(links, "10.9.0.9/24")
    former = on("lvs0", "10.9.0.1/32", "10.9.0.2/32", "fd09::1")
    wanted = on("lvs0", "10.9.0.1/32", "10.9.0.3/24", "fd09::3/64")
    arguments: dict[str, Any] = {"owner": "one", "addresses": wanted, "prune": True}
    host = places(links)
    done, writes = None, 0
    while done is None or done.rc == -signal.SIGKILL:
        links.run("virtual_ips", owner="one", state="absent")
        links.run("virtual_ips", owner="one", addresses=former)
        done = links.node.killed_module("virtual_ips", arguments, writes=writes)
        listed = {line.split()[0] for line in links.lists("one")}
        assert places(links) - host <= listed, f"after {writes} writes"
        links.run("virtual_ips", **arguments)
        assert places(links) - host == {"10.9.0.1/32", "10.9.0.3/24", "fd09::3/64"}
        writes += 1
    # The list, two that are added, two that are deleted, and the list again.
    assert writes - 1 == 6
