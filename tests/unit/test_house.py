# Copyright (c) 2026, The lvs.cluster authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What has to fit together across the repository, so that nothing is left out in silence."""

from __future__ import annotations

import configparser
import os
import re
import subprocess
from fnmatch import fnmatch
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml

HOUSE = Path(__file__).resolve().parents[2]
SCENARIOS = sorted(path.parent for path in HOUSE.glob("molecule/*/molecule.yml"))
PAGES = sorted([*HOUSE.glob("*.md"), *HOUSE.glob("docs/*.md"), *HOUSE.glob("roles/*/README.md")])
LINK = re.compile(r"\]\(([^)\s]+)\)")


@cache
def load(name: str) -> Any:
    """Read a file of YAML."""
    return yaml.safe_load((HOUSE / name).read_text())


def run(*command: str | Path, given: str = "") -> subprocess.CompletedProcess[str]:
    """Run a command."""
    return subprocess.run(command, input=given, capture_output=True, text=True, check=False)


def heading_anchors(page: Path) -> set[str]:
    """Give the anchors that a page's headings have."""
    headings = re.findall(r"^#+ (.+)$", page.read_text(), re.MULTILINE)
    return {
        re.sub(r"[^\w -]", "", heading).strip().lower().replace(" ", "-") for heading in headings
    }


def is_shipped(path: Path) -> bool:
    """Tell whether a file is in the built collection."""
    name = str(path.relative_to(HOUSE))
    above = [name, *(str(parent) for parent in Path(name).parents)]
    ignored = load("galaxy.yml")["build_ignore"]
    return not any(fnmatch(part, pattern) for part in above for pattern in ignored)


class TestScenarios:
    """A scenario is an inventory, and a folder of the same name in molecule/."""

    def test_each_has_its_inventory_and_each_inventory_its_scenario(self) -> None:
        inventories = {path.parent.name for path in HOUSE.glob("inventories/*/hosts.yml")}
        assert inventories
        assert {path.name for path in SCENARIOS} == inventories

    @pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda path: str(path.name))
    def test_each_has_its_name_and_its_tests(self, scenario: Path) -> None:
        described = load(f"molecule/{scenario.name}/molecule.yml")
        assert described["scenario"]["name"] == scenario.name
        assert (scenario / "tests" / f"test_{scenario.name}.py").is_file()
        sequence = described["scenario"].get("test_sequence", ["verify changes"])
        assert (scenario / "changes" / "test_changes.py").is_file() == (
            "verify changes" in sequence
        )

    def test_each_is_found_and_the_long_ones_first(self) -> None:
        found = run(HOUSE / "molecule" / "scenarios").stdout.split()
        assert sorted(found) == [path.name for path in SCENARIOS]
        long = [
            "# Takes long" in (HOUSE / "molecule" / s / "molecule.yml").read_text() for s in found
        ]
        assert long[0]
        assert long == sorted(long, reverse=True)


class TestPages:
    """Nobody is led to a page that is not there."""

    @pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(HOUSE)))
    def test_links_lead_somewhere(self, page: Path) -> None:
        for link in LINK.findall(page.read_text()):
            if "://" in link:
                continue
            name, _, anchor = link.partition("#")
            target = (page.parent / name).resolve() if name else page
            assert target.exists(), link
            assert not anchor or anchor in heading_anchors(target), link
            assert is_shipped(target) or not is_shipped(page), (
                f"{link} is not in the built collection"
            )

    def test_readme_names_what_is_included(self) -> None:
        readme = (HOUSE / "README.md").read_text()
        for kind in ("modules", "lookup", "filter"):
            documented = {*HOUSE.glob(f"plugins/{kind}/*.yml"), *HOUSE.glob(f"plugins/{kind}/*.py")}
            for name in {path.stem for path in documented} - {"__init__"}:
                assert f"`{name}`" in readme, name
        for role in HOUSE.glob("roles/[!_]*"):
            assert f"(roles/{role.name}/README.md)" in readme, role.name

    def test_page_of_playbooks_has_each(self) -> None:
        page = (HOUSE / "docs" / "playbooks.md").read_text()
        for playbook in HOUSE.glob("playbooks/*.yml"):
            assert f"`lvs.cluster.{playbook.stem}`" in page, playbook.name


class TestCollection:
    """What users get, and what it says of itself."""

    def test_nothing_of_the_development_is_built_in(self) -> None:
        hidden = [path for path in HOUSE.glob(".*") if path.name != ".git"]
        assert [path.name for path in hidden if is_shipped(path)] == []
        shipped = {path.name for path in HOUSE.glob("[!.]*/") if is_shipped(path)}
        meant = "changelogs docs inventories meta playbooks plugins roles"
        assert shipped == set(meant.split())

    def test_every_module_is_in_the_action_group(self) -> None:
        modules = {path.stem for path in HOUSE.glob("plugins/modules/*.py")} - {"__init__"}
        assert set(load("meta/runtime.yml")["action_groups"]["ipvs"]) == modules

    def test_workflow_begins_with_the_oldest_ansible(self) -> None:
        jobs = load(".github/workflows/ci.yml")["jobs"]
        cores = jobs["sanity"]["strategy"]["matrix"]["core"]
        assert load("meta/runtime.yml")["requires_ansible"] == f">={cores[0]}.0"


class TestConfiguration:
    """What Ansible is told where the tests run it."""

    def test_facts_are_in_ansible_facts_only(self) -> None:
        written = configparser.ConfigParser()
        written.read(HOUSE / "ansible.cfg")
        assert written.getboolean("defaults", "inject_facts_as_vars") is False
        scenarios = load(".config/molecule/config.yml")["ansible"]["cfg"]
        assert scenarios["defaults"]["inject_facts_as_vars"] is False


class TestMake:
    """What make calls besides the tools."""

    def test_lint_and_unit_write_to_a_directory_of_whoever_runs_them(self) -> None:
        directory = Path(run(HOUSE / ".ci" / "build-directory").stdout.strip())
        assert directory.stat().st_uid == os.getuid()
        assert (directory / "home").is_dir()
