# Copyright (c) 2026, The lvs.cluster authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""ldirectord.cf in the words of the inventory.

Private to the collection: names and behaviour may change in any release.

Written against ldirectord(8) and read_config of resource-agents 4.12 to 4.16. Pure code.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, cast

from ansible_collections.lvs.cluster.plugins.module_utils._values import ModelError

from .._cluster.model import LDIRECTORD
from .._settings.kinds import ListOf, one_of
from .._settings.roles import DIRECTOR
from .._settings.roles import LDIRECTORD as ROLE
from . import ldirectord_checks as checks
from .found import Found, Names
from .ldirectord_services import Shared, read_service
from .ldirectord_syntax import read_sections, unquoted
from .statements import Statement, check_text

PATH = "/etc/ha.d/ldirectord.cf"
_STAYS = "the table stays when ldirectord stops"
# What the role always has, and why nothing else.
_FIXED: Mapping[str, tuple[str, str]] = {
    "cleanstop": ("no", _STAYS),
    "readdquiescent": ("yes", "no server is put in before it has been checked"),
}
_LEFT_OUT: Mapping[str, tuple[str, str]] = {
    "callback": (
        "each director has its configuration from the inventory",
        "run lvs.cluster.site, and not a program that copies it",
    ),
    "execute": ("a director has one configuration", "read the other one as well"),
    "supervised": ("systemd looks after ldirectord", ""),
    "checkcount": ("is of no type of check that the description has it for", "give check.attempts"),
}
_SHARED = (*checks.SHARED, "fallback", "fallback6")


def _boolean(value: str) -> bool:
    return bool(one_of("yes", "no").parse(value) == "yes")


def _several(name: str) -> Callable[[str], list[Any]]:
    elements = cast(ListOf, ROLE.variables[name]).elements

    def parse(value: str) -> list[Any]:
        return [elements.parse(word.strip()) for word in value.split(",")]

    return parse


_ROLE: Mapping[str, tuple[str, Callable[[str], Any]]] = {
    "fork": ("fork", _boolean),
    "autoreload": ("autoreload", _boolean),
    "logfile": ("log", ROLE.variables["log"].parse),
    "maintenancedir": ("maintenance_dir", ROLE.variables["maintenance_dir"].parse),
    "fallbackcommand": ("fallback_command", ROLE.variables["fallback_command"].parse),
    "emailalert": ("email_alert", _several("email_alert")),
    "emailalertfrom": ("email_alert_from", ROLE.variables["email_alert_from"].parse),
    "emailalertfreq": (
        "email_alert_frequency",
        ROLE.variables["email_alert_frequency"].parse,
    ),
    "emailalertstatus": ("email_alert_status", _several("email_alert_status")),
    "smtp": ("smtp", ROLE.variables["smtp"].parse),
}


def from_ldirectord(text: str, names: Names, path: str = PATH) -> Found:
    """Return what ldirectord.cf has. Raise ModelError, with the line, for what is none.

    C(path) is what messages and results call the file.
    """
    found = Found(names)
    ledger = found.ledger
    statements, sections = read_sections(check_text(text, path), path)
    settings = dict(ledger.last_ones(statements))
    found.variables[DIRECTOR.variable("manager")] = LDIRECTORD
    shared = Shared(settings, set())
    for section in sections:
        read_service(section, shared, found)
    for name, one in settings.items():
        _read_setting(name, one, shared, found)
    ledger.leave_rest([*statements, *(one for each in sections for one in each.settings)])
    return found


def _read_setting(name: str, one: Statement, shared: Shared, found: Found) -> None:
    ledger = found.ledger
    if name in _SHARED:
        if name not in shared.used:
            why = "is for no service here: each has its own, or nothing goes by it"
            ledger.leave(one, why)
    elif name in _ROLE:
        variable, parse = _ROLE[name]
        try:
            value = parse(unquoted(one))
        except ModelError as error:
            ledger.leave(one, error.why, error.advice)
            return
        found.variables[ROLE.variable(variable)] = value
        ledger.carry(one, ROLE.variable(variable))
    elif name in _FIXED:
        fixed, why = _FIXED[name]
        if one.value == fixed:
            ledger.carry(one, "is so with the role")
        else:
            ledger.leave(one, why)
    elif name in _LEFT_OUT:
        ledger.leave(one, *_LEFT_OUT[name])
    else:
        ledger.leave(one, "is nothing that ldirectord has outside of a section")
