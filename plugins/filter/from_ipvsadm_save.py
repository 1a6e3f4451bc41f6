# Copyright (c) 2026, The lvs.cluster authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The filter from_ipvsadm_save."""

from __future__ import annotations

DOCUMENTATION = r"""
---
name: from_ipvsadm_save
short_description: Read what ipvsadm has saved into the variables of an inventory
version_added: 0.1.0
author:
  - The lvs.cluster authors (@lvs-cluster)
description:
  - Turns the file of a director's table, such as C(/etc/ipvsadm.rules) or C(/etc/sysconfig/ipvsadm), into what an
    inventory of this collection says, C(lvs_virtual_services) and variables of the role C(director), and tells line
    by line what became of the file.
  - What is read, and what it means, is described at O(lvs.cluster.ipvs_table#module:rules). Lines that are no rules,
    as of a script that makes a director, are left out, but for timeouts (C(--set)) and daemons (C(--start-daemon)).
  - P(lvs.cluster.from_ipvsadm#filter) gives the same services as M(lvs.cluster.ipvs_table) takes them, and refuses
    what it does not know.
positional: _input
options:
  _input:
    description:
      - The text of the file.
    type: str
    required: true
  path:
    description:
      - What results and messages call the file.
    type: str
    default: /etc/ipvsadm.rules
  addresses:
    description:
      - The address of each host that the file calls by name, or a list of them. A line with a name that is not
        known is left out.
    type: dict
  ports:
    description:
      - The port of each service that the file calls by name, where the controller's own C(/etc/services) does not
        know it.
    type: dict
  as_hosts:
    description:
      - Whether real servers whose address is in O(addresses) become hosts of the inventory. Else real servers are
        described by their addresses, and no run touches them.
      - Real servers of a firewall mark stay addresses, unless packets reach them by NAT, because the file does not
        say which virtual addresses they would have to have.
    type: bool
    default: false
seealso:
  - plugin: lvs.cluster.to_inventory
    plugin_type: filter
  - plugin: lvs.cluster.from_ipvsadm
    plugin_type: filter
  - plugin: lvs.cluster.from_keepalived
    plugin_type: filter
"""

EXAMPLES = r"""
---
- name: Show what an inventory says in place of a file of rules
  ansible.builtin.debug:
    msg: "{{ (lookup('ansible.builtin.file', 'ipvsadm.rules') | lvs.cluster.from_ipvsadm_save).variables }}"

- name: Show a service
  ansible.builtin.debug:
    msg: "{{ (rules | lvs.cluster.from_ipvsadm_save).variables.lvs_virtual_services[0] }}"
  vars:
    rules: |
      -A -t 192.0.2.100:http -s wrr -p 360
      -a -t 192.0.2.100:http -r 10.0.0.11:8080 -m -w 6
# address: 192.0.2.100
# port: 80
# scheduler: wrr
# persistent_timeout: 360
# forward: nat
# real_servers:
#   - address: 10.0.0.11
#     port: 8080
#     weight: 6
"""

RETURN = r"""
---
_value:
  description: What the file has, and what became of each of its lines.
  type: dict
  contains:
    variables:
      description:
        - C(lvs_virtual_services), for all hosts, and the variables of a director.
      type: dict
    hosts:
      description:
        - The real servers that are hosts, each with C(lvs_rip) and C(lvs_rip6).
      type: dict
    director:
      description:
        - What the director calls itself, empty where the file does not say it. It never does here.
      type: str
    secrets:
      description:
        - Always empty here.
      type: list
      elements: dict
    carried_over:
      description:
        - Each line that is in the inventory, in part at least.
      type: list
      elements: dict
      contains:
        file:
          description: The file.
          type: str
        line:
          description: The line.
          type: int
        text:
          description: The line. What may be a secret is hidden.
          type: str
        into:
          description: What it has become, such as C(real_servers).
          type: str
    left_out:
      description:
        - Each line that is not in the inventory, or not all of it.
      type: list
      elements: dict
      contains:
        file:
          description: The file.
          type: str
        line:
          description: The line.
          type: int
        text:
          description: The line. What may be a secret is hidden.
          type: str
        why:
          description: Why it is left out.
          type: str
        advice:
          description: What to do instead, empty where there is nothing.
          type: str
    problems:
      description:
        - What preflight would refuse of the inventory as it is, with nothing known of any host; for NAT, mostly that
          C(lvs_dip) is not given. The same as the term C(problems) of the lookup P(lvs.cluster.plan#lookup) returns.
      type: list
      elements: dict
"""

from collections.abc import Callable
from typing import Any

from ansible.errors import AnsibleFilterError
from ansible.utils.unsafe_proxy import wrap_var
from ansible_collections.lvs.cluster.plugins.module_utils._values import ModelError
from ansible_collections.lvs.cluster.plugins.plugin_utils._adopt import ipvsadm
from ansible_collections.lvs.cluster.plugins.plugin_utils._adopt.options import (
    read_options,
    take_names,
)


def from_ipvsadm_save(text: str, **options: Any) -> dict[str, Any]:
    """Return what ipvsadm has saved, in the words of an inventory."""
    try:
        given = read_options(options, "path", "addresses", "ports", "as_hosts")
        found = ipvsadm.from_ipvsadm_save(text, take_names(given), **given)
        result: dict[str, Any] = wrap_var(found.as_result())
    except ModelError as error:
        raise AnsibleFilterError(f"from_ipvsadm_save: {error}") from error
    return result


class FilterModule:
    """The filter for Ansible to find."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        """Return the filter under its name."""
        return {"from_ipvsadm_save": from_ipvsadm_save}
