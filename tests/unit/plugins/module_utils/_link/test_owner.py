# Copyright (c) 2025, The lvs.cluster authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What an owner has to give back is read, added to, and never half written."""

from __future__ import annotations

from pathlib import Path

import pytest
from ansible_collections.lvs.cluster.plugins.module_utils._link.model import Place
from ansible_collections.lvs.cluster.plugins.module_utils._link.owner import (
    ListError,
    OwnedAddresses,
    parse_owner,
    remember_routes,
    routes_to_add,
)
from ansible_collections.lvs.cluster.plugins.module_utils._values import ModelError

A = Place("10.0.0.1", 24, "eth0")
B = Place("fd00::1", 128, "lo")


def test_a_list(tmp_path: Path) -> None:
    """It begins with the first address, has each once, and is gone with the last one."""
    directory = tmp_path / "lvs-cluster"
    owned = OwnedAddresses("director", directory)
    assert owned.read() == []
    owned.change(add={A})
    owned.change(add=[A, B])
    path = directory / "director.addresses"
    assert path.read_text() == "10.0.0.1/24 eth0\nfd00::1/128 lo\n"
    assert [p.stat().st_mode & 0o777 for p in (directory, path)] == [0o755, 0o644]
    owned.change(add={A}, drop={A})
    owned.change(drop={A})
    assert OwnedAddresses("director", directory).read() == [B]
    owned.change(drop=[B])
    assert list(directory.iterdir()) == []


def test_a_list_that_a_program_has_written(tmp_path: Path) -> None:
    """However it spells an address, it is the one that the kernel shows."""
    (tmp_path / "one.addresses").write_text("FD00:0::1/128 lo\n\n10.0.0.1/24 eth0\n")
    assert OwnedAddresses("one", tmp_path).read() == [B, A]


@pytest.mark.parametrize(
    "line", ["junk", "10.0.0.1 eth0", "10.0.0.1/33 eth0", "10.0.0.1/24", "x/1 e"]
)
def test_a_list_that_makes_no_sense(tmp_path: Path, line: str) -> None:
    """The file and the line are named, and nothing is written."""
    path = tmp_path / "one.addresses"
    path.write_text(f"{line}\n")
    for act in (
        OwnedAddresses("one", tmp_path).read,
        lambda: OwnedAddresses("one", tmp_path).change(add={A}),
    ):
        with pytest.raises(ListError) as raised:
            act()
        assert (raised.value.item, raised.value.value) == (str(path), line)
    assert path.read_text() == f"{line}\n"


def test_a_directory_that_cannot_be_made(tmp_path: Path) -> None:
    """The file that cannot be written is named."""
    (tmp_path / "file").touch()
    with pytest.raises(ListError, match=r"one\.addresses: cannot be read|become"):
        OwnedAddresses("one", tmp_path / "file").change(add={A})


@pytest.mark.parametrize("name", ["", ".", "..", "../x", "a/b", "a b", "é", ".x"])
def test_bad_names(name: str) -> None:
    """A name that leads elsewhere is refused."""
    with pytest.raises(ModelError, match="is not a name for a file") as raised:
        parse_owner(name)
    assert (raised.value.field, raised.value.value) == ("owner", name)


def test_names() -> None:
    """What roles are called is fine."""
    assert parse_owner("nat-real-server_2.x") == "nat-real-server_2.x"


@pytest.mark.parametrize(
    ("shown", "routes"),
    [
        ("default via 10.0.0.1 dev eth0 proto dhcp metric 100 \n",
         ["default via 10.0.0.1 dev eth0 proto dhcp metric 100"]),
        ("default via 10.0.0.1 dev eth0 linkdown \n", ["default via 10.0.0.1 dev eth0"]),
        ("default via fe80::1 dev eth0 metric 5 expires 1790sec hoplimit 64\n",
         ["default via fe80::1 dev eth0 metric 5 hoplimit 64"]),
        ("default proto static \\\tnexthop via 10.0.0.1 dev a weight 1 dead linkdown"
         " \\\tnexthop via 10.0.0.2 dev b weight 1 \n",
         ["default proto static nexthop via 10.0.0.1 dev a weight 1"
          " nexthop via 10.0.0.2 dev b weight 1"]),
        ("default dev ppp0 scope link\ndefault via 10.0.0.1 dev eth0 metric 9\n",
         ["default dev ppp0 scope link", "default via 10.0.0.1 dev eth0 metric 9"]),
        ("", []),
        ("\n", []),
    ],
)  # fmt: skip
def test_routes(shown: str, routes: list[str]) -> None:
    """A route is what ip takes back: without the state it is in, with all of its next hops."""
    assert routes_to_add(shown) == routes


def test_routes_are_remembered_once(tmp_path: Path) -> None:
    """Those of before the first change, though there were none."""
    remember_routes("one", lambda: "", tmp_path)
    remember_routes("one", lambda: "default via 10.0.0.1 dev eth0\n", tmp_path)
    assert (tmp_path / "one.routes").read_text() == ""
    remember_routes("two", lambda: "default via 10.0.0.1 dev eth0 \n", tmp_path)
    assert (tmp_path / "two.routes").read_text() == "default via 10.0.0.1 dev eth0\n"
