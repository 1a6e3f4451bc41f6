# Copyright (c) 2026, The lvs.cluster authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a host is told, out of the one description: the way from the inventory to the roles."""

from __future__ import annotations

DOCUMENTATION = r"""
name: plan
author: The lvs.cluster authors
version_added: 0.1.0
short_description: What a host of the cluster is told
description:
  - Works out what a host needs from the description of the cluster, C(lvs_virtual_services), the
    inventory's groups and variables, and the hosts' facts.
  - The roles of this collection use it.
options:
  _terms:
    description: What is asked for.
    type: list
    elements: str
    required: true
"""

EXAMPLES = r"""
- name: Show the table that this director is to have
  ansible.builtin.debug:
    msg: "{{ lookup('lvs.cluster.plan', 'director').services }}"
"""

RETURN = r"""
_raw:
  description: What is asked for, one value for each term.
  type: list
  elements: raw
"""

from collections.abc import Mapping
from typing import Any

from ansible.errors import AnsibleLookupError
from ansible.plugins.lookup import LookupBase
from ansible_collections.lvs.cluster.plugins.module_utils._values import ModelError
from ansible_collections.lvs.cluster.plugins.plugin_utils._asked import Asked, Plan

PLANS: Mapping[str, Plan] = {}


class LookupModule(LookupBase):  # type: ignore[misc]  # Ansible does not say its types
    """What Ansible loads."""

    def run(
        self, terms: list[str], variables: Mapping[str, Any] | None = None, **kwargs: Any
    ) -> list[Any]:
        """Return what is asked for."""
        known = variables or {}

        def variable(name: str, default: Any = None) -> Any:
            return self._templar.template(known[name]) if name in known else default

        asked = Asked(
            str(known.get("inventory_hostname", "")),
            known.get("hostvars") or {},
            known.get("groups") or {},
            variable,
            kwargs,
        )
        found = []
        for term in terms:
            if term not in PLANS:
                raise AnsibleLookupError(
                    f"lvs.cluster.plan: term {term!r} is not known; use one of {', '.join(PLANS)}."
                )
            try:
                found.append(PLANS[term](asked))
            except ModelError as error:
                raise AnsibleLookupError(str(error)) from error
        return found
