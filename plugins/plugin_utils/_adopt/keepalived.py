# Copyright (c) 2026, The lvs.cluster authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""keepalived.conf, and the files that it includes, in the words of the inventory.

Private to the collection: names and behaviour may change in any release.

Written against keepalived.conf(5) and keepalived 2.2 to 2.4. Pure code.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, cast

from ansible_collections.lvs.cluster.plugins.module_utils._values import MAX_PORT, ModelError

from .._cluster.model import KEEPALIVED
from .._settings.kinds import ADDRESS, INTERFACE, Record, number
from .._settings.roles import DIRECTOR
from .._settings.roles import KEEPALIVED as ROLE
from .found import HOST, Found, Names
from .keepalived_lines import Lines
from .keepalived_services import read_services
from .keepalived_syntax import read_blocks
from .keepalived_vrrp import read_version, read_vrrp
from .statements import NO_PLACE, Statement, check_text, refused

PATH = "/etc/keepalived/keepalived.conf"
_SYNC_WORDS = {"id": "sync_id"}
_TIMEOUTS = {"tcp": "tcp", "tcpfin": "tcp_fin", "udp": "udp"}
# What there is outside of any block.
_WORDS = (
    "net_namespace",
    "net_namespace_ipvs",
    "namespace_with_ipsets",
    "instance",
    "use_pid_dir",
    "child_wait_time",
    "linkbeat_use_polling",
)
_NETWORK = ("is a matter of the host's network", "give it by the host's network configuration")
_LEFT_OUT = {
    "static_ipaddress": _NETWORK,
    "static_routes": _NETWORK,
    "static_rules": _NETWORK,
    "SSL": ("checks of type https take any certificate, and show none", ""),
}
_MAIL = ("the role sends no mail", "use keepalived_notify, or watch by lvs.cluster.verify")
_GLOBAL_LEFT_OUT = {
    **dict.fromkeys(
        (
            "notification_email",
            "notification_email_from",
            "smtp_server",
            "smtp_helo_name",
            "smtp_connect_timeout",
            "smtp_alert",
            "smtp_alert_vrrp",
            "smtp_alert_checker",
        ),
        _MAIL,
    ),
    "lvs_flush": ("the table is changed where it differs, and never emptied", ""),
    "lvs_flush_on_stop": ("the table stays when keepalived stops", ""),
}


def from_keepalived(
    text: str,
    names: Names,
    files: Mapping[str, str] | None = None,
    path: str = PATH,
    config_id: str = "",
) -> Found:
    """Return what keepalived.conf has. Raise ModelError, with the line, for what is none.

    C(files) are the texts of files that may be included, by whole path, C(path) is that of the text
    itself, and C(config_id) is what the director is called in lines for some directors alone.
    """
    found = Found(names)
    texts = {**(files or {}), path: text}
    for name, each in texts.items():
        check_text(each, name)
    statements = read_blocks(Lines(texts, config_id, found.ledger).read(path))
    _check_statements(statements)
    found.variables[DIRECTOR.variable("manager")] = KEEPALIVED
    for one in statements:
        if one.name == "global_defs":
            found.ledger.carry(one, "variables")
            _read_globals(one, found)
    read_services(statements, found)
    read_vrrp(statements, found)
    for one in statements:
        if one.name in _LEFT_OUT:
            found.ledger.leave_whole(one, *_LEFT_OUT[one.name])
    found.ledger.leave_rest(statements)
    return found


def _check_statements(statements: Sequence[Statement]) -> None:
    """Raise ModelError for a text that has nothing of keepalived's."""
    if statements and not any(one.block is not None or one.name in _WORDS for one in statements):
        first = statements[0]
        why = "is nothing that keepalived has, nor is any other line"
        advice = "give the text of keepalived.conf"
        raise refused(first.file, first.line, first.text, why, advice)


def _read_globals(block: Statement, found: Found) -> None:
    ledger = found.ledger
    for name, one in ledger.last_ones(block.block or ()):
        if name == "router_id":
            found.name = ledger.take(one, HOST, one.value, "the director's name") or ""
        elif name == "vrrp_version":
            read_version(one, ledger)
        elif name == "enable_script_security":
            ledger.carry(one, "is so with the role")
        elif name == "script_user":
            user = ledger.take(
                one, ROLE.variables["script_user"], one.value, "keepalived_script_user"
            )
            if user is not None:
                found.variables[ROLE.variable("script_user")] = user
            if len(one.words) > 2:
                ledger.leave(one, f"the group {one.words[2]}: {NO_PLACE}")
        elif name == "lvs_sync_daemon":
            _read_daemon(one, found)
        elif name == "lvs_timeouts":
            _read_timeouts(one, found)
        else:
            ledger.leave_whole(one, *_GLOBAL_LEFT_OUT.get(name, (NO_PLACE, "")))


def _read_daemon(one: Statement, found: Found) -> None:
    """Read C(lvs_sync_daemon INTERFACE [[inst] INSTANCE] [id N] ...); ours names the instance."""
    kinds: dict[str, Any] = {
        "id": number(0, 255),
        "maxlen": number(1, 65507),
        "port": number(1, MAX_PORT),
        "ttl": number(1, 255),
        "group": ADDRESS,
    }
    daemon: dict[str, Any] = {}
    waiting = list(one.words[2:])
    try:
        daemon["interface"] = INTERFACE.parse(one.value)
        while waiting:
            word = waiting.pop(0)
            if word in kinds:
                value = waiting.pop(0) if waiting else None
                daemon[_SYNC_WORDS.get(word, word)] = kinds[word].parse(value)
            elif word == "inst" and waiting:
                waiting.pop(0)
            elif word.isdecimal():
                daemon["sync_id"] = kinds["id"].parse(word)
    except ModelError as error:
        found.ledger.leave(one, error.why, error.advice)
        return
    found.variables[ROLE.variable("sync_daemon")] = daemon
    found.ledger.carry(one, "keepalived_sync_daemon")


def _read_timeouts(one: Statement, found: Found) -> None:
    kinds = cast(Record, DIRECTOR.variables["timeouts"]).fields
    timeouts = {}
    words = one.words[1:]
    try:
        for word, value in zip(words[::2], words[1::2]):
            timeouts[_TIMEOUTS[word]] = kinds[_TIMEOUTS[word]].parse(value)
    except ModelError as error:
        found.ledger.leave(one, error.why, error.advice)
        return
    except KeyError as error:
        found.ledger.leave(one, f"{error.args[0]}: {NO_PLACE}")
        return
    found.variables[DIRECTOR.variable("timeouts")] = timeouts
    found.ledger.carry(one, "director_timeouts")
