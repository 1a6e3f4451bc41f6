# Copyright (c) 2026, The lvs.cluster authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The filter from_keepalived."""

from __future__ import annotations

DOCUMENTATION = r"""
---
name: from_keepalived
short_description: Read keepalived.conf into the variables of an inventory
version_added: 0.1.0
author:
  - The lvs.cluster authors (@lvs-cluster)
description:
  - Turns a C(keepalived.conf) into what an inventory of this collection says, C(lvs_virtual_services) and the
    variables of the roles C(director) and C(keepalived), and tells line by line what became of the file.
  - All forms of C(virtual_server), C(virtual_server_group), both forms of comments, C(include) of files,
    parameters (C($NAME=)), C(~SEQ), C(~LST) and lines for one director of several (C(@name)) are read, as
    keepalived.conf(5) of keepalived 2.2 to 2.4 has them.
  - Each statement is in RV(_value.carried_over), in RV(_value.left_out), or in both, where a part of it is left out.
  - A service of the description has one check for all of its real servers, and the role keepalived one setting for
    all instances of VRRP. Where a file has several, RV(_value.left_out) says which one counts.
  - No secret is returned. VRRP of version 3, which the role has, has no authentication, so that C(auth_pass) is
    left out, and its value hidden.
positional: _input
options:
  _input:
    description:
      - The text of the file.
    type: str
    required: true
  files:
    description:
      - The texts of files that it may include, by whole path. What is included and not here is left out.
    type: dict
  path:
    description:
      - The file's own path, to which names of included files are relative.
    type: str
    default: /etc/keepalived/keepalived.conf
  config_id:
    description:
      - What keepalived calls this director in lines such as C(@main priority 240), by its option C(-i) or else by the
        first part of the host's name. Without it all of these lines are left out.
    type: str
  addresses:
    description:
      - The address of each host that is known by name, or a list of them.
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
  - plugin: lvs.cluster.from_ldirectord
    plugin_type: filter
  - plugin: lvs.cluster.from_ipvsadm_save
    plugin_type: filter
"""

EXAMPLES = r"""
---
- name: Show what an inventory cannot say of a keepalived.conf
  ansible.builtin.debug:
    msg: "{{ (lookup('ansible.builtin.file', 'keepalived.conf') | lvs.cluster.from_keepalived).left_out }}"

- name: Read one with the files that it includes, which lie in a directory of the controller
  ansible.builtin.debug:
    msg: "{{ texts['/etc/keepalived/keepalived.conf'] | lvs.cluster.from_keepalived(files=texts, config_id='lb1') }}"
  vars:
    names: "{{ query('ansible.builtin.fileglob', 'lb1/etc/keepalived/*.conf', 'lb1/etc/keepalived/conf.d/*') }}"
    texts: >-
      {{ dict(names | map('regex_replace', '^.*/lb1/', '/') | zip(query('ansible.builtin.file', *names))) }}

- name: Show a service
  ansible.builtin.debug:
    msg: "{{ (conf | lvs.cluster.from_keepalived).variables.lvs_virtual_services[0] }}"
  vars:
    conf: |
      virtual_server 192.0.2.100 80 {
          lvs_sched rr
          lvs_method NAT
          real_server 10.0.0.11 80 { TCP_CHECK { connect_timeout 3 } }
      }
# address: 192.0.2.100
# port: 80
# scheduler: rr
# forward: nat
# real_servers:
#   - address: 10.0.0.11
# check: {type: connect, interval: 60, timeout: 3, failures: 2}
"""

RETURN = r"""
---
_value:
  description: What the file has, and what became of each of its statements.
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
        - What the director calls itself, empty where the file does not say it. Here it is C(router_id).
      type: str
    secrets:
      description:
        - Always empty here.
      type: list
      elements: dict
    carried_over:
      description:
        - Each statement that is in the inventory, in part at least.
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
          description: The statement, without its comment. What may be a secret is hidden.
          type: str
        into:
          description: What it has become, such as C(check.interval).
          type: str
    left_out:
      description:
        - Each statement that is not in the inventory, or not all of it.
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
          description: The statement, without its comment. What may be a secret is hidden.
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
from ansible_collections.lvs.cluster.plugins.plugin_utils._adopt import keepalived
from ansible_collections.lvs.cluster.plugins.plugin_utils._adopt.options import (
    read_options,
    take_names,
)


def from_keepalived(text: str, **options: Any) -> dict[str, Any]:
    """Return what keepalived.conf has, in the words of an inventory."""
    try:
        given = read_options(options, "files", "path", "config_id", "addresses", "as_hosts")
        found = keepalived.from_keepalived(text, take_names(given), **given)
        result: dict[str, Any] = wrap_var(found.as_result())
    except ModelError as error:
        raise AnsibleFilterError(f"from_keepalived: {error}") from error
    return result


class FilterModule:
    """The filter for Ansible to find."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        """Return the filter under its name."""
        return {"from_keepalived": from_keepalived}
