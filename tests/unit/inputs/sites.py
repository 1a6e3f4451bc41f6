# Copyright (c) 2026, The lvs.cluster authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The inventories as users have them, with facts of their hosts; what roles are told, and write."""

from __future__ import annotations

import copy
import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import jinja2
import yaml
from ansible.inventory.manager import InventoryManager
from ansible.parsing.dataloader import DataLoader
from ansible.plugins.test.core import TestModule
from ansible.template import Templar
from ansible.vars.manager import VariableManager
from ansible_collections.lvs.cluster.plugins.lookup.plan import PLANS
from ansible_collections.lvs.cluster.plugins.plugin_utils._asked import Asked

HOUSE = Path(__file__).parents[3]
# What a run of the playbook finds on its hosts besides addresses.
DEBIAN = {"os_family": "Debian", "distribution": "Debian", "distribution_major_version": "13"}


class Site(NamedTuple):
    """The hosts of an inventory, each with its variables and facts, and its groups."""

    hosts: dict[str, dict[str, Any]]
    groups: dict[str, list[str]]

    def ask(
        self, term: str, host: str, options: Mapping[str, Any] | None = None, **within: Any
    ) -> Any:
        """Return what the lookup gives for a term on a host; C(within) is what its role sets."""
        known = {**within, **self.hosts[host]}
        return PLANS[term](Asked(host, self.hosts, self.groups, known.get, options or {}, known))

    def told(self, term: str, host: str) -> list[dict[str, Any]]:
        """Return the problems that a term tells a host."""
        found = self.ask(term, host)
        problems = found if term == "problems" else found["problems"]
        return list(problems)


def site(name: str) -> Site:
    """Return an inventory that may be changed."""
    return copy.deepcopy(_load(name))


@cache
def _load(name: str) -> Site:
    loader = DataLoader()
    inventory = InventoryManager(loader=loader, sources=[str(HOUSE / "inventories" / name)])
    manager = VariableManager(loader=loader, inventory=inventory)
    hosts: dict[str, dict[str, Any]] = {}
    for host in inventory.get_hosts():
        known = manager.get_vars(host=host, include_hostvars=False)
        templar = Templar(loader=loader, variables=known)
        own = {
            variable: templar.template(value)
            for variable, value in known.items()
            if not variable.startswith(("ansible_", "lab_"))
        }
        own["ansible_connection"] = "local"
        own["ansible_facts"] = DEBIAN
        own["__preflight_host"] = _network(known.get("lab_interfaces") or {})
        # Neither tags nor trust of Ansible's: what is changed in tests has none.
        hosts[str(host.name)] = json.loads(json.dumps(own))
    groups = {group: list(members) for group, members in inventory.get_groups_dict().items()}
    return Site(hosts, groups)


def _network(interfaces: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    found = [
        {"name": name, "mtu": 1500, "addresses": [*(interface.get("addresses") or ())]}
        for name, interface in interfaces.items()
    ]
    return {"interfaces": found, "gateways": []}


# ---- what a role writes -------------------------------------------------------------------------
def defaults(role: str) -> dict[str, Any]:
    """Return the role's defaults, without those that are templates."""
    read = yaml.safe_load((HOUSE / "roles" / role / "defaults" / "main.yml").read_text())
    return {name: value for name, value in read.items() if "{{" not in str(value)}


def written(asked: Site, role: str, host: str, **more: Any) -> dict[str, str]:
    """Return the files that a role writes on a host, by path, as its templates make them.

    C(more) are variables of the role that it works out of facts.
    """
    plan = asked.ask(role, host, **defaults(role))
    known = {**defaults(role), **asked.hosts[host], "ansible_managed": ""}
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(HOUSE / "roles" / role / "templates"),
        trim_blocks=True,
        keep_trailing_newline=True,
        undefined=jinja2.StrictUndefined,
    )
    environment.tests.update(TestModule().tests())
    # Of the role's vars, which are paths; what they work out of facts says nothing of an input.
    own = yaml.safe_load((HOUSE / "roles" / role / "vars" / "main.yml").read_text())
    known |= {name: "" if "{{" in str(value) else value for name, value in own.items()}
    known |= {f"__{role}_plan": plan, "__health_checker_is_kept": False, **more}
    found = {}
    for name in environment.list_templates(extensions=["j2"]):
        # What is written once for each policy of firewalld.
        for item in plan["firewalld"] if "firewalld" in name else [None]:
            path = f"/{name.removesuffix('.j2')} {item['name'] if item else ''}".strip()
            found[path] = environment.get_template(name).render({**known, "item": item})
    return found
