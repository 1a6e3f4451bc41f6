# Copyright (c) 2026, The lvs.cluster authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A file that ipvsadm-save has written, in the words of the inventory.

Private to the collection: names and behaviour may change in any release.

The rules themselves are read where the modules read them. Pure code.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ansible_collections.lvs.cluster.plugins.module_utils._ipvs import from_ipvsadm as rules
from ansible_collections.lvs.cluster.plugins.module_utils._ipvs.model import default_netmask
from ansible_collections.lvs.cluster.plugins.module_utils._ipvs.sync_daemon import parse_daemon
from ansible_collections.lvs.cluster.plugins.module_utils._ipvs.timeouts import NAMES
from ansible_collections.lvs.cluster.plugins.module_utils._ipvs.wanted import WantedService
from ansible_collections.lvs.cluster.plugins.module_utils._values import ModelError

from .._cluster.clients_way import is_mark
from .._cluster.model import STATIC
from .._settings.kinds import number
from .._settings.roles import DIRECTOR
from .found import Found, Names
from .statements import Statement, check_text, refused

PATH = "/etc/ipvsadm.rules"
_NEVER = "does not describe a table"
_DAEMON = {
    "--mcast-interface": "interface",
    "--syncid": "sync_id",
    "--sync-maxlen": "maxlen",
    "--mcast-group": "group",
    "--mcast-port": "port",
    "--mcast-ttl": "ttl",
}
_TEXTS = ("interface", "group")
_TUNNEL = ("tunnel_type", "tunnel_port", "tunnel_checksum")
# What the description takes where nothing is said.
_DEFAULTS: Mapping[str, Any] = {
    "protocol": "tcp",
    "scheduler_flags": [],
    "persistent_timeout": 0,
    "persistence_engine": "none",
    "one_packet": False,
    "weight": 1,
    "upper_threshold": 0,
    "lower_threshold": 0,
    "tunnel_port": 0,
    "tunnel_checksum": "none",
}
_CALLED = {"virtual_address": "address", "virtual_port": "port"}


def from_ipvsadm_save(text: str, names: Names, path: str = PATH) -> Found:
    """Return what a table's file has; lines that no table may have are left out.

    C(path) is what messages and results call the file. Raise ModelError for a text of which no line
    is a rule.
    """
    found = Found(names)
    found.variables[DIRECTOR.variable("manager")] = STATIC
    lines = check_text(text, path).splitlines()
    said = {
        line: Statement(path, line, text.strip(), tuple(text.split()))
        for line, text in enumerate(lines, 1)
        if text.strip() and not text.strip().startswith("#")
    }
    for line, one in said.items():
        if _read_setting(one, found) or _leave_mark(one, found):
            lines[line - 1] = ""
    read = _read_rules(lines, said, found)
    services = [_as_service(service, found) for service in rules.as_ipvsadm_adds(read, {})]
    if said and not services and not found.ledger.carried():
        first = next(iter(said.values()))
        advice = "give what ipvsadm -S prints"
        raise refused(
            path, first.line, first.text, "is no rule of ipvsadm, nor is any other", advice
        )
    found.services += services
    return found


def _leave_mark(one: Statement, found: Found) -> bool:
    """Leave out what keepalived has by the role, to ask one real server by the clients' way."""
    pairs = zip(one.words, one.words[1:])
    if not any(name in ("-f", "--fwmark-service") and is_mark(mark) for name, mark in pairs):
        return False
    found.ledger.leave(one, "is of a check with clients_way, which makes it by itself")
    return True


def _read_rules(
    lines: list[str], said: Mapping[int, Statement], found: Found
) -> tuple[WantedService, ...]:
    """Return the services of all lines that are rules; the others are left out."""
    left: set[int] = set()

    def refuse(line: int, error: ModelError) -> None:
        left.add(line)
        value = "" if error.value is None else str(error.value)
        why = " ".join(filter(None, (error.field, value, error.why)))
        found.ledger.leave(said[line], why, error.advice)

    lookup = rules.Names(found.names.address, found.names.port)
    read = rules.parse_rules("\n".join(lines), lookup, refuse)
    for line, one in said.items():
        if lines[line - 1] and line not in left:
            is_service = not {"-A", "--add-service"}.isdisjoint(one.words)
            found.ledger.carry(one, "a service" if is_service else "real_servers")
    return read


# ---- services ----------------------------------------------------------------------------------
def _as_service(wanted: WantedService, found: Found) -> dict[str, Any]:
    task = wanted.as_task()
    servers = task.pop("real_servers", [])
    family = task.get("family", wanted.family)
    if task.get("persistent_netmask") == default_netmask(family):
        del task["persistent_netmask"]
    service = {_CALLED.get(name, name): value for name, value in _short(task).items()}
    if service.get("family") == "ipv4":
        del service["family"]
    order = ("address", "port", "protocol", "fwmark", "family")
    service = {
        **{name: service[name] for name in order if name in service},
        **{name: value for name, value in service.items() if name not in order},
    }
    forwards = [server["forward"] for server in servers] or ["nat"]
    service["forward"] = max(forwards, key=forwards.count)
    port = service.get("port", 0)
    service["real_servers"] = [_as_server(one, service, port, found) for one in servers]
    return service


def _as_server(
    task: dict[str, Any], service: Mapping[str, Any], port: int, found: Found
) -> dict[str, Any]:
    short = _short(task)
    address, forward = short.pop("address"), short.pop("forward")
    may_be_host = "fwmark" not in service or forward == "nat"
    server: dict[str, Any] = {**found.server(address, may_be_host), **short}
    if server.get("port") == port or forward != "nat":
        del server["port"]
    if forward != service["forward"]:
        server["forward"] = forward
    if forward != "tun" or server.get("tunnel_type") == "ipip":
        for name in _TUNNEL:
            server.pop(name, None)
    return server


def _short(task: Mapping[str, Any]) -> dict[str, Any]:
    """Return a service or real server without what is at its default."""
    return {
        name: value
        for name, value in task.items()
        if name not in _DEFAULTS or value != _DEFAULTS[name]
    }


# ---- what else a director's script says of IPVS ------------------------------------------------
def _read_setting(one: Statement, found: Found) -> bool:
    """Read a line that sets timeouts or starts a daemon; tell whether it was one."""
    words = list(one.words)
    try:
        if "--set" in words:
            kind = number(0, 2**31 - 1)
            at = words.index("--set") + 1
            given = [kind.parse(word) for word in words[at : at + 3]]
            found.variables[DIRECTOR.variable("timeouts")] = {
                name: value for name, value in zip(NAMES, given) if value
            }
            found.ledger.carry(one, "director_timeouts")
            return True
        if "--start-daemon" in words:
            daemon = read_daemon(words[words.index("--start-daemon") + 1 :])
            found.variables.setdefault(DIRECTOR.variable("sync_daemons"), []).append(daemon)
            found.ledger.carry(one, "director_sync_daemons")
            return True
    except ModelError as error:
        found.ledger.leave(one, error.why, error.advice)
        return True
    return False


def read_daemon(words: list[str]) -> dict[str, Any]:
    """Read what comes after C(--start-daemon). Raise ModelError for what is no daemon."""
    daemon: dict[str, Any] = {"role": words[0] if words else ""}
    for switch, value in zip(words[1::2], words[2::2]):
        name = _DAEMON.get(switch)
        if name is None:
            raise ModelError("", "", None, f"{switch} is no option of a daemon", "see ipvsadm(8)")
        is_number = name not in _TEXTS and value.isdecimal()
        daemon[name] = int(value) if is_number else value
    parse_daemon(daemon)
    return daemon
