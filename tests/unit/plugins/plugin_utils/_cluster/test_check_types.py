# Copyright (c) 2025, The lvs.cluster authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The table of types: each row holds together, is documented, and is all that a type takes."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from ansible_collections.lvs.cluster.plugins.module_utils._ipvs.model import PROTOCOLS
from ansible_collections.lvs.cluster.plugins.plugin_utils._cluster import check_types as _types
from ansible_collections.lvs.cluster.plugins.plugin_utils._cluster.checks import fields_of
from ansible_collections.lvs.cluster.plugins.plugin_utils._cluster.model import (
    HEALTH_CHECKERS,
    KEEPALIVED,
    LDIRECTORD,
)
from ansible_collections.lvs.cluster.plugins.plugin_utils._preflight.checks import check_problems
from ansible_collections.lvs.cluster.plugins.plugin_utils._views.keepalived import virtual_servers
from ansible_collections.lvs.cluster.plugins.plugin_utils._views.ldirectord import (
    perl_packages,
    virtual_sections,
)
from check_examples import GOPHER, GOPHER_TYPE, check_of
from described import cluster, read_cluster, service, words

ROOT = Path(__file__).parents[5]
DOCUMENTED = ROOT / "docs" / "description.md"
WHO = {"both": HEALTH_CHECKERS, KEEPALIVED: (KEEPALIVED,), LDIRECTORD: (LDIRECTORD,)}


# ---- the documentation -------------------------------------------------------------------------
def rows_of(text: str, heading: str) -> Iterator[list[str]]:
    """The rows of the table whose heading begins so, a list of cells each."""
    lines = iter(text.splitlines())
    for line in lines:
        if line.startswith(f"| {heading} |"):
            next(lines)
            break
    for line in lines:
        if not line.startswith("|"):
            return
        yield [cell.strip() for cell in line.strip("|").split("|")]


def names_in(cell: str) -> set[str]:
    """What stands in a cell as code, and may be the name of a type or field."""
    return set(re.findall(r"`([a-z_]+)`", cell))


def undocumented(text: str) -> list[str]:
    """Where the tables of the documentation differ from the table of types."""
    told: list[str] = []
    types: dict[str, tuple[str, str]] = {}
    for name, who, fields in rows_of(text, "`type` | of"):
        types.update(dict.fromkeys(names_in(name), (who, fields)))
    for name, kind in _types.CHECK_TYPES.items():
        if name not in types:
            told.append(f"{name} has no row")
            continue
        who, fields = types[name]
        if WHO.get(who) != kind.managers:
            told.append(f"{name} is of {', '.join(kind.managers)}, not {who}")
        if names_in(fields) != kind.fields.keys():
            told.append(f"{name} has the fields {', '.join(kind.fields)}")
        needed = {field for field, known in kind.fields.items() if known.required}
        if set(re.findall(r"\*\*`([a-z_]+)`\*\*", fields)) != needed:
            told.append(f"{name} needs {', '.join(needed)}")
    told += [f"{name} is no type" for name in types.keys() - _types.CHECK_TYPES.keys()]
    common = {}
    for name, _, who, _ in rows_of(text, "field of `check` | default"):
        common.update(dict.fromkeys(names_in(name) - {"type"}, who))
    known = {**_types.COMMON_FIELDS, **_types.NEGOTIATED_FIELDS}
    kind = next(kind for kind in _types.CHECK_TYPES.values() if kind.negotiates)
    had = {who: kind.fields_for(who) for who in HEALTH_CHECKERS}
    for name in known:
        if WHO.get(common.get(name, "")) != tuple(
            who for who in HEALTH_CHECKERS if name in had[who]
        ):
            told.append(f"{name} has no row, or is not of {common.get(name)}")
    return told + [f"{name} is no field" for name in common.keys() - known.keys()]


def test_every_type_is_documented() -> None:
    """Its name, who has it, its fields, and which of them it needs; so are the common fields."""
    assert undocumented(DOCUMENTED.read_text(encoding="utf-8")) == []


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("`imap`, `imaps`", "`imaps`", "imap has no row"),
        ("| `sip` | ldirectord |", "| `sip` | both |", "sip is of ldirectord, not both"),
        ("**`url`**", "`url`", "http_proxy needs url"),
        ("`helo_name`", "", "smtp has the fields helo_name"),
        ("| `smtp` |", "| `smtp`, `lmtp` |", "lmtp is no type"),
        ("| `quiescent` |", "| `quiet` |", "quiet is no field"),
    ],
)
def test_documentation_that_differs(old: str, new: str, told: str) -> None:
    """Each difference is found."""
    text = DOCUMENTED.read_text(encoding="utf-8")
    assert old in text
    assert told in undocumented(text.replace(old, new))


# ---- the rows ----------------------------------------------------------------------------------
@pytest.mark.parametrize("name", _types.CHECK_TYPES)
def test_rows(name: str) -> None:
    """A row is for somebody, has a word for each of its fields, and none for what it has not."""
    kind = _types.CHECK_TYPES[name]
    assert kind.managers
    told = frozenset().union(*(kind.fields_for(manager) for manager in kind.managers))
    assert kind.fields.keys() <= told
    assert not kind.fields.keys() & _types.COMMON_FIELDS.keys()
    known = {**kind.fields, **_types.COMMON_FIELDS, **_types.NEGOTIATED_FIELDS}
    assert told <= known.keys()
    assert kind.asks or not kind.fields
    if not kind.asks:
        assert fields_of(name) == {}


def test_families_of_packages() -> None:
    """A package for a family that the role ldirectord does not know would never be installed."""
    for kind in _types.CHECK_TYPES.values():
        if kind.ldirectord is not None:
            assert {*kind.ldirectord.packages, *kind.ldirectord.ipv6_packages} <= {
                "Debian",
                "RedHat",
            }


def named_in(path: Path) -> Iterator[str]:
    """The types that a file names by themselves; a setting may have such a name, too."""
    nodes = list(ast.walk(ast.parse(path.read_text(encoding="utf-8"))))
    settings = [
        node.slice
        for node in nodes
        if isinstance(node, ast.Subscript) and ast.unparse(node.value) == "settings"
    ]
    names = _types.CHECK_TYPES.keys() - {*PROTOCOLS}
    for node in nodes:
        if isinstance(node, ast.Constant) and node not in settings and node.value in names:
            yield f"{path.name}:{node.lineno} {node.value}"


def test_nothing_else_names_a_type() -> None:
    """What views, refusals and reports say of a type, its row says; some are protocols, too."""
    rooms = [ROOT / "plugins" / "plugin_utils" / room for room in ("_views", "_preflight", "_live")]
    files = [path for room in rooms for path in sorted(room.glob("*.py"))]
    assert len(files) > 10
    assert [place for path in files for place in named_in(path)] == []
    assert list(named_in(Path(_types.__file__)))


# ---- a new row ---------------------------------------------------------------------------------
@pytest.fixture
def gopher(monkeypatch: pytest.MonkeyPatch) -> None:
    """The table with one more row, and nothing else."""
    monkeypatch.setitem(_types.CHECK_TYPES, GOPHER, GOPHER_TYPE)


@pytest.mark.usefixtures("gopher")
def test_new_row_in_the_views() -> None:
    """Both health checkers are told of it, each in its words."""
    described = cluster(service(check=check_of(GOPHER, KEEPALIVED), real_servers=[{"host": "rs1"}]))
    (block,) = map(words, virtual_servers(described))
    start = block.index("GOPHER_CHECK {")
    assert block[start : start + 3] == ["GOPHER_CHECK {", 'selector "/index.html"', "}"]
    (section,) = virtual_sections(described, False)
    assert "service=gopher" in section
    assert 'request="//index.html"' in section
    assert perl_packages(described, "Debian") == ["libgopher-perl"]
    assert perl_packages(described, "RedHat") == []


@pytest.mark.usefixtures("gopher")
def test_new_row_in_what_is_refused() -> None:
    """What it needs, what it has not, and for whom."""
    (web,) = cluster(service(check={"type": GOPHER, "alpha": True})).services
    assert [str(problem) for problem in check_problems(web, HEALTH_CHECKERS)] == [
        "service web: check.selector is not given, and ldirectord needs it for type gopher;"
        " give it.",
        "service web: check.alpha is nothing that ldirectord has for type gopher; leave it out.",
        "service web: check.selector is not given, and keepalived needs it for type gopher;"
        " give it.",
    ]
    _, (problem,) = read_cluster(service(check={"type": GOPHER, "selector": "a"}))
    assert str(problem).startswith("service web: check.selector 'a' is not the path of a page;")
    _, (problem,) = read_cluster(service(check={"type": "gophr"}))
    assert problem.advice.endswith(f", {GOPHER}")


@pytest.mark.usefixtures("gopher")
def test_new_row_in_the_documentation() -> None:
    """It is missed until it has one."""
    text = DOCUMENTED.read_text(encoding="utf-8")
    assert undocumented(text) == ["gopher has no row"]
    row = "| `gopher` | both | **`selector`** |\n| `connect` |"
    assert undocumented(text.replace("| `connect` |", row)) == []
