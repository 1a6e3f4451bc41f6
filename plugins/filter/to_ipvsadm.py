# Copyright (c) 2025, The lvs.cluster authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The filter to_ipvsadm."""

from __future__ import annotations

DOCUMENTATION = r"""
---
name: to_ipvsadm
short_description: Print virtual services as rules of ipvsadm
version_added: 0.1.0
author:
  - The lvs.cluster authors (@lvs-cluster)
description:
  - Turns a list of virtual services with their real servers into the rules that C(ipvsadm -R) takes, as
    C(ipvsadm-save -n) prints them. Unlike that, it keeps the thresholds of real servers.
  - All that a kernel may hold is printed. Whether to ask for it anew is for M(lvs.cluster.ipvs_table) to say.
options:
  _input:
    description:
      - The services, as in O(lvs.cluster.ipvs_table#module:services), or as in the
        RV(lvs.cluster.ipvs_table#module:after) that M(lvs.cluster.ipvs_table) returns.
    type: list
    elements: dict
    required: true
seealso:
  - plugin: lvs.cluster.from_ipvsadm
    plugin_type: filter
  - module: lvs.cluster.ipvs_table
"""

EXAMPLES = r"""
---
- name: Show what a description means
  ansible.builtin.debug:
    msg: "{{ services | lvs.cluster.to_ipvsadm }}"
  vars:
    services:
      - virtual_address: 192.168.0.111
        virtual_port: 80
        scheduler: wrr
        real_servers:
          - address: 192.168.137.131
            weight: 6
# -A -t 192.168.0.111:80 -s wrr
# -a -t 192.168.0.111:80 -r 192.168.137.131:80 -m -w 6
"""

RETURN = r"""
---
_value:
  description: The rules, one a line.
  type: str
"""

from collections.abc import Callable, Sequence
from typing import Any

from ansible.errors import AnsibleFilterError
from ansible_collections.lvs.cluster.plugins.module_utils._ipvs.ipvsadm import print_table
from ansible_collections.lvs.cluster.plugins.module_utils._ipvs.wanted import (
    parse_services,
    table_of,
)
from ansible_collections.lvs.cluster.plugins.module_utils._values import ModelError


def to_ipvsadm(services: Sequence[dict[str, Any]]) -> str:
    """Return the rules that make these services, as ipvsadm-save prints them."""
    if not isinstance(services, (list, tuple)):
        raise AnsibleFilterError(
            f"to_ipvsadm: {services!r} is not a list of services; give what ipvs_table is given."
        )
    try:
        return print_table(table_of(parse_services(services)))
    except ModelError as error:
        raise AnsibleFilterError(f"to_ipvsadm: {error}") from error


class FilterModule:
    """The filter for Ansible to find."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        """Return the filter under its name."""
        return {"to_ipvsadm": to_ipvsadm}
