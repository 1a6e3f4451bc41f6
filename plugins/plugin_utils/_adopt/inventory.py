# Copyright (c) 2026, The lvs.cluster authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The files of an inventory that has what was found of one director, or of several.

Private to the collection: names and behaviour may change in any release.

Text of a configuration stays text: what looks like a template is marked as none, and no secret is
in a file that others may read. Pure code.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import yaml
from ansible_collections.lvs.cluster.plugins.module_utils._values import (
    ModelError,
    address_family,
    canonical_address,
    in_network,
    packed_address,
)

from .._cluster.description import DESCRIPTION
from .found import DIRECTOR, HOST, nat_servers, placeholder, problems_of
from .statements import place_of

_KEYS = ("variables", "hosts", "director", "secrets", "left_out")
_SPARE = ("name", "ansible_host", "addresses", "found")
# What differs between directors that share all else.
_OWN = ("keepalived_priority",)
_TEMPLATE = re.compile(r"\{[{%#]")
_OPEN, _CLOSED = "0644", "0600"
_VAULT = "group_vars/all/vault.yml"
_FILL_IN = (
    "# Fill in what is empty, and encrypt the file: ansible-vault encrypt group_vars/all/vault.yml"
)


class Director(NamedTuple):
    """A director: what was found of it, its name, and what the inventory is to say of it.

    C(addresses) are its own, with prefix length.
    """

    found: Mapping[str, Any]
    name: str
    ansible_host: str = ""
    addresses: tuple[str, ...] = ()


class File(NamedTuple):
    """A file of the inventory: its path within, its mode, its text."""

    path: str
    mode: str
    text: str


def read_director(given: Any) -> Director:
    """Read what is given of a director. Raise ModelError for what cannot be."""
    if not isinstance(given, Mapping) or not isinstance(given.get("found"), Mapping):
        why = "is nothing that a filter has found"
        raise ModelError("", "", None, why, "give what from_keepalived or another one returns")
    found = given["found"]
    missing = [key for key in _KEYS if key not in found]
    if missing or DESCRIPTION not in found["variables"]:
        why = f"has no {', '.join(missing or [DESCRIPTION])}"
        raise ModelError("", "found", None, why, "give what a filter returns, as it is")
    for key in given:
        if key not in _SPARE:
            raise ModelError("", key, None, "is not known", f"use one of {', '.join(_SPARE)}")
    name = given.get("name") or found["director"] or DIRECTOR
    HOST.parse(name)
    address = given.get("ansible_host") or ""
    if address:
        HOST.parse(address) if canonical_address(str(address)) is None else None
    return Director(found, name, str(address), tuple(map(_network, given.get("addresses") or ())))


def _network(given: Any) -> str:
    bare, slash, length = str(given).partition("/")
    address = canonical_address(bare)
    if address is None or (slash and not length.isdecimal()):
        raise ModelError("", "addresses", given, "is no address", "give one such as 192.0.2.1/24")
    return f"{address}/{length or 8 * len(packed_address(address))}"


def inventory_files(directors: Sequence[Director]) -> list[File]:
    """Return the files. Raise ModelError for directors that are not of one cluster."""
    _check_same(directors)
    own = {one.name: _variables(one) for one in directors}
    shared = {
        name: value
        for name, value in own[directors[0].name].items()
        if name not in _OWN and all(other.get(name, ...) == value for other in own.values())
    }
    hosts: dict[str, Any] = {}
    for one in directors:
        hosts[one.name] = {"ansible_host": one.ansible_host} if one.ansible_host else {}
        rest = {name: value for name, value in own[one.name].items() if name not in shared}
        hosts[one.name].update(rest)
    servers: dict[str, Any] = {}
    for one in directors:
        servers.update(one.found["hosts"])
    groups = {"directors": {"hosts": hosts}}
    if servers:
        groups["real_servers"] = {"hosts": servers}
    known = {entry["variable"] for one in directors for entry in one.found["secrets"]}
    services = {DESCRIPTION: directors[0].found["variables"][DESCRIPTION]}
    head = "# Read from a configuration that was there before; left-out.md says what is not here."
    files = [
        File("hosts.yml", _OPEN, _as_yaml(head, groups, known)),
        File("group_vars/all/lvs.yml", _OPEN, _as_yaml("", services, known)),
        File("group_vars/directors.yml", _OPEN, _as_yaml("", shared, known)),
    ]
    secrets = {
        entry["variable"]: entry.get("value", "")
        for one in directors
        for entry in one.found["secrets"]
    }
    if secrets:
        files.append(File(_VAULT, _CLOSED, _as_yaml(_FILL_IN, secrets, set())))
    left_out = "".join(_left_out(one, {**services, **own[one.name]}) for one in directors)
    return [*files, File("left-out.md", _OPEN, left_out)]


def _check_same(directors: Sequence[Director]) -> None:
    if not directors:
        raise ModelError("", "", None, "no director is given", "give one")
    names = [one.name for one in directors]
    for name in names:
        if names.count(name) > 1:
            raise ModelError("", "name", name, "is that of two directors", "give each its own")
    first = directors[0]
    wanted = first.found["variables"][DESCRIPTION]
    for one in directors[1:]:
        if one.found["variables"][DESCRIPTION] != wanted:
            why = f"has other services than {first.name}, and directors of a cluster have the same"
            raise ModelError(f"director {one.name}", "", None, why, "write an inventory for each")


def _variables(one: Director) -> dict[str, Any]:
    """Return a director's variables, with the address that servers behind NAT answer through."""
    variables = dict(one.found["variables"])
    services = variables.pop(DESCRIPTION)
    if "lvs_dip" not in variables:
        dip = _dip(one, services)
        variables.update({"lvs_dip": dip} if dip else {})
    return variables


def _dip(one: Director, services: Sequence[Mapping[str, Any]]) -> str:
    """Return a director's own address in the network of servers behind NAT; empty if none is."""
    virtual = {service.get("address") for service in services}
    found = []
    for server in nat_servers(services, one.found["hosts"]):
        for network in one.addresses:
            address, _slash, length = network.partition("/")
            same = address_family(address) == address_family(server)
            octets = packed_address(address)
            if same and in_network(packed_address(server), octets, int(length)):
                found.append(address)
    return next((address for address in found if address not in virtual), "") or "".join(found[:1])


# ---- what is not in it -------------------------------------------------------------------------
def _left_out(one: Director, variables: Mapping[str, Any]) -> str:
    """Return what a person has to know: what is left out, and what preflight would refuse."""
    lines = [f"# {one.name}", ""]
    problems = problems_of(variables, one.found["hosts"], one.name)
    if problems:
        lines += ["Preflight refuses:", ""]
        lines += [f"- {problem['message']}" for problem in problems]
        lines.append("")
    if not one.found["left_out"]:
        return "\n".join([*lines, "Nothing is left out.", ""])
    lines += ["Left out:", ""]
    for entry in one.found["left_out"]:
        advice = f"; {entry['advice']}" if entry["advice"] else ""
        place = place_of(entry["file"], entry["line"])
        lines += [f"- {place}: {entry['why']}{advice}.", "", f"      {entry['text']}", ""]
    return "\n".join(lines)


# ---- YAML --------------------------------------------------------------------------------------
class _Dumper(yaml.SafeDumper):
    """Writes what a person would: lists set in, nothing by reference, templates as plain text."""

    secrets: frozenset[str] = frozenset()

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:
        """Set lists in, as mappings are."""
        super().increase_indent(flow, False)

    def ignore_aliases(self, data: Any) -> bool:
        """Write out what is there twice."""
        return True

    def text(self, text: str) -> yaml.ScalarNode:
        """Write a text; what looks like a template is none, but for what refers to a vault."""
        if _TEMPLATE.search(text) and text not in self.secrets:
            return self.represent_scalar("!unsafe", text, style='"')
        return self.represent_scalar("tag:yaml.org,2002:str", text)

    def nothing(self, _nothing: None) -> yaml.ScalarNode:
        """Write nothing, as for a host without variables."""
        return self.represent_scalar("tag:yaml.org,2002:null", "")

    def sequence(self, entries: Sequence[Any]) -> yaml.SequenceNode:
        """Write a list; one of plain values on one line."""
        plain = not any(isinstance(entry, (Mapping, list, tuple)) for entry in entries)
        return self.represent_sequence("tag:yaml.org,2002:seq", entries, flow_style=plain)


def _as_yaml(head: str, data: Mapping[str, Any], variables: set[str]) -> str:
    """Return a file; C(variables) are those of a vault, to which it may refer."""

    class Dumper(_Dumper):
        secrets = frozenset(map(placeholder, variables))

    Dumper.add_representer(str, Dumper.text)
    Dumper.add_representer(type(None), Dumper.nothing)
    Dumper.add_representer(list, Dumper.sequence)
    text: str = yaml.dump(
        _plain(data), Dumper=Dumper, sort_keys=False, default_flow_style=False, width=100,
        allow_unicode=True,
    )  # fmt: skip
    return "".join(["---\n", f"{head}\n" if head else "", text])


def _plain(value: Any) -> Any:
    """Return data as PyYAML knows it, whatever Ansible has made of it."""
    if isinstance(value, Mapping):
        # A text of Ansible's before 2.19 stays one under str().
        return {"".join(str(key)): _plain(entry) for key, entry in value.items()} or None
    if isinstance(value, (list, tuple)):
        return [_plain(entry) for entry in value]
    if isinstance(value, str):
        return "".join(value)
    if isinstance(value, bool) or value is None:
        return value
    return float(value) if isinstance(value, float) else int(value)
