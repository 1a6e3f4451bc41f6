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
  - The backends' roles have the terms V(nfs_server), V(nfs_client), V(lamp_db), V(lamp_web) and V(php_app). Each gives
    C(problems), a list of C(item), C(field), C(value), C(why), C(advice) and the whole C(message); and, where there are
    none, what the role needs, as far as the options are given that it is worked out from.
options:
  _terms:
    description: What is asked for.
    type: list
    elements: str
    required: true
  found:
    description:
      - For V(nfs_server) and V(nfs_client). What C(getent) has found of their C(look_ups) on the host, a list of lines each
        for C(passwd) and C(group). Without it nothing is said of users and groups that are missing.
    type: dict
  mountinfo:
    description: For V(nfs_server) and V(nfs_client). What C(/proc/self/mountinfo) of the host has.
    type: str
  fstab:
    description: For V(nfs_client). What C(/etc/fstab) of the host has.
    type: str
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
from ansible_collections.lvs.cluster.plugins.plugin_utils._backend import plans as _backend_plans

PLANS: Mapping[str, Plan] = {**_backend_plans.PLANS}


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
