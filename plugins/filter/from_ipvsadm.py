# Copyright (c) 2025, The lvs.cluster authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The filter from_ipvsadm."""

from __future__ import annotations

DOCUMENTATION = r"""
---
name: from_ipvsadm
short_description: Read virtual services from rules of ipvsadm
version_added: 0.1.0
author:
  - The lvs.cluster authors (@lvs-cluster)
description:
  - Turns rules of ipvsadm, as C(ipvsadm-save -n) writes them or as command lines, into a list of virtual services
    with their real servers. What is read, and what it means, is described at
    O(lvs.cluster.ipvs_table#module:rules).
  - All that a kernel may hold is read. Whether to ask for it anew is for M(lvs.cluster.ipvs_table) to say.
  - The filter runs on the controller, which does not know the target's names. So addresses and ports have to be
    numbers.
options:
  _input:
    description:
      - The rules, one a line.
    type: str
    required: true
seealso:
  - plugin: lvs.cluster.to_ipvsadm
    plugin_type: filter
  - module: lvs.cluster.ipvs_table
"""

EXAMPLES = r"""
---
- name: Turn a file of rules into a description
  ansible.builtin.debug:
    msg: "{{ lookup('ansible.builtin.file', 'ipvsadm.rules') | lvs.cluster.from_ipvsadm }}"

- name: Show the real servers of a rule
  ansible.builtin.debug:
    msg: "{{ (rules | lvs.cluster.from_ipvsadm)[0].real_servers }}"
  vars:
    rules: |
      -A -t 192.168.0.111:80 -s wrr
      -a -t 192.168.0.111:80 -r 192.168.137.131:80 -m -w 6
# - address: 192.168.137.131
#   port: 80
#   forward: nat
#   weight: 6
"""

RETURN = r"""
---
_value:
  description: The services, as O(lvs.cluster.ipvs_table#module:services) takes them.
  type: list
  elements: dict
"""

from collections.abc import Callable
from typing import Any

from ansible.errors import AnsibleFilterError
from ansible_collections.lvs.cluster.plugins.module_utils._ipvs.from_ipvsadm import parse_rules
from ansible_collections.lvs.cluster.plugins.module_utils._ipvs.wanted import table_of
from ansible_collections.lvs.cluster.plugins.module_utils._values import ModelError


def from_ipvsadm(text: str) -> list[dict[str, Any]]:
    """Return the services that rules make, as ipvs_table takes them."""
    if not isinstance(text, str):
        raise AnsibleFilterError(
            f"from_ipvsadm: {text!r} is no text; give what ipvsadm -Sn prints."
        )
    try:
        wanted = parse_rules(text)
        # What no kernel holds is to be said here, and not first by whoever uses it.
        table_of(wanted)
    except ModelError as error:
        raise AnsibleFilterError(f"from_ipvsadm: {error}") from error
    return [service.as_task() for service in wanted]


class FilterModule:
    """The filter for Ansible to find."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        """Return the filter under its name."""
        return {"from_ipvsadm": from_ipvsadm}
