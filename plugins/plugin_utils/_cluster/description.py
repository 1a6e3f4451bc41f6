# Copyright (c) 2026, The lvs.cluster authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The one place where the description of a cluster is read.

Private to the collection: names and behaviour may change in any release.

What cannot be read is told as problems and left out; a service with one bad member keeps the
others. What was read is complete, and nobody reads it again. Pure code.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType
from typing import Any

from ansible_collections.lvs.cluster.plugins.module_utils._ipvs.model import (
    DEFAULT_FORWARD,
    TUNNEL_FIELDS,
    RealServer,
    Service,
)
from ansible_collections.lvs.cluster.plugins.module_utils._ipvs.wanted import (
    parse_real_server,
    parse_service,
    resolve_real_server,
    resolve_service,
)
from ansible_collections.lvs.cluster.plugins.module_utils._values import (
    MAX_PORT,
    ModelError,
    address_family,
    canonical_address,
    family_name,
)

from .._asked import Asked
from .._problem import Problem, problem_of
from .._settings.kinds import TEXT, Place, nearest, plain
from .checks import read_check
from .drained import Line, drain, remembered
from .groups import Groups, groups_of
from .inventory import Variable, read_host
from .marks import parse_marked_addresses, parse_marked_ports
from .model import Cluster, Host, MarkedPorts, Member, VirtualService

# The fields of a service that the table has, and what the modules call them.
_TABLE_FIELDS: Mapping[str, str] = {
    "address": "virtual_address",
    "port": "virtual_port",
    "protocol": "protocol",
    "fwmark": "fwmark",
    "family": "family",
    "scheduler": "scheduler",
    "scheduler_flags": "scheduler_flags",
    "persistent_timeout": "persistent_timeout",
    "persistent_netmask": "persistent_netmask",
    "persistence_engine": "persistence_engine",
    "one_packet": "one_packet",
}
_DESCRIBED = {module: described for described, module in _TABLE_FIELDS.items()}
_FORWARDING = ("forward", *TUNNEL_FIELDS)
_SERVICE_FIELDS = (
    "name",
    *_TABLE_FIELDS,
    "addresses",
    "ports",
    *_FORWARDING,
    "real_servers",
    "check",
    "sorry_server",
)
_SORRY_SERVER_FIELDS = ("host", "address", "port", *_FORWARDING)
_MEMBER_FIELDS = (*_SORRY_SERVER_FIELDS, "weight", "upper_threshold", "lower_threshold")
_LOOPBACK = {"ipv4": "127.0.0.1", "ipv6": "::1"}

DESCRIPTION = "lvs_virtual_services"
# What a play or a role may say of a host where its inventory does not.
_OWN = (
    "lvs_announce",
    "lvs_cluster",
    "lvs_dip",
    "lvs_rip",
    "lvs_rip6",
    "director_manager",
    "director_vip_interface",
    "director_vip_prefix",
    "director_vip_prefix6",
)

_NOTHING: Mapping[str, Mapping[str, Any]] = MappingProxyType({})


def read(
    services: Any,
    hostvars: Mapping[str, Mapping[str, Any]],
    groups: Groups,
    also: Mapping[str, Mapping[str, Any]] = _NOTHING,
    called: str = DESCRIPTION,
) -> tuple[Cluster, list[Problem]]:
    """Read C(lvs_virtual_services), and the variables of the hosts that have a part in it.

    C(called) is the variable that has it, where it is a role's own.

    C(also) are hosts that are looked at in any case, each with the variables that go before those
    of the inventory. A problem is told once, whoever else it concerns.
    """
    problems: list[Problem] = []
    if not isinstance(services, (list, tuple)):
        problems.append(
            Problem(
                "",
                called,
                services,
                "is not a list",
                "give the list of services, or [] for none",
            )
        )
        services = []
    directors, real_servers = (
        tuple(groups.hosts.get(group) or ()) for group in ("directors", "real_servers")
    )
    hosts = {}
    for name in dict.fromkeys([*also, *directors, *real_servers, *_hosts_named(services)]):
        if name in hostvars:
            variable = _variable_of(also.get(name, {}), hostvars[name])
            hosts[name], told = read_host(name, variable)
            problems += told
    reader = _Reader(hosts, called, groups.name("real_servers"))
    found = [
        service
        for number, given in enumerate(services, 1)
        for service in reader.services(given, number)
    ]
    problems += reader.problems
    once = {str(problem): problem for problem in problems}
    cluster = Cluster(tuple(found), hosts, directors, real_servers, groups)
    return cluster, list(once.values())


def cluster_for(asked: Asked, variable: str = DESCRIPTION) -> Cluster:
    """Return the cluster, with the host in it that asks, whether it is in a group or not.

    C(variable) is that of a role, which goes before C(lvs_virtual_services). What is drained has
    weight 0. Raise ModelError for a description that cannot be read; preflight tells all that is
    wrong with it.
    """
    cluster = described_cluster(asked, variable)
    return drain(cluster, remembered_by(asked, cluster))


def remembered_by(asked: Asked, cluster: Cluster) -> tuple[Line, ...]:
    """Return what the directors of a cluster remember, and a host that asks as if it were one."""
    return remembered(dict.fromkeys([*cluster.directors, asked.host]), asked.hostvars)


def described_cluster(asked: Asked, variable: str = DESCRIPTION) -> Cluster:
    """Return the cluster as it is described, whatever is drained of it."""
    services = asked.variable(variable, None)
    if services is None:
        services = asked.variable(DESCRIPTION, [])
    own = own_variables(asked)
    cluster, problems = read(services, asked.hostvars, groups_of(asked), own)
    if problems:
        raise ModelError(*problems[0])
    return cluster


def own_variables(asked: Asked) -> dict[str, dict[str, object]]:
    """Return the host that asks, with the variables that go before those of the inventory."""
    return {asked.host: {name: asked.variable(name, None) for name in _OWN}}


def _variable_of(own: Mapping[str, Any], inventory: Mapping[str, Any]) -> Variable:
    def variable(name: str) -> Any:
        given = own.get(name)
        return inventory.get(name) if given is None else given

    return variable


def _hosts_named(services: Sequence[Any]) -> Iterator[str]:
    """Give the hosts that services name, in order; one may be there twice."""
    for service in services:
        if isinstance(service, Mapping):
            servers = service.get("real_servers")
            known = servers if isinstance(servers, (list, tuple)) else ()
            for server in (*known, service.get("sorry_server")):
                if isinstance(server, Mapping) and server.get("host"):
                    yield str(server["host"])


class _Reader:
    """Reads services, one after the other, and gathers the problems."""

    def __init__(self, hosts: Mapping[str, Host], called: str, group: str) -> None:
        self.hosts, self.called, self.group = hosts, called, group
        self.problems: list[Problem] = []
        self.names: set[str] = set()

    def services(self, given: Any, number: int) -> Iterator[VirtualService]:
        """Give the service of an entry; of a mark there is one for each family of its addresses."""
        if not isinstance(given, Mapping):
            self._tell(
                f"service {number} of {self.called}",
                "",
                given,
                "is not a mapping",
                "give address, port and real_servers",
            )
            return
        name = self._name(given, number)
        self._tell_unknown(name, given, _SERVICE_FIELDS)
        family = given.get("family")
        try:
            addresses = parse_marked_addresses(name, given.get("addresses"), family)
            ports = parse_marked_ports(name, given.get("ports"))
        except ModelError as error:
            self.problems.append(problem_of(error, name))
            return
        families = list(dict.fromkeys(map(_family_of, addresses)))
        label = name.split(" ", 1)[1]
        if family or not given.get("fwmark") or not families:
            for service in self._service(given, name, addresses, ports):
                yield replace(service, label=label)
            return
        for family in families:
            own = tuple(address for address in addresses if _family_of(address) == family)
            called = f"{name} ({family_name(family)})" if len(families) > 1 else name
            for service in self._service(_of_family(given, family), called, own, ports):
                yield replace(service, label=label)

    def _name(self, given: Mapping[str, Any], number: int) -> str:
        """Return what messages and reports call a service; no two of them are called the same."""
        own = plain(given.get("name"))
        place = Place(_by_address(given, number), "name")
        if own is None or TEXT.read(own, place, self.problems) is None:
            return place.item
        name = f"service {own}"
        if name in self.names:
            self._tell(name, "name", own, "is that of another service", "give one of them another")
        self.names.add(name)
        return name

    def _service(
        self,
        given: Mapping[str, Any],
        name: str,
        addresses: tuple[str, ...],
        ports: tuple[MarkedPorts, ...],
    ) -> Iterator[VirtualService]:
        wanted = {module: given.get(field) for field, module in _TABLE_FIELDS.items()}
        try:
            service = resolve_service(parse_service(wanted, name))
            forwarding = _forwarding(given, service)
        except ModelError as error:
            self.problems.append(problem_of(error, name, _DESCRIBED))
            self.problems += read_check(name, given.get("check"), None)[1]
            return
        check, problems = read_check(name, given.get("check"), service)
        self.problems += problems
        if service.fwmark:
            if given.get("ports") is not None and not addresses:
                self._tell(
                    name,
                    "ports",
                    given["ports"],
                    "has no addresses to go with",
                    "give addresses, or leave ports out where something else marks the packets",
                )
        else:
            for field in ("addresses", "ports"):
                if given.get(field) is not None:
                    self._tell(
                        name,
                        field,
                        given[field],
                        "is for a firewall mark",
                        "give fwmark in place of address and port, or leave it out",
                    )
            addresses = (service.address,)
            last = service.port or MAX_PORT
            ports = (MarkedPorts(service.protocol, service.port, last),)
        found = VirtualService(name, service, check, addresses, ports, forwarding)
        servers = given.get("real_servers")
        servers = () if servers is None else servers
        members = tuple(self._members(found, servers))
        self._tell_tunnel(given, found, members)
        yield replace(
            found,
            members=members,
            is_whole=isinstance(servers, Sequence) and len(members) == len(servers),
            sorry_server=self._sorry_server(found, given.get("sorry_server")),
        )

    def _members(self, service: VirtualService, given: Any) -> Iterator[Member]:
        if not isinstance(given, (list, tuple)):
            self._tell(service.name, "real_servers", given, "is not a list", "give a list of hosts")
            return
        for number, entry in enumerate(given, 1):
            item = f"real server {number} of {service.name}"
            if not isinstance(entry, Mapping):
                self._tell(item, "", entry, "is not a mapping", "give host: and its name")
                continue
            yield from self._member(service, entry, item, _MEMBER_FIELDS)

    def _tell_tunnel(
        self, given: Mapping[str, Any], service: VirtualService, members: Sequence[Member]
    ) -> None:
        """Tell what is said of a tunnel where there is none."""
        tunnelled = [service.forwarding, *(member.server for member in members)]
        if any(server.forward == "tun" for server in tunnelled):
            return
        for field in TUNNEL_FIELDS:
            if given.get(field) is not None:
                why = "is for a tunnel, and nothing of it is forwarded by tun"
                self._tell(
                    service.name, field, given[field], why, "leave it out, or forward by tun"
                )

    def _sorry_server(self, service: VirtualService, given: Any) -> Member | None:
        if given is None or given == "":
            return None
        if not isinstance(given, Mapping):
            self._tell(
                service.name, "sorry_server", given, "is not a mapping", "give address or host"
            )
            return None
        item = f"sorry server of {service.name}"
        if _is_loopback(given):
            # What the director answers itself is given to it as it came: direct routing to IPVS.
            forward = given.get("forward") or "dr"
            if forward != "dr":
                self._tell(
                    item,
                    "forward",
                    forward,
                    f"leads nowhere from {given['address']}, which is the director itself",
                    "leave it out",
                )
            given = {**given, "forward": "dr"}
        return next(self._member(service, given, item, _SORRY_SERVER_FIELDS), None)

    def _member(
        self, service: VirtualService, given: Mapping[str, Any], item: str, known: Sequence[str]
    ) -> Iterator[Member]:
        """Give the one who serves; nobody where the description does not tell who it is."""
        self._tell_unknown(item, given, known)
        address, name = given.get("address"), str(given.get("host") or "")
        if bool(name) == bool(address):
            self._tell(
                item,
                "",
                None,
                "it needs host or address, one of the two",
                "give the name of a host of the inventory, or an address",
            )
            return
        wanted = {**given, "forward": given.get("forward") or service.forwarding.forward}
        if wanted["forward"] == "tun":
            for field in TUNNEL_FIELDS:
                if given.get(field) is None:
                    wanted[field] = getattr(service.forwarding, field)
        variable = "address"
        if name:
            kind = item.partition(" server ")[0]
            item = f"{kind} server {name} of {service.name}"
            found = self._rip(service, name, item, wanted["forward"])
            if found is None:
                return
            variable, wanted["address"] = found
        key = service.service.key
        try:
            server = resolve_real_server(parse_real_server(wanted, key), service.service)
        except ModelError as error:
            self.problems.append(problem_of(error, item, {"address": variable}))
            return
        yield Member(name, server)

    def _rip(
        self, service: VirtualService, name: str, item: str, forward: str
    ) -> tuple[str, str] | None:
        """Return the address by which the director reaches a host, and the variable that has it.

        It is the host's of the service's family; a tunnel may lead to one of the other family.
        """
        host = self.hosts.get(name)
        if host is None:
            advice = f"add it to the group {self.group}"
            self._tell(item, "host", name, "is not in the inventory", advice)
            return None
        given = [(v, rip) for v, rip in (("lvs_rip", host.rip), ("lvs_rip6", host.rip6)) if rip]
        family = service.service.family
        for variable, rip in given:
            if _family_of(rip) == family:
                return variable, rip
        if given and forward == "tun":
            return given[0]
        wanted = "lvs_rip6" if given and family == "ipv6" else "lvs_rip"
        if wanted not in host.refused:
            self._tell(
                f"host {name}",
                wanted,
                None,
                f"is not given, and {service.name} is {family_name(family)}"
                if given
                else "is not given",
                "give the host's address of that family"
                if given
                else "give the host's address on the real servers' network",
            )
        return None

    def _tell(self, item: str, field: str, value: Any, why: str, advice: str) -> None:
        self.problems.append(Problem(item, field, value, why, advice))

    def _tell_unknown(self, item: str, given: Mapping[str, Any], known: Sequence[str]) -> None:
        for name in given:
            if name not in known:
                advice = f"use {nearest(str(name), known)}"
                self._tell(item, str(name), None, "is not a field of it", advice)


def _by_address(given: Mapping[str, Any], number: int) -> str:
    """Return what messages and reports call a service that has no name."""
    if given.get("address"):
        return f"service {given['address']}:{given.get('port', '')}"
    if given.get("fwmark"):
        return f"service fwmark {given['fwmark']}"
    return f"service {number}"


def _forwarding(given: Mapping[str, Any], service: Service) -> RealServer:
    """Read how packets reach a member that says nothing else of it."""
    wanted = {field: given.get(field) for field in _FORWARDING}
    wanted["forward"] = wanted["forward"] or DEFAULT_FORWARD
    wanted["address"] = _LOOPBACK[service.family]
    return RealServer("", 0, **parse_real_server(wanted, service.key).given)


def _of_family(given: Mapping[str, Any], family: str) -> Mapping[str, Any]:
    """Return a service without what is an address of another family."""
    servers = given.get("real_servers")
    if isinstance(servers, (list, tuple)):
        servers = [server for server in servers if _may_be(server, family)]
    sorry_server = given.get("sorry_server")
    if isinstance(sorry_server, Mapping) and not _may_be(sorry_server, family):
        # The director itself serves both.
        local = _is_loopback(sorry_server)
        sorry_server = {**sorry_server, "address": _LOOPBACK[family]} if local else None
    return {**given, "family": family, "real_servers": servers, "sorry_server": sorry_server}


def _may_be(server: Any, family: str) -> bool:
    """Tell whether a server is of a family, or of none that its entry tells."""
    given = server.get("address") if isinstance(server, Mapping) else None
    return address_family(str(given or "")) in (None, family)


def _is_loopback(given: Mapping[str, Any]) -> bool:
    address = canonical_address(str(given.get("address") or "")) or ""
    return address == "::1" or address.startswith("127.")


def _family_of(address: str) -> str:
    return "ipv6" if ":" in address else "ipv4"
