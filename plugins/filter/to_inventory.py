# Copyright (c) 2026, The lvs.cluster authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The filter to_inventory."""

from __future__ import annotations

DOCUMENTATION = r"""
---
name: to_inventory
short_description: Write an inventory of what was read of a director
version_added: 0.1.0
author:
  - The lvs.cluster authors (@lvs-cluster)
description:
  - Turns what P(lvs.cluster.from_keepalived#filter), P(lvs.cluster.from_ldirectord#filter) or
    P(lvs.cluster.from_ipvsadm_save#filter) have returned, of one director or of several of a cluster, into the files
    of an inventory.
  - The files are C(hosts.yml), C(group_vars/all/lvs.yml) with the services, C(group_vars/directors.yml) with what all
    directors have, C(left-out.md) with what is not in the inventory, and why, and C(group_vars/all/vault.yml), which
    nobody else may read, where there are secrets. A secret whose value was not returned is empty there; preflight
    refuses it until it is filled in. Encrypt that file by C(ansible-vault encrypt).
  - Where there is NAT, and the file did not say C(lvs_dip), it is the director's own address in the network of the
    real servers, if O(_input[].addresses) has one.
  - What is written stays text. A value that looks like a template is marked C(!unsafe).
options:
  _input:
    description:
      - The directors. They have to have the same services.
    type: list
    elements: dict
    required: true
    suboptions:
      found:
        description:
          - What one of the filters has returned.
        type: dict
        required: true
      name:
        description:
          - What the inventory is to call the director; else what the file does, or C(director).
        type: str
      ansible_host:
        description:
          - By which address or name Ansible is to connect to it.
        type: str
      addresses:
        description:
          - The addresses of the director, each with its prefix length.
        type: list
        elements: str
seealso:
  - plugin: lvs.cluster.from_keepalived
    plugin_type: filter
  - plugin: lvs.cluster.from_ldirectord
    plugin_type: filter
  - plugin: lvs.cluster.from_ipvsadm_save
    plugin_type: filter
"""

EXAMPLES = r"""
---
- name: Write an inventory of what an ldirectord.cf says
  hosts: localhost
  gather_facts: false
  vars:
    found: >-
      {{ lookup('ansible.builtin.file', 'ldirectord.cf')
         | lvs.cluster.from_ldirectord(addresses={'www-vip': '192.0.2.80'}, secrets=true) }}
    files: "{{ [{'found': found, 'name': 'lb1', 'addresses': ['10.2.0.3/16']}] | lvs.cluster.to_inventory }}"
  tasks:
    - name: Make the directories
      ansible.builtin.file:
        path: shop/{{ item.path | dirname }}
        state: directory
        mode: "0755"
      loop: "{{ files }}"
      no_log: true

    - name: Write the files
      ansible.builtin.copy:
        content: "{{ item.text }}"
        dest: shop/{{ item.path }}
        mode: "{{ item.mode }}"
      loop: "{{ files }}"
      no_log: true   # a vault is among them
"""

RETURN = r"""
---
_value:
  description: The files.
  type: list
  elements: dict
  contains:
    path:
      description: The path within the inventory.
      type: str
    mode:
      description: Who may read it, C(0600) for that of secrets.
      type: str
    text:
      description: What is in it.
      type: str
"""

from collections.abc import Callable
from typing import Any

from ansible.errors import AnsibleFilterError
from ansible.utils.unsafe_proxy import wrap_var
from ansible_collections.lvs.cluster.plugins.module_utils._values import ModelError
from ansible_collections.lvs.cluster.plugins.plugin_utils._adopt.inventory import (
    inventory_files,
    read_director,
)


def to_inventory(directors: Any) -> list[dict[str, str]]:
    """Return the files of an inventory that has what was found of these directors."""
    try:
        if not isinstance(directors, (list, tuple)):
            advice = "give a list of them, each with found"
            raise ModelError("", "", None, "the directors are not a list", advice)
        files = inventory_files([read_director(one) for one in directors])
        result: list[dict[str, str]] = wrap_var([file._asdict() for file in files])
    except ModelError as error:
        raise AnsibleFilterError(f"to_inventory: {error}") from error
    return result


class FilterModule:
    """The filter for Ansible to find."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        """Return the filter under its name."""
        return {"to_inventory": to_inventory}
