"""What the lab reads out of an inventory."""

from __future__ import annotations

from typing import Any

import pytest
from lvs_lab.errors import LabError
from lvs_lab.topology import from_inventory


def inventory(**hosts: dict[str, Any]) -> dict[str, Any]:
    """Give what ansible-inventory would print for hosts on the networks front and back."""
    networks: dict[str, Any] = {"lab_networks": {"front": {}, "back": {}}}
    return {"_meta": {"hostvars": {name: {**networks, **own} for name, own in hosts.items()}}}


def test_a_host_with_interfaces_is_a_node() -> None:
    topology = from_inventory(
        inventory(
            rs1={
                "lab_interfaces": {
                    "eth2": {
                        "network": "back",
                        "addresses": ["192.168.137.131/24", "fd00::131/64"],
                    },
                    "eth1": {"network": "front", "gateway": "192.168.0.1"},
                }
            },
            elsewhere={},
        )
    )
    assert topology.networks == ("front", "back")
    (node,) = topology.nodes
    assert (node.name, node.management, node.root) == ("rs1", "198.18.0.11", "trixie")
    assert [link.name for link in node.interfaces] == ["eth1", "eth2"]
    assert node.interfaces[0].gateway == ("192.168.0.1",)
    assert node.interfaces[1].addresses == ("192.168.137.131/24", "fd00::131/64")


def test_a_node_may_have_what_the_roles_install() -> None:
    links = {"lab_interfaces": {"eth1": {"network": "front"}}}
    topology = from_inventory(inventory(rs1={**links, "lab_installed": True}, rs2=links))
    assert [topology.node(name).root for name in ("rs1", "rs2")] == ["trixie-installed", "trixie"]


def test_a_node_may_have_another_distribution_than_its_neighbour() -> None:
    """With the roles' packages or without; what the guest holds is not made again."""
    links = {"lab_interfaces": {"eth1": {"network": "front"}}}
    topology = from_inventory(
        inventory(
            a={**links, "lab_suite": "bookworm", "lab_installed": True},
            b={**links, "lab_suite": "bookworm"},
            c={**links, "lab_suite": "trixie"},
            d=links,
        )
    )
    roots = [node.root for node in topology.nodes]
    assert roots == ["bookworm-installed", "bookworm", "trixie", "trixie"]
    assert topology.other_roots() == ["bookworm", "bookworm-installed"]


@pytest.mark.parametrize("suite", ["buster", "Bookworm", "", 12, None, ["bookworm"]])
def test_a_distribution_that_the_lab_cannot_make_is_named(suite: object) -> None:
    listing = inventory(rs1={"lab_interfaces": {}, "lab_suite": suite})
    with pytest.raises(LabError) as raised:
        from_inventory(listing)
    assert str(raised.value) == f"rs1: lab_suite: {suite!r}: use one of bookworm, trixie, forky"


@pytest.mark.parametrize(
    ("suites", "roots"),
    [
        ("", ["bookworm", "trixie"]),
        ("forky", ["forky", "forky"]),
        ("b=forky", ["bookworm", "forky"]),
        ("trixie b=bookworm", ["trixie", "bookworm"]),
    ],
)
def test_a_run_may_ask_for_other_distributions(suites: str, roots: list[str]) -> None:
    """Than the inventory does: of all its hosts, or of one."""
    links: dict[str, Any] = {"lab_interfaces": {}}
    topology = from_inventory(inventory(a={**links, "lab_suite": "bookworm"}, b=links), suites)
    assert [node.root for node in topology.nodes] == roots


@pytest.mark.parametrize(
    ("suites", "complaint"),
    [
        ("etch", "a: lab_suite: 'etch': use one of bookworm, trixie, forky"),
        ("a=", "a: lab_suite: '': use one of bookworm, trixie, forky"),
        ("c=forky", "LVS_LAB_SUITE: 'c' is not a node: use one of a, b"),
    ],
)
def test_what_a_run_cannot_ask_for_is_named(suites: str, complaint: str) -> None:
    links: dict[str, Any] = {"lab_interfaces": {}}
    with pytest.raises(LabError) as raised:
        from_inventory(inventory(a=links, b=links, elsewhere={}), suites)
    assert str(raised.value) == complaint


def test_a_lab_has_as_many_processors_as_a_node_asks_for() -> None:
    """One, where none asks: the nodes of a lab have one kernel."""
    links: dict[str, Any] = {"lab_interfaces": {}}
    assert from_inventory(inventory(a=links, b=links)).processors == 1
    assert from_inventory(inventory(a=links, b={**links, "lab_processors": 2})).processors == 2


@pytest.mark.parametrize("number", [0, 9, -1, "2", 1.5, None, True, [2]])
def test_processors_that_the_lab_cannot_have_are_refused(number: object) -> None:
    with pytest.raises(LabError) as raised:
        from_inventory(inventory(rs1={"lab_interfaces": {}, "lab_processors": number}))
    assert str(raised.value) == f"rs1: lab_processors: {number!r}: use a number from 1 to 8"


def test_every_link_has_a_hardware_address_of_its_own_that_stays() -> None:
    two = inventory(
        a={"lab_interfaces": {"eth1": {"network": "front"}, "eth2": {"network": "back"}}},
        b={"lab_interfaces": {"eth1": {"network": "front"}}},
    )
    topology = from_inventory(two)
    macs = [link.mac for node in topology.nodes for link in node.interfaces]
    macs += [node.management_mac for node in topology.nodes]
    assert len(set(macs)) == len(macs)
    assert from_inventory(two) == topology


@pytest.mark.parametrize(
    ("interfaces", "complaint"),
    [
        ({"eth1": {"network": "side"}}, "network 'side' is not one of lab_networks"),
        ({"eth1": {"network": "front", "addresses": ["192.168.0.300/24"]}}, "192.168.0.300/24"),
        ({"eth1": {"network": "front", "gateway": "router"}}, "router"),
        ({"eth0": {"network": "front"}}, "other than eth0 and lo"),
        ({"interface-number-1": {"network": "front"}}, "at most 15 characters"),
    ],
)
def test_what_cannot_be_made_is_named(interfaces: dict[str, Any], complaint: str) -> None:
    with pytest.raises(LabError, match="rs1: lab_interfaces: ") as raised:
        from_inventory(inventory(rs1={"lab_interfaces": interfaces}))
    assert complaint in str(raised.value)


def test_a_network_name_that_cannot_be_a_bridge_is_rejected() -> None:
    listing = inventory(rs1={"lab_interfaces": {}})
    listing["_meta"]["hostvars"]["rs1"]["lab_networks"] = {"mgmt": {}}
    with pytest.raises(LabError, match="lab_networks: 'mgmt'"):
        from_inventory(listing)


def test_an_inventory_without_nodes_is_rejected() -> None:
    with pytest.raises(LabError, match="nothing to make"):
        from_inventory(inventory(elsewhere={}))


def test_an_unknown_node_is_answered_with_the_known_ones() -> None:
    topology = from_inventory(inventory(rs1={"lab_interfaces": {}}))
    with pytest.raises(LabError, match="no node 'rs9'; it has rs1"):
        topology.node("rs9")
