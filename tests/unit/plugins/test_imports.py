# Copyright (c) 2026, The lvs.cluster authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Who may import whom: the wings and rooms of plugins, and no circle among their modules."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

PLUGINS = Path(__file__).parents[3] / "plugins"
COLLECTION = "ansible_collections.lvs.cluster.plugins."
MODULE_UTILS, PLUGIN_UTILS = "module_utils", "plugin_utils"
# What a room of the controller's wing may import besides itself, of that wing.
ROOMS = {
    "_formats": set(),
    "_settings": {"_formats"},
    "_cluster": {"_settings"},
    "_views": {"_cluster", "_formats", "_settings"},
    "_preflight": {"_cluster", "_formats", "_settings", "_views"},
    "_live": {"_cluster", "_settings", "_views"},
    "_backend": {"_cluster", "_formats", "_settings"},
    "_host_check": {"_backend", "_cluster", "_settings", "_views"},
    "_adopt": {"_cluster", "_preflight", "_settings", "_views"},
}
# The library for addresses and routes, which not every host has.
LINKS = f"{MODULE_UTILS}._link."


def modules() -> dict[str, Path]:
    """The modules of plugins, by name from there."""
    return {
        ".".join(path.relative_to(PLUGINS).with_suffix("").parts): path
        for path in sorted(PLUGINS.rglob("*.py"))
    }


def imports(name: str, path: Path) -> Iterator[str]:
    """What a module imports, by name from plugins where it is ours, wherever the statement is."""
    package = name.split(".")[:-1]
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name.removeprefix(COLLECTION) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            module = (node.module or "").removeprefix(COLLECTION)
            if node.level:
                above = package[: len(package) - node.level + 1]
                module = ".".join([*above, *filter(None, [module])])
            yield module
            # A module may be imported out of its package.
            yield from (f"{module}.{alias.name}" for alias in node.names)


MODULES = modules()
GRAPH = {name: {*imports(name, path)} for name, path in MODULES.items()}


def room(name: str) -> str:
    """The room of a module of the controller's wing; empty for what lies before the rooms."""
    parts = name.split(".")
    return parts[1] if len(parts) > 2 else ""


def test_there_is_something_to_look_at() -> None:
    """Else the others would hold nothing."""
    assert "module_utils._ipvs.model" in GRAPH["plugin_utils._cluster.description"]
    assert "plugin_utils._cluster.model" in GRAPH["plugin_utils._views.director"]
    assert {room(name) for name in MODULES if name.startswith(PLUGIN_UTILS)} == {"", *ROOMS}


@pytest.mark.parametrize("name", [name for name in MODULES if name.startswith(MODULE_UTILS)])
def test_what_is_shipped_needs_nothing_of_the_controller(name: str) -> None:
    """Neither its wing, nor plugins of other kinds, nor Ansible beyond what goes along."""
    for imported in GRAPH[name]:
        assert not imported.startswith((PLUGIN_UTILS, "modules.", "lookup.", "filter."))
        assert not imported.startswith("ansible.") or imported.startswith("ansible.module_utils")


@pytest.mark.parametrize("name", [name for name in MODULES if name.startswith("modules.")])
def test_modules_need_nothing_of_the_controller(name: str) -> None:
    """They run on the targets."""
    assert not [imported for imported in GRAPH[name] if imported.startswith(PLUGIN_UTILS)]


@pytest.mark.parametrize("name", [name for name in MODULES if name.startswith(PLUGIN_UTILS)])
def test_rooms_import_downwards(name: str) -> None:
    """What is read, what is made of it, what is refused of it, and what is seen of it."""
    for imported in GRAPH[name] & MODULES.keys():
        if imported.startswith(PLUGIN_UTILS) and room(imported) != room(name):
            assert room(imported) in ROOMS[room(name)] | {""} if room(name) else False


def test_nothing_but_links_imports_pyroute2() -> None:
    """The IPVS modules need nothing installed on a target."""
    users = {
        name
        for name, imported in GRAPH.items()
        if any(module.split(".")[0] == "pyroute2" for module in imported)
    }
    assert all(name.startswith(LINKS) for name in users), users


def test_no_circle() -> None:
    """Each module can be understood before those that import it."""
    graph = {name: imported & MODULES.keys() for name, imported in GRAPH.items()}
    try:
        order = list(TopologicalSorter(graph).static_order())
    except CycleError as error:
        pytest.fail(f"a circle: {' <- '.join(error.args[1])}")
    assert len(order) == len(MODULES)
