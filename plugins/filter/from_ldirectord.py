# Copyright (c) 2026, The lvs.cluster authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The filter from_ldirectord."""

from __future__ import annotations

DOCUMENTATION = r"""
---
name: from_ldirectord
short_description: Read ldirectord.cf into the variables of an inventory
version_added: 0.1.0
author:
  - The lvs.cluster authors (@lvs-cluster)
description:
  - Turns an C(ldirectord.cf) into what an inventory of this collection says, C(lvs_virtual_services) and the
    variables of the roles C(director) and C(ldirectord), and tells line by line what became of the file.
  - It is read as ldirectord of resource-agents 4.12 to 4.16 reads it. So a C(#) in a section begins a comment, also
    within quotation marks, and what is not set, such as the time of a check, has ldirectord's default and not that of
    the role.
  - Each setting is in RV(_value.carried_over), in RV(_value.left_out), or in both, where a part of it is left out.
  - A service of the description has one check for all of its real servers. A request that a line C(real=) has for
    one of them is left out.
  - Passwords and secrets are variables of a vault, to which the description refers, such as
    C(vault_fwmark_7_password). Their values are in the result only with O(secrets).
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
    default: /etc/ha.d/ldirectord.cf
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
  secrets:
    description:
      - Whether RV(_value.secrets) has the values of passwords. Keep them out of logs then, by C(no_log).
    type: bool
    default: false
seealso:
  - plugin: lvs.cluster.to_inventory
    plugin_type: filter
  - plugin: lvs.cluster.from_keepalived
    plugin_type: filter
  - plugin: lvs.cluster.from_ipvsadm_save
    plugin_type: filter
"""

EXAMPLES = r"""
---
- name: Show what an inventory cannot say of an ldirectord.cf
  ansible.builtin.debug:
    msg: "{{ (lookup('ansible.builtin.file', 'ldirectord.cf') | lvs.cluster.from_ldirectord).left_out }}"

- name: Show a service whose real servers are called by name
  ansible.builtin.debug:
    msg: "{{ (cf | lvs.cluster.from_ldirectord(addresses=known)).variables.lvs_virtual_services[0] }}"
  vars:
    known: {www-vip: 192.0.2.80, web1: 10.2.0.11, web3: 10.2.0.13}
    cf: |
      checkinterval=3
      virtual=www-vip:http
              real=web1->web3:80 gate
              request="status"
              receive="ok"
# address: 192.0.2.80
# port: 80
# scheduler: wrr
# forward: dr
# real_servers:
#   - address: 10.2.0.11
#   - address: 10.2.0.12
#   - address: 10.2.0.13
# check: {type: http, path: /status, expect: ok, interval: 3, timeout: 30}
"""

RETURN = r"""
---
_value:
  description: What the file has, and what became of each of its settings.
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
        - What the variables of a vault have to be that the description refers to.
      type: list
      elements: dict
      contains:
        variable:
          description: The name of the variable.
          type: str
        file:
          description: The file that has the secret.
          type: str
        line:
          description: The line that has it.
          type: int
        value:
          description: The secret.
          returned: with O(secrets)
          type: str
    carried_over:
      description:
        - Each setting that is in the inventory, in part at least.
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
          description: What it has become, such as C(check.interval).
          type: str
    left_out:
      description:
        - Each setting that is not in the inventory, or not all of it.
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
from ansible_collections.lvs.cluster.plugins.plugin_utils._adopt import ldirectord
from ansible_collections.lvs.cluster.plugins.plugin_utils._adopt.options import (
    read_options,
    take_names,
)


def from_ldirectord(text: str, **options: Any) -> dict[str, Any]:
    """Return what ldirectord.cf has, in the words of an inventory."""
    try:
        given = read_options(options, "path", "addresses", "ports", "as_hosts", "secrets")
        secrets = given.pop("secrets", False)
        found = ldirectord.from_ldirectord(text, take_names(given), **given)
        result: dict[str, Any] = wrap_var(found.as_result(secrets))
    except ModelError as error:
        raise AnsibleFilterError(f"from_ldirectord: {error}") from error
    return result


class FilterModule:
    """The filter for Ansible to find."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        """Return the filter under its name."""
        return {"from_ldirectord": from_ldirectord}
