# Copyright (c) 2026, The lvs.cluster authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A director that runs, in the words of the inventory.

Private to the collection: names and behaviour may change in any release.

Whoever owns the table says what is served: keepalived or ldirectord by its configuration, else the
kernel. The rest is the kernel's to say: settings, addresses, and rules for packets. Pure code.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from typing import Any

from ansible_collections.lvs.cluster.plugins.module_utils._values import (
    ModelError,
    canonical_address,
)

from .._cluster.description import read
from .._cluster.groups import Groups
from .._cluster.model import HEALTH_CHECKERS, KEEPALIVED, LDIRECTORD, Cluster
from .._settings.roles import DIRECTOR
from .._views.director import key_arguments, service_keys
from . import ipvsadm, keepalived, ldirectord
from .addresses import places_of, read_addresses
from .found import Found, Names
from .kernel import read_daemons, read_sysctls, read_timeouts
from .marks import TABLE, read_marks
from .masquerading import read_masquerading
from .packets import read_rules
from .statements import Statement

_VIRTUAL_SERVER = re.compile(r"^\s*virtual_server\s", re.MULTILINE)
_INSTANCE = re.compile(r"^\s*(vrrp_instance\s+[^\s{]+)", re.MULTILINE)
# What the role has beside a configuration of others that goes on.
_PART = "/etc/keepalived/lvs-cluster.conf"
_ANNOUNCED = "/etc/bird/lvs-cluster.conf"
_DRAINED = "/etc/lvs-cluster/director.drained"


def from_director(
    name: str, answer: Mapping[str, Any], table: Mapping[str, Any], names: Names
) -> Found:
    """Return what a director has. Raise ModelError where it directs nothing.

    C(name) is what the inventory calls it, C(answer) what M(lvs.cluster.host_info) has told of it,
    C(table) what M(lvs.cluster.ipvs_info) has, empty where there is no IPVS.
    """
    owner = owner_of(answer)
    found = _read_services(owner, answer, table, names)
    if not found.services:
        why = f"host {name} has no virtual service, and no health checker runs there that has one"
        raise ModelError("", "", None, why, "name directors that serve somebody")
    found.name = name
    declared = answer.get("declared") or {}
    read_sysctls(answer.get("sysctls") or {}, declared.get("settings") or (), found)
    if table:
        read_timeouts(table["timeouts"], declared.get("timeouts") or (), found)
        mtu = {link["name"]: link["mtu"] for link in answer.get("interfaces") or ()}
        read_daemons(table["daemons"], _ours(answer, "daemons"), mtu, found)
    rules = read_rules(answer.get("rules") or {})
    places = places_of(answer)
    read_marks(rules, places, found)
    if found.variables[DIRECTOR.variable("manager")] != KEEPALIVED:
        read_addresses(answer, found)
        _tell_of_vrrp(answer, found)
    _read_role(answer, found)
    cluster = _cluster(name, answer, found)
    read_masquerading(rules, cluster, cluster.hosts[name], found)
    if owner:
        described = service_keys(cluster, cluster.hosts[name])
        _tell_of_table(table, described, owner, found)
    return found


def owner_of(answer: Mapping[str, Any]) -> str:
    """Return which health checker owns the table; empty where none does."""
    for name in HEALTH_CHECKERS:
        unit = (answer.get("units") or {}).get(f"{name}.service", {})
        texts = _texts(answer, name)
        serves = name != KEEPALIVED or any(map(_VIRTUAL_SERVER.search, texts.values()))
        if unit.get("ActiveState") == "active" and texts and serves:
            return name
    return ""


def _texts(answer: Mapping[str, Any], name: str) -> Mapping[str, str]:
    texts: Mapping[str, str] = (answer.get("configurations") or {}).get(name) or {}
    if name == KEEPALIVED and answer.get("kept") and _PART in texts:
        return {_PART: texts[_PART]}
    return texts


def _ours(answer: Mapping[str, Any], name: str) -> Sequence[str] | None:
    """Return what the last run of the role wrote down; None where there was none."""
    return answer.get(name) or () if answer.get("services") else None


# ---- the services ------------------------------------------------------------------------------
def _read_services(
    owner: str, answer: Mapping[str, Any], table: Mapping[str, Any], names: Names
) -> Found:
    if not owner:
        rules = table.get("rules") or ()
        found = ipvsadm.from_ipvsadm_save("\n".join(rules), names, path=TABLE)
        order = {line: number for number, line in enumerate(answer.get("services") or ())}
        found.services.sort(key=lambda one: order.get(_key(one), len(order)))
        return found
    texts = _texts(answer, owner)
    path = next(iter(texts))
    if owner == LDIRECTORD:
        return ldirectord.from_ldirectord(texts[path], names, path=path)
    config_id = str(answer.get("hostname") or "").partition(".")[0]
    return keepalived.from_keepalived(texts[path], names, texts, path, config_id)


def _key(service: Mapping[str, Any]) -> str:
    """Return how ipvsadm names a service of the description."""
    cluster, _problems = read([service], {}, Groups({}))
    return key_arguments(cluster.services[0].service.key) if cluster.services else ""


def _cluster(name: str, answer: Mapping[str, Any], found: Found) -> Cluster:
    """Return the cluster that was found, as far as it can be read."""
    hosts: dict[str, Mapping[str, Any]] = {
        **found.hosts,
        name: {**found.variables, "__preflight_host": answer},
    }
    groups = Groups({"directors": [name], "real_servers": [*found.hosts]})
    return read(found.services, hosts, groups)[0]


def _tell_of_table(
    table: Mapping[str, Any], described: Collection[str], owner: str, found: Found
) -> None:
    """Name what the table has and the health checker's configuration has not."""
    for rule in table.get("rules") or ():
        words = rule.partition(" -s ")[0].split()
        key = " ".join(words[1:])
        if words[0] == "-A" and key not in described:
            why = f"is in the table, and not in the configuration of {owner}"
            advice = "it stays as it is; or describe it"
            found.ledger.leave(Statement(TABLE, 0, rule, tuple(rule.split())), why, advice)


def _tell_of_vrrp(answer: Mapping[str, Any], found: Found) -> None:
    """Name what keepalived gives to a director whose table it does not own."""
    unit = (answer.get("units") or {}).get("keepalived.service", {})
    if unit.get("ActiveState") != "active":
        return
    for path, text in _texts(answer, KEEPALIVED).items():
        for line, raw in enumerate(text.splitlines(), 1):
            instance = _INSTANCE.match(raw)
            if instance is not None:
                why = "gives addresses by VRRP, and the table is not keepalived's"
                advice = "with director_manager: keepalived it has both"
                one = Statement(path, line, instance[1], tuple(instance[1].split()))
                found.ledger.leave(one, why, advice)


# ---- what the role has written down ------------------------------------------------------------
def _read_role(answer: Mapping[str, Any], found: Found) -> None:
    """Say what the last run of the role has written down, and nothing else tells."""
    for name in ("firewalld", "ufw"):
        if answer.get(name) is not None:
            found.variables[DIRECTOR.variable("firewall")] = name
    known = (answer.get("files") or {}).get("director.cluster") or ()
    if known and canonical_address(known[0]) is None:
        found.variables["lvs_cluster"] = known[0]
    if answer.get("announces"):
        why = "says to which routers the director announces its addresses, and is not read"
        advice = "take lvs_announce from the inventory that has made it"
        found.ledger.leave(Statement(_ANNOUNCED, 0, "lvs_announce", ("lvs_announce",)), why, advice)
    for line in answer.get("drained") or ():
        why = "is remembered by the director, and is in the table with the weight that it has now"
        advice = "give it its weight back by lvs.cluster.undrain first, and adopt the director then"
        found.ledger.leave(Statement(_DRAINED, 0, line, tuple(line.split())), why, advice)
