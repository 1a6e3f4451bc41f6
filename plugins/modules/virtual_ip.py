#!/usr/bin/python

# Copyright (c) 2025, The lvs.cluster authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A virtual IP address on an interface."""

from __future__ import annotations

DOCUMENTATION = r"""
module: virtual_ip
short_description: Manage a virtual IP address on an interface
version_added: 0.1.0
author:
  - The lvs.cluster authors (@lvs-cluster)
description:
  - Adds an IPv4 or IPv6 address to an interface, or deletes it from there, in the running kernel.
  - What it sets is gone after a reboot.
  - Where the kernel deletes other addresses of a network along with its first one, they are added again.
  - A change that would cut the SSH connection that the task came by is refused.
extends_documentation_fragment:
  - lvs.cluster.attributes
  - lvs.cluster.attributes.actiongroup_ipvs
  - lvs.cluster.link
options:
  address:
    description:
      - The address of one host, with or without a prefix length. It is not a network's own address, nor one for broadcast
        or multicast, but for V(state=absent).
      - Without one, the address fits with whatever prefix length it is there, and is added as a C(/32) (IPv6 as a C(/128)).
      - With one, the address is to have exactly that, and is taken away with others.
      - IPv6 addresses are added without duplicate address detection, so that they work at once.
      - A C(/128) is added as deprecated, so that the host's own packets do not come from it where there is another address.
    type: str
    required: true
  interface:
    description:
      - The interface, such as V(eth0), or V(lo) on the real servers of LVS-DR and LVS-TUN.
    type: str
    required: true
  label:
    description:
      - The label of an IPv4 address, which is the interface's name and more, such as V(eth0:1).
      - A new address gets the interface's name where this is not given.
    type: str
  state:
    description:
      - Whether the address is to be on the interface.
    type: str
    choices: [present, absent]
    default: present
seealso:
  - module: lvs.cluster.virtual_ips
    description: Many addresses, of which it remembers who added them.
  - module: lvs.cluster.sysctl_arp
  - module: lvs.cluster.default_gateway
"""

EXAMPLES = r"""
- name: Give the director its virtual IP address
  lvs.cluster.virtual_ip:
    address: 192.168.0.111/24
    interface: eth1

- name: Give a real server of LVS-DR the virtual IP address, for itself only
  lvs.cluster.virtual_ip:
    address: 192.168.137.100
    interface: lo
    label: lo:0

- name: Take an address away
  lvs.cluster.virtual_ip:
    address: 2001:db8::10
    interface: eth1
    state: absent
"""

RETURN = r"""
before:
  description: The addresses of the interface as they were.
  returned: success
  type: list
  elements: dict
  sample: []
after:
  description: The addresses of the interface as they are, or in check mode would be.
  returned: success
  type: list
  elements: dict
  sample:
    - address: 192.168.0.111
      prefix: 24
      interface: eth1
      label: eth1
operations:
  description:
    - What was done, or in check mode would be, in this order. Each with what it does to established connections, V(none)
      or V(drops connections).
  returned: always
  type: list
  elements: dict
  sample:
    - action: add
      item: address
      address: 192.168.0.111
      prefix: 24
      interface: eth1
      label: eth1
      effect: none
"""

from collections.abc import Collection, Sequence

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.lvs.cluster.plugins.module_utils._link.interface import check_interface
from ansible_collections.lvs.cluster.plugins.module_utils._link.model import Address, Place, Step
from ansible_collections.lvs.cluster.plugins.module_utils._link.module import run_addresses
from ansible_collections.lvs.cluster.plugins.module_utils._link.plan import (
    plan_address,
    plan_address_absent,
)
from ansible_collections.lvs.cluster.plugins.module_utils._link.wanted import parse_virtual_ip
from ansible_collections.lvs.cluster.plugins.module_utils._result import fail
from ansible_collections.lvs.cluster.plugins.module_utils._values import ModelError
from ansible_collections.lvs.cluster.plugins.module_utils._written import as_written


def main() -> None:
    """Run the module."""
    module = AnsibleModule(
        argument_spec={
            "address": {"type": "str", "required": True},
            "interface": {"type": "str", "required": True},
            "label": {"type": "str"},
            "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
        },
        supports_check_mode=True,
    )
    given = as_written(module)
    try:
        gone = given["state"] == "absent"
        wanted = parse_virtual_ip(given["address"], given["interface"], given["label"], gone=gone)
        check_interface(wanted.interface)
    except ModelError as error:
        fail(module, error)

    def plan(
        have: Sequence[Address], _owned: Collection[Place], promoting: Collection[str]
    ) -> list[Step]:
        if gone:
            return plan_address_absent(have, wanted, promoting=promoting)
        return plan_address(have, wanted, promoting=promoting)

    run_addresses(module, [wanted], plan)


if __name__ == "__main__":
    main()
