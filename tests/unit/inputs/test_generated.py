# Copyright (c) 2026, The lvs.cluster authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Values that no variable of a role may have, made from the roles' specifications.

Each is told by a sentence that names the variable, by whoever is asked, and none comes into a file.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from ansible_collections.lvs.cluster.plugins.module_utils._values import ModelError
from ansible_collections.lvs.cluster.plugins.plugin_utils._cluster import description
from ansible_collections.lvs.cluster.plugins.plugin_utils._cluster.check_types import CHECK_TYPES
from ansible_collections.lvs.cluster.plugins.plugin_utils._cluster.checks import fields_of
from ansible_collections.lvs.cluster.plugins.plugin_utils._settings.role import settings_of
from ansible_collections.lvs.cluster.plugins.plugin_utils._settings.roles import BACKENDS, BY_NAME
from inputs import ASKED, sentences
from sites import site

ROLES = Path(__file__).parents[3] / "roles"
EVIL = "\ninjected = 1"
WORDS = [f"a{EVIL}", f'a"{EVIL}\n#', f"a'; {EVIL}", "a\u202e", "a\x00", "a\r", "a\u2028b", [["a"]]]
# As YAML has them: .inf, -.inf and .nan.
ENDLESS = [float("inf"), float("-inf"), float("nan")]
# By the type of a specification: what is never of it.
NEVER: dict[str, list[Any]] = {
    "str": [*WORDS, *ENDLESS, 5, 1.5, True, {"a": 1}],
    "int": [*WORDS, *ENDLESS, "x", 1.5, {"a": 1}, 10**15, -(10**15), "0x10", "\u0661"],
    "float": [*WORDS, *ENDLESS, "x", True, {"a": 1}, 10**15, -1, "nan", "inf", "1e3"],
    "bool": [*WORDS, *ENDLESS, "maybe", 2, 1.5, {"a": 1}, "1"],
    "list": [*ENDLESS, "a", f"a{EVIL}", "a,b", 5, True, {"a": 1}],
    "dict": [*ENDLESS, "a", f"a{EVIL}", 5, True, ["a"], {f"a{EVIL}": "1"}, {5: f"1{EVIL}"}],
}


def options(role: str) -> dict[str, Any]:
    """The specification of a role's variables."""
    read = yaml.safe_load((ROLES / role / "meta" / "argument_specs.yml").read_text())
    return dict(read["argument_specs"]["main"]["options"])


def never(option: dict[str, Any]) -> Iterator[Any]:
    """Give values that an option cannot have, and such that have them somewhere within."""
    kind = option["type"]
    yield from NEVER[kind]
    if kind == "list":
        for entry in never({**option, "type": option["elements"]}):
            yield [entry]
    if kind == "dict" and "options" in option:
        yield {"no_such_field": 1}
        for name, inner in option["options"].items():
            for value in never(inner):
                yield {name: value}


VARIABLES = [
    (role, variable)
    for role in BY_NAME
    for variable in options(role)
    # It has its own tests, field by field.
    if not variable.endswith("_virtual_services")
]
VALUES = {place: list(never(options(place[0])[place[1]])) for place in VARIABLES}


def test_there_are_many() -> None:
    """Beside those of the tables."""
    assert sum(map(len, VALUES.values())) > 400


@pytest.mark.parametrize(("role", "variable"), VARIABLES)
def test_variable(role: str, variable: str) -> None:
    """It is told in preflight, and whoever reads it all the same is stopped."""
    inventory, term, group = ASKED[role]
    found = site(inventory)
    host = found.groups[group][0]
    for value in VALUES[role, variable]:
        found.hosts[host][variable] = value
        told = sentences(found, term, host)
        assert [sentence for sentence in told if variable in sentence], value
        for sentence in told:
            assert "\n" not in sentence, value
            assert "; " in sentence, value
        if BY_NAME[role] not in BACKENDS:
            with pytest.raises(ModelError):
                settings_of(BY_NAME[role], {variable: value}.get)


@pytest.mark.parametrize("name", ["nat", "ldirectord", "ha"])
@pytest.mark.parametrize("field", description._SERVICE_FIELDS)
def test_field_of_a_service(name: str, field: str) -> None:
    """Whichever it is."""
    found = site(name)
    (director, *_others) = found.groups["directors"]
    for value in (f"a{EVIL}", {"a": 1}, [[f"a{EVIL}"]], -1, *ENDLESS):
        found.hosts[director]["lvs_virtual_services"][0][field] = value
        told = sentences(found)
        assert told, value
        assert not [sentence for sentence in told if "\n" in sentence], value


@pytest.mark.parametrize("field", description._MEMBER_FIELDS)
def test_field_of_a_member(field: str) -> None:
    """Whichever it is."""
    found = site("nat")
    for value in (f"a{EVIL}", {"a": 1}, [f"a{EVIL}"], -1, *ENDLESS):
        services = found.hosts["director"]["lvs_virtual_services"]
        services[0]["real_servers"][0][field] = value
        told = sentences(found)
        assert told, value
        assert not [sentence for sentence in told if "\n" in sentence], value


@pytest.mark.parametrize("manager", ["ldirectord", "keepalived"])
@pytest.mark.parametrize("check_type", CHECK_TYPES)
def test_field_of_a_check(check_type: str, manager: str) -> None:
    """Of every type, with either health checker."""
    found = site("ldirectord" if manager == "ldirectord" else "ha")
    (director, *_others) = found.groups["directors"]
    service = found.hosts[director]["lvs_virtual_services"][0]
    for field in fields_of(check_type):
        for value in (f'a"{EVIL}', {"a": 1}, [[1]], *ENDLESS):
            service["check"] = {"type": check_type, field: value}
            told = sentences(found)
            assert [sentence for sentence in told if f"check.{field}" in sentence], (field, value)
            assert not [sentence for sentence in told if "\n" in sentence], (field, value)
