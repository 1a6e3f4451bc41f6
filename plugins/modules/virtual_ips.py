#!/usr/bin/python

# Copyright (c) 2025, The lvs.cluster authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Many virtual IP addresses, and who added them."""

from __future__ import annotations

DOCUMENTATION = r"""
module: virtual_ips
short_description: Manage many virtual IP addresses, and take away only what was added
version_added: 0.1.0
author:
  - The lvs.cluster authors (@lvs-cluster)
description:
  - Adds IPv4 and IPv6 addresses to interfaces in the running kernel, and remembers for whom it did so, so that it can take away what
    its owner had added, and nothing else.
  - An address that the host has of its own accord is never taken away, and does not become the owner's by itself.
  - What belongs to an owner is listed in C(/run/lvs-cluster/OWNER.addresses), with C(ADDRESS/PREFIX INTERFACE) in each line. An address
    is listed before it is added and until it is deleted, so that nothing is forgotten where the module is killed. Addresses and list
    are gone after a reboot.
  - Where the kernel deletes other addresses of a network along with its first one, they are added again.
  - A change that would cut the SSH connection that the task came by is refused.
extends_documentation_fragment:
  - lvs.cluster.attributes
  - lvs.cluster.attributes.actiongroup_ipvs
  - lvs.cluster.link
options:
  owner:
    description:
      - Whose addresses these are, such as V(director) or V(dr-real-server). Owners do not know of each other.
    type: str
    required: true
  addresses:
    description:
      - The addresses that are to be there.
      - With O(state=absent) they are not looked at.
    type: list
    elements: dict
    default: []
    suboptions:
      address:
        description:
          - The address, with or without a prefix length.
          - Without one, the address fits with whatever prefix length it is there, and is added as a C(/32) (IPv6 as a C(/128)).
          - With one, the owner's address is to have exactly that. One that the host has of its own accord stays beside it, or for
            IPv6 in its place, since the kernel takes each IPv6 address of an interface once.
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
  prune:
    description:
      - Whether addresses that the owner had added and that are not in O(addresses) are taken away.
    type: bool
    default: false
  adopt:
    description:
      - Whether addresses of O(addresses) that are there already become the owner's, as when VRRP gave them until now.
    type: bool
    default: false
  release:
    description:
      - Addresses, without prefix lengths, that the owner gives up. They stay on their interfaces, and are no longer the owner's, as
        when VRRP gives them from now on.
    type: list
    elements: str
    default: []
  state:
    description:
      - V(present) adds what is missing.
      - V(absent) takes away all that is the owner's, but for O(release).
    type: str
    choices: [present, absent]
    default: present
seealso:
  - module: lvs.cluster.virtual_ip
    description: One address, whoever added it.
  - module: lvs.cluster.sysctl_arp
"""

EXAMPLES = r"""
- name: Give the director its virtual IP addresses, and take away former ones
  lvs.cluster.virtual_ips:
    owner: director
    addresses:
      - address: 192.168.0.111/24
        interface: eth1
      - address: 2001:db8::111/64
        interface: eth1
    prune: true

- name: Give a real server of LVS-DR the virtual IP address, for itself only
  lvs.cluster.virtual_ips:
    owner: dr-real-server
    addresses:
      - address: 192.168.137.100
        interface: lo
        label: lo:0

- name: Take over from VRRP what it gave until now
  lvs.cluster.virtual_ips:
    owner: director
    addresses:
      - address: 192.168.0.111/24
        interface: eth1
    adopt: true

- name: Leave an address to VRRP
  lvs.cluster.virtual_ips:
    owner: director
    release: [192.168.0.111]

- name: Take away all that was added for the director
  lvs.cluster.virtual_ips:
    owner: director
    state: absent
"""

RETURN = r"""
before:
  description: The owner's addresses, and those of O(addresses) that the host has, as they were.
  returned: success
  type: list
  elements: dict
  sample: []
after:
  description: The owner's addresses, and those of O(addresses), as they are, or in check mode would be.
  returned: success
  type: list
  elements: dict
  contains:
    address:
      description: The address.
      type: str
      returned: always
    prefix:
      description: Its prefix length.
      type: int
      returned: always
    interface:
      description: The interface that it is on.
      type: str
      returned: always
    label:
      description: Its label; empty for IPv6.
      type: str
      returned: always
    owned:
      description: Whether it is the owner's.
      type: bool
      returned: always
  sample:
    - address: 192.168.0.111
      prefix: 24
      interface: eth1
      label: eth1
      owned: true
operations:
  description:
    - What was done, or in check mode would be, in this order. Each with what it does to established connections, V(none)
      or V(drops connections).
    - The actions are V(add) and V(delete), and V(adopt) and V(release) for what changes in the owner's list only.
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

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.lvs.cluster.plugins.module_utils._link.addresses import change_owned
from ansible_collections.lvs.cluster.plugins.module_utils._link.wanted import parse_virtual_ips
from ansible_collections.lvs.cluster.plugins.module_utils._result import fail
from ansible_collections.lvs.cluster.plugins.module_utils._values import ModelError
from ansible_collections.lvs.cluster.plugins.module_utils._written import as_written

ADDRESS = {
    "address": {"type": "str", "required": True},
    "interface": {"type": "str", "required": True},
    "label": {"type": "str"},
}


def main() -> None:
    """Run the module."""
    module = AnsibleModule(
        argument_spec={
            "owner": {"type": "str", "required": True},
            "addresses": {"type": "list", "elements": "dict", "default": [], "options": ADDRESS},
            "prune": {"type": "bool", "default": False},
            "adopt": {"type": "bool", "default": False},
            "release": {"type": "list", "elements": "str", "default": []},
            "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
        },
        supports_check_mode=True,
    )
    given = as_written(module)
    absent = given["state"] == "absent"
    try:
        wanted = parse_virtual_ips(
            [] if absent else given["addresses"],
            given["release"],
            prune=absent or given["prune"],
            adopt=given["adopt"],
        )
        result = change_owned(module, given["owner"], wanted)
    except ModelError as error:
        fail(module, error)
    module.exit_json(**result)


if __name__ == "__main__":
    main()
