# Copyright (c) 2026, The lvs.cluster authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is found in a configuration, in the words of the description.

Private to the collection: names and behaviour may change in any release.
"""

from __future__ import annotations

import socket
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ansible_collections.lvs.cluster.plugins.module_utils._ipvs.model import NAMED_SCHEDULER_FLAGS
from ansible_collections.lvs.cluster.plugins.module_utils._values import (
    MAX_PORT,
    ModelError,
    address_family,
    canonical_address,
)

from .._asked import Asked
from .._cluster.description import DESCRIPTION
from .._preflight.plans import PLANS
from .._settings.kinds import matching
from .statements import Ledger, Statement

# What may be the name of a host of the inventory.
HOST = matching(r"[A-Za-z0-9_][A-Za-z0-9_.-]*", "the name of a host", "lb1")
# What the director is called where no file says it.
DIRECTOR = "director"


class Names:
    """What hosts and ports are called in a file, as whoever knows the director tells.

    C(addresses) has the address of each host, or a list of them; C(ports) the port of each service,
    which the controller knows for most. With C(as_hosts) real servers of these names become hosts
    of the inventory.
    """

    def __init__(self, addresses: Any = None, ports: Any = None, as_hosts: bool = False) -> None:
        self._addresses = _known_addresses(addresses)
        self._ports = _known_ports(ports)
        self._hosts: dict[str, str] = {}
        for name, known in self._addresses.items() if as_hosts else ():
            for family in ("ipv4", "ipv6"):
                own = next((one for one in known if address_family(one) == family), None)
                if own is not None:
                    self._hosts.setdefault(own, name)

    def address(self, host: str, family: str) -> str | None:
        """Return the address that a file means; None for a name that is not known."""
        own = canonical_address(host.strip("[]"))
        known = [own] if own is not None else self._addresses.get(host, [])
        return next((one for one in known if address_family(one) == family), None)

    def port(self, service: str, protocol: str) -> int | None:
        """Return the port that a file means; None for what is none."""
        if service.isdecimal() and service.isascii():
            return int(service) if len(service) < 6 and int(service) <= MAX_PORT else None
        if service in self._ports:
            return self._ports[service]
        try:
            return socket.getservbyname(service, protocol)
        except OSError:
            return None

    def host(self, address: str) -> str | None:
        """Return the host of the inventory that has this address."""
        return self._hosts.get(address)


def _known_addresses(given: Any) -> dict[str, list[str]]:
    if not isinstance(given or {}, Mapping):
        raise ModelError(
            "", "addresses", given, "is not a mapping", "give the address of each name"
        )
    found: dict[str, list[str]] = {}
    for name, entry in (given or {}).items():
        HOST.parse(name)
        for one in entry if isinstance(entry, (list, tuple)) else [entry]:
            address = canonical_address(str(one))
            if address is None:
                why = "is not an IPv4 or IPv6 address"
                raise ModelError("", f"addresses.{name}", one, why, "give one")
            found.setdefault(str(name), []).append(address)
    return found


def _known_ports(given: Any) -> dict[str, int]:
    if not isinstance(given or {}, Mapping):
        raise ModelError("", "ports", given, "is not a mapping", "give the port of each name")
    for name, port in (given or {}).items():
        if not isinstance(port, int) or not 0 < port <= MAX_PORT:
            raise ModelError("", f"ports.{name}", port, "is not a port", f"give 1 to {MAX_PORT}")
    return dict(given or {})


@dataclass
class Found:
    """What a configuration has: variables, hosts, secrets, and what became of each statement.

    C(name) is what the director calls itself. C(secrets) are the names of variables that the
    description refers to, each with its value and the statement that says it.
    """

    names: Names = field(default_factory=Names)
    ledger: Ledger = field(default_factory=Ledger)
    services: list[dict[str, Any]] = field(default_factory=list)
    variables: dict[str, Any] = field(default_factory=dict)
    hosts: dict[str, dict[str, str]] = field(default_factory=dict)
    name: str = ""
    secrets: dict[str, tuple[str, Statement]] = field(default_factory=dict)

    def server(self, address: str, may_be_host: bool = True) -> dict[str, str]:
        """Return by what the description names a real server: its host, or its address."""
        name = self.names.host(address) if may_be_host else None
        if name is None:
            return {"address": address}
        known = self.hosts.setdefault(name, {})
        if ":" in address and known.get("lvs_rip", address) != address:
            known["lvs_rip6"] = address
        elif ":" not in address and ":" in known.get("lvs_rip", ""):
            known.update(lvs_rip=address, lvs_rip6=known["lvs_rip"])
        else:
            known["lvs_rip"] = address
        return {"host": name}

    def secret(self, name: str, value: str, statement: Statement) -> str:
        """Return what the description has in place of a secret: a variable of a vault."""
        variable = name
        while variable in self.secrets and self.secrets[variable][0] != value:
            variable = f"{name}_{len(self.secrets) + 1}"
        self.secrets[variable] = value, statement
        return placeholder(variable)

    def as_result(self, secrets: bool = False) -> dict[str, Any]:
        """Return all of it for users, and what preflight would refuse; no secret unless asked."""
        variables = {DESCRIPTION: name_apart(self.services), **self.variables}
        return {
            "variables": variables,
            "hosts": self.hosts,
            "director": self.name,
            "secrets": [
                {
                    "variable": variable,
                    "file": statement.file,
                    "line": statement.line,
                    **({"value": value} if secrets else {}),
                }
                for variable, (value, statement) in self.secrets.items()
            ],
            "carried_over": self.ledger.carried(),
            "left_out": self.ledger.left_out(),
            "problems": problems_of(variables, self.hosts, self.name or DIRECTOR),
        }


def placeholder(variable: str) -> str:
    """Return the template that a variable's value takes the place of."""
    return f"{{{{ {variable} }}}}"


def refuses_clients(scheduler: str, flags: Collection[str]) -> tuple[str, str] | None:
    """Return why a server that is out may not stay with weight 0, and what to do; None if it may.

    By these schedulers it keeps its share of new clients, and refuses them.
    """
    fallback = f"{scheduler}-fallback"
    has_none = scheduler in NAMED_SCHEDULER_FLAGS and fallback not in flags
    if scheduler != "dh" and not has_none:
        return None
    why = f"a server of weight 0 would refuse its share of new clients by scheduler {scheduler}"
    return why, f"add {fallback} to scheduler_flags" if has_none else "use another scheduler"


def name_apart(services: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the services, those named that would be called the same without."""
    keys = ((one.get("address"), one.get("port")) for one in services if "name" not in one)
    unnamed = Counter(keys)
    found = []
    for one in services:
        key = (one.get("address"), one.get("port"))
        is_alone = "name" in one or "fwmark" in one or unnamed[key] < 2
        name = f"{key[0]}:{key[1]}/{one.get('protocol', 'tcp')}"
        found.append(one if is_alone else {"name": name, **one})
    return found


def problems_of(
    variables: Mapping[str, Any], hosts: Mapping[str, Mapping[str, Any]], director: str
) -> list[dict[str, Any]]:
    """Return what preflight refuses of what was found, with nothing known of any host."""
    hostvars = {name: {**own, DESCRIPTION: variables[DESCRIPTION]} for name, own in hosts.items()}
    hostvars[director] = {**variables, "ansible_connection": "local"}
    groups = {"directors": [director], "real_servers": list(hosts)}
    own = hostvars[director]
    problems: list[dict[str, Any]] = PLANS["problems"](
        Asked(director, hostvars, groups, own.get, {}, own)
    )
    return problems


def nat_servers(
    services: Sequence[Mapping[str, Any]], hosts: Mapping[str, Mapping[str, Any]]
) -> list[str]:
    """Return the addresses of the real servers behind NAT."""
    found = []
    for service in services:
        for server in service["real_servers"]:
            if server.get("forward", service.get("forward", "nat")) == "nat":
                own = hosts.get(server.get("host", ""), {})
                addresses = [server.get("address"), own.get("lvs_rip"), own.get("lvs_rip6")]
                found += [address for address in addresses if address]
    return list(dict.fromkeys(found))
