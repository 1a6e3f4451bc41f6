# Copyright (c) 2026, The lvs.cluster authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The tables of values have every kind of value that has ever passed, wherever it could go."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any, Callable

import pytest
import test_lamp
import test_lvs
from inputs import ASKED, Input
from test_generated import options

REFUSED = [*test_lvs.REFUSED, *test_lamp.REFUSED]
SAID = [*test_lvs.SAID, *test_lamp.SAID]

# Where values passed that should not, and how many of them. Of services of one name, and of hosts
# and directors that differ, there are tests beside the tables.
PASSED = {
    "name": 8,
    "address": 1,
    "tunnel_port": 1,
    "real_servers.port": 1,
    "protocol": 1,
    "sorry_server": 1,
    "check": 10,
    "director_vip_prefix": 1,
    "director_masquerade_interfaces": 6,
    "director_masquerade_networks": 7,
    "director_ipvs_sysctls": 2,
    "director_timeouts": 1,
    "director_vip_interfce": 1,
    "director_masqurade": 1,
    "director_sync_daemons": 1,
    "lvs_announce": 12,
    "bird_leave_timeout": 2,
    "ldirectord_maintenance_dir": 2,
    "ldirectord_ca_file": 2,
    "ldirectord_fallback_command": 4,
    "ldirectord_email_alert_from": 1,
    "ldirectord_smtp": 2,
    "keepalived_priority": 1,
    "keepalived_advert_int": 2,
    "keepalived_unicast": 1,
    "keepalived_track_scripts": 3,
    "keepalived_script_user": 3,
    "lamp_db_databases": 4,
    "lamp_db_users": 3,
    "lamp_db_port": 1,
    "lamp_db_settings": 7,
    "lamp_web_virtual_hosts": 9,
    "lamp_web_php_children": 1,
    "lamp_web_php_settings": 2,
    "lamp_web_modules": 2,
    "lamp_web_directory_index": 1,
    "lamp_web_php_extensions": 1,
    "php_app_path": 1,
    "php_app_owner": 2,
    "php_app_group": 1,
    "php_app_mode": 1,
    "php_app_hosts": 2,
    "php_app_files": 1,
    "php_app_wordpress": 3,
}


def texts(value: Any) -> Iterator[str]:
    """All that is text in a value."""
    if isinstance(value, dict):
        yield from (text for pair in value.items() for part in pair for text in texts(part))
    elif isinstance(value, list):
        yield from (text for entry in value for text in texts(entry))
    elif isinstance(value, str):
        yield value


# What may be wrong with a value, by what the sentence says of it.
KINDS: dict[str, Callable[[Input], bool]] = {
    "a text that ends its line": lambda given: any("\n" in text for text in texts(given.value)),
    "a value of another type": lambda given: "is not text" in given.told,
    "a text where a list is meant": lambda given: "is not a list" in given.told,
    "a number that is none": lambda given: "number" in given.told,
    "a number out of range": lambda given: "is out of range" in given.told,
    "a name that is not known": lambda given: (
        given.where not in options(owner(given)) and "is not a variable" in given.told
    ),
}
# What a role's variables have to be for it, by their specification.
NEEDED = {
    "a text that ends its line": "str",
    "a value of another type": "str",
    "a text where a list is meant": "list",
    "a number that is none": "int",
    "a number out of range": "int",
    "a name that is not known": "",
}
TABLES = [
    "director",
    "keepalived",
    "ldirectord",
    "lamp_db",
    "lamp_web",
    "php_app",
    "nfs_server",
    "nfs_client",
]


def owner(given: Input) -> str:
    """The role whose variable it is, or would be."""
    return next((role for role in ASKED if given.where.startswith(f"{role}_")), "")


def types(specification: dict[str, Any]) -> Iterator[str]:
    """The types of options, and of what is in them."""
    for option in specification.values():
        yield option["type"]
        yield option.get("elements", option["type"])
        yield from types(option.get("options") or {})


@pytest.mark.parametrize("where", PASSED)
def test_where_values_passed(where: str) -> None:
    """As many are tried there, none like the other."""
    tried = Counter(given.where for given in (*REFUSED, *SAID))
    assert tried[where] >= PASSED[where]
    values = [(given.inventory, given.value) for given in REFUSED if given.where == where]
    assert not [one for one in values if values.count(one) > 1]


@pytest.mark.parametrize("role", TABLES)
@pytest.mark.parametrize("kind", KINDS)
def test_kind_of_each_role(kind: str, role: str) -> None:
    """Wherever the role has a variable for it."""
    own = [given for given in REFUSED if owner(given) == role]
    is_there = any(map(KINDS[kind], own))
    assert is_there or NEEDED[kind] not in {"", *types(options(role))}


def test_kind_of_the_description() -> None:
    """Of services, their servers, and how these are checked."""
    own = [given for given in REFUSED if not owner(given)]
    for kind, is_one in KINDS.items():
        if kind != "a name that is not known":
            assert any(map(is_one, own)), kind


@pytest.mark.parametrize("role", ["director", "keepalived", "ldirectord", "bird", *TABLES[3:]])
def test_what_may_be_is_said(role: str) -> None:
    """A file of each role says a value that others would not expect there."""
    assert [given for given in SAID if given.role == role]
