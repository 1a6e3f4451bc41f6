"""The nodes of a scenario, and the playbook that changes them."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Sequence
from typing import Any

import pytest
import yaml
from nodes import INVENTORY, Site, ansible_playbook, node
from testinfra.host import Host

# What its assertions found is told, as of those in tests.
pytest.register_assert_rewrite("adopt", "drain", "observing", "operated", "teardown")


@pytest.fixture(scope="session")
def client() -> Host:
    """The client."""
    return node("client")


@pytest.fixture(scope="session")
def director() -> Host:
    """The director."""
    return node("director")


@pytest.fixture(scope="session")
def router() -> Host:
    """The router."""
    return node("router")


@pytest.fixture(scope="session")
def rs1() -> Host:
    """The first real server."""
    return node("rs1")


@pytest.fixture(scope="session")
def rs2() -> Host:
    """The second real server."""
    return node("rs2")


@pytest.fixture(scope="session")
def real_servers() -> dict[str, Host]:
    """All real servers, by their addresses."""
    hosts = yaml.safe_load((INVENTORY / "hosts.yml").read_text())["real_servers"]["hosts"]
    return {variables["lvs_rip"]: node(name) for name, variables in hosts.items()}


@pytest.fixture(scope="session")
def services() -> list[dict[str, Any]]:
    """The services of the inventory."""
    text = (INVENTORY / "group_vars" / "all.yml").read_text()
    found: list[dict[str, Any]] = yaml.safe_load(text)["lvs_virtual_services"]
    return found


@pytest.fixture(scope="session")
def web(services: list[dict[str, Any]]) -> dict[str, Any]:
    """The first service of the inventory."""
    return services[0]


@pytest.fixture(scope="session")
def site() -> Site:
    """Run site.yml on the director, with other services than the inventory's if any are given.

    So with other variables, and options of ansible-playbook; and on other hosts, or on all, if
    asked to.
    """

    def run(
        *services: dict[str, Any],
        check: bool = True,
        everywhere: bool = False,
        limit: str = "directors",
        options: Sequence[str] = (),
        **variables: Any,
    ) -> subprocess.CompletedProcess[str]:
        words = ["-i", str(INVENTORY), *options]
        if not everywhere:
            words += ["--limit", limit]
        if services:
            variables["lvs_virtual_services"] = services
        if variables:
            words += ["-e", json.dumps(variables)]
        done = ansible_playbook(*words, "playbooks/site.yml")
        assert done.returncode == 0 or not check, done.stdout + done.stderr
        return done

    return run
