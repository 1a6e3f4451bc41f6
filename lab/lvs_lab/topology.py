"""From an Ansible inventory to the networks and nodes that a lab has to make. Pure."""

from __future__ import annotations

import ipaddress
import itertools
import json
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from lvs_lab.debian import SUITE, SUITES
from lvs_lab.errors import LabError

MANAGEMENT = ipaddress.ip_network("198.18.0.0/24")
"""By which the machine reaches the nodes (RFC 2544's range: no topology uses it)."""

MACHINE = MANAGEMENT[1]

GUEST = MANAGEMENT[2]

FIRST_NODE = 11

MAX_INTERFACE_NAME = 15

MAX_PROCESSORS = 8
"""CONFIG_NR_CPUS of the guest's kernel."""


@dataclass(frozen=True)
class Interface:
    """A node's link to one of the lab's networks."""

    name: str
    network: str
    mac: str
    addresses: tuple[str, ...]
    gateway: tuple[str, ...]


@dataclass(frozen=True)
class Node:
    """One host of the lab."""

    name: str
    management: str
    management_mac: str
    root: str
    """The file system that it starts from: a suite's, or that with what the roles install."""
    interfaces: tuple[Interface, ...]


@dataclass(frozen=True)
class Topology:
    """The networks and nodes of one inventory."""

    networks: tuple[str, ...]
    nodes: tuple[Node, ...]
    processors: int = 1
    """Of the guest, where the nodes have one."""

    def as_json(self) -> str:
        """Give the topology in the form that the engine in the guest takes."""
        return json.dumps(asdict(self), sort_keys=True)

    def other_roots(self) -> list[str]:
        """Give the file systems that the nodes start from, besides the one that the guest has."""
        return sorted({node.root for node in self.nodes} - {SUITE})

    def node(self, name: str) -> Node:
        """Give a node by its name."""
        for node in self.nodes:
            if node.name == name:
                return node
        known = ", ".join(node.name for node in self.nodes)
        raise LabError(f"the lab has no node {name!r}; it has {known}")


def from_inventory(inventory: Mapping[str, Any], suites: str = "") -> Topology:
    """Read what `ansible-inventory --list` prints.

    A host is a node of the lab when it has `lab_interfaces`; the networks stand
    in `lab_networks`. `suites` are words that go before `lab_suite`: one for all hosts,
    HOST=SUITE for one. Raises LabError for what cannot be made.
    """
    listed: Mapping[str, Any] = inventory.get("_meta", {}).get("hostvars", {})
    hosts = _with_suites(listed, suites)
    networks: list[str] = []
    nodes: list[Node] = []
    processors = 1
    for name in sorted(h for h in hosts if "lab_interfaces" in hosts[h]):
        processors = max(processors, _processors(name, hosts[name].get("lab_processors", 1)))
        declared = hosts[name].get("lab_networks", {})
        networks += [_network(n) for n in declared if n not in networks]
        number = FIRST_NODE + len(nodes)
        nodes.append(_node(name, number, hosts[name], networks))
    if not nodes:
        raise LabError("the inventory has no host with lab_interfaces: there is nothing to make")
    return Topology(tuple(networks), tuple(nodes), processors)


def _with_suites(hosts: Mapping[str, Any], suites: str) -> dict[str, Mapping[str, Any]]:
    """Give the hosts with the distributions that somebody asks for from outside the inventory."""
    asked = {name: suite for name, _, suite in (w.rpartition("=") for w in suites.split())}
    nodes = [name for name in hosts if "lab_interfaces" in hosts[name]]
    unknown = sorted(set(asked) - {"", *nodes})
    if unknown:
        raise LabError(
            f"LVS_LAB_SUITE: {unknown[0]!r} is not a node: use one of {', '.join(sorted(nodes))}"
        )
    everywhere = {"lab_suite": asked.pop("")} if "" in asked else {}
    return {
        name: {**host, **everywhere, **({"lab_suite": asked[name]} if name in asked else {})}
        for name, host in hosts.items()
    }


def _processors(name: str, number: object) -> int:
    if not isinstance(number, int) or isinstance(number, bool) or not 1 <= number <= MAX_PROCESSORS:
        raise LabError(
            f"{name}: lab_processors: {number!r}: use a number from 1 to {MAX_PROCESSORS}"
        )
    return number


def _network(name: str) -> str:
    """A network's name is that of its bridge."""
    if not re.fullmatch(r"[a-z][a-z0-9_-]{0,14}", name) or name in ("mgmt", "lo", "eth0"):
        raise LabError(
            f"lab_networks: {name!r}: use at most 15 of a-z, 0-9, _ and -, and not mgmt, lo or eth0"
        )
    return name


def _node(name: str, number: int, host: Mapping[str, Any], networks: list[str]) -> Node:
    interfaces: Mapping[str, Any] = host["lab_interfaces"]
    suite = _suite(name, host.get("lab_suite", SUITE))
    root = f"{suite}-installed" if host.get("lab_installed") else suite
    made = tuple(
        _interface(f"{name}: lab_interfaces: {link}", link, mac, interfaces[link] or {}, networks)
        for link, mac in zip(sorted(interfaces), (_mac(number, i) for i in itertools.count(1)))
    )
    return Node(name, str(MANAGEMENT[number]), _mac(number, 0), root, made)


def _suite(name: str, suite: Any) -> str:
    if suite not in list(SUITES):  # it may be anything that YAML can say
        raise LabError(f"{name}: lab_suite: {suite!r}: use one of {', '.join(SUITES)}")
    return str(suite)


def _interface(
    where: str, link: str, mac: str, given: Mapping[str, Any], networks: list[str]
) -> Interface:
    if len(link) > MAX_INTERFACE_NAME or link in ("eth0", "lo"):
        raise LabError(f"{where}: use a name of at most 15 characters other than eth0 and lo")
    network = given.get("network")
    if network not in networks:
        raise LabError(f"{where}: network {network!r} is not one of lab_networks")
    try:
        addresses = tuple(str(ipaddress.ip_interface(a)) for a in given.get("addresses", []))
        gateway = tuple(str(ipaddress.ip_address(g)) for g in _listed(given.get("gateway")))
    except ValueError as error:
        raise LabError(f"{where}: {error}") from error
    return Interface(link, str(network), mac, addresses, gateway)


def _listed(value: object) -> list[Any]:
    if value is None:
        return []
    return list(value) if isinstance(value, (list, tuple)) else [value]


def _mac(number: int, index: int) -> str:
    """Give a host's own hardware address, which stays the same when the host is rebooted."""
    return f"02:4c:56:53:{number:02x}:{index:02x}"
