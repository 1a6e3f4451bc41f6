#!/usr/bin/python

# Copyright (c) 2025, The lvs.cluster authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The default route by way of a gateway."""

from __future__ import annotations

DOCUMENTATION = r"""
module: default_gateway
short_description: Manage the default route by way of a gateway
version_added: 0.1.0
author:
  - The lvs.cluster authors (@lvs-cluster)
description:
  - Sets the IPv4 or IPv6 default route of the running kernel, or deletes it. What it sets is gone after a reboot.
  - Real servers of LVS-NAT need the director as their default gateway.
  - An existing default route of the same metric is replaced in one step. Those of other metrics stay.
  - A change that would send the answers to the SSH connection that the task came by another way is refused, and the message says
    what to do about it.
extends_documentation_fragment:
  - lvs.cluster.attributes
  - lvs.cluster.attributes.actiongroup_ipvs
  - lvs.cluster.link
options:
  gateway:
    description:
      - The address of the gateway. It has to be on a link of the host.
    type: str
    required: true
  interface:
    description:
      - The interface that the gateway is on.
      - It is looked up where this is not given. A link-local IPv6 gateway needs it.
    type: str
  metric:
    description:
      - The metric of the route. The route with the lowest metric is used.
      - Where this is not given, the gateway need only be that of the route with the lowest metric. Otherwise the route is
        added with the kernel's default, V(0) for IPv4 and V(1024) for IPv6 (or less, where another route has less).
    type: int
  owner:
    description:
      - Who sets the route, such as V(nat-real-server), and has to give back those of before.
      - Before the first change, the default routes are written to C(/run/lvs-cluster/OWNER.routes), as C(ip route add) takes them,
        each on a line. A file that is there stays, so that it has those from before all changes. It is gone after a reboot, as the
        routes are.
      - This needs C(ip) on the host. With O(state=absent) nothing is remembered.
    type: str
  state:
    description:
      - V(present) makes the default route go by way of the gateway.
      - V(absent) deletes default routes by way of this gateway, and by no other.
    type: str
    choices: [present, absent]
    default: present
seealso:
  - module: lvs.cluster.virtual_ip
"""

EXAMPLES = r"""
- name: Send a real server's answers through the director
  lvs.cluster.default_gateway:
    gateway: 192.168.137.129

- name: The same for IPv6, with interface and metric
  lvs.cluster.default_gateway:
    gateway: fe80::1
    interface: eth1
    metric: 512

- name: Send them through the director, and remember the default routes of before
  lvs.cluster.default_gateway:
    gateway: 192.168.137.129
    owner: nat-real-server

- name: Take the default route back
  lvs.cluster.default_gateway:
    gateway: 192.168.137.129
    state: absent
"""

RETURN = r"""
before:
  description: The default routes of the gateway's address family as they were, the first used first.
  returned: success
  type: list
  elements: dict
  sample:
    - gateway: 192.168.137.2
      interface: eth1
      metric: 0
after:
  description: The default routes as they are, or in check mode would be.
  returned: success
  type: list
  elements: dict
  sample:
    - gateway: 192.168.137.129
      interface: eth1
      metric: 0
operations:
  description:
    - What was done, or in check mode would be, in this order. Each with what it may do to established connections, V(none)
      or V(drops connections).
  returned: always
  type: list
  elements: dict
  sample:
    - action: edit
      item: default_route
      gateway: 192.168.137.129
      interface: eth1
      metric: 0
      changes: {gateway: [192.168.137.2, 192.168.137.129]}
      effect: drops connections
"""

from collections.abc import Sequence

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.lvs.cluster.plugins.module_utils._link.guard import (
    find_connection,
    refuse_cut_by_gateway,
)
from ansible_collections.lvs.cluster.plugins.module_utils._link.interface import check_interface
from ansible_collections.lvs.cluster.plugins.module_utils._link.kernel import (
    Links,
    find_gateway_interface,
)
from ansible_collections.lvs.cluster.plugins.module_utils._link.model import DefaultRoute, Step
from ansible_collections.lvs.cluster.plugins.module_utils._link.module import run_routes
from ansible_collections.lvs.cluster.plugins.module_utils._link.owner import (
    parse_owner,
    remember_routes,
)
from ansible_collections.lvs.cluster.plugins.module_utils._link.plan import (
    plan_gateway,
    plan_gateway_absent,
)
from ansible_collections.lvs.cluster.plugins.module_utils._link.proc import ProcLinks
from ansible_collections.lvs.cluster.plugins.module_utils._link.wanted import parse_default_gateway
from ansible_collections.lvs.cluster.plugins.module_utils._result import fail
from ansible_collections.lvs.cluster.plugins.module_utils._values import ModelError
from ansible_collections.lvs.cluster.plugins.module_utils._written import as_written, unread


def main() -> None:
    """Run the module."""
    module = AnsibleModule(
        argument_spec=unread(
            {
                "gateway": {"type": "str", "required": True},
                "interface": {"type": "str"},
                "metric": {"type": "int"},
                "owner": {"type": "str"},
                "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
            }
        ),
        supports_check_mode=True,
    )
    given = as_written(module)
    absent = given["state"] == "absent"
    try:
        owner = None if given["owner"] is None else parse_owner(given["owner"])
        wanted = parse_default_gateway(
            given["gateway"], given["interface"], given["metric"], gone=absent
        )
        if wanted.interface is not None and not absent:
            check_interface(wanted.interface)
    except ModelError as error:
        fail(module, error)

    def plan(links: Links | ProcLinks, have: Sequence[DefaultRoute]) -> list[Step]:
        if absent:
            steps = plan_gateway_absent(have, wanted)
        elif isinstance(links, Links):
            steps = plan_gateway(have, wanted, find_gateway_interface(links, wanted))
        else:
            steps = plan_gateway(have, wanted, links.gateway_interface(wanted))
        if isinstance(links, Links):
            refuse_cut_by_gateway(find_connection(links), have, steps)
        return steps

    def show_routes() -> str:
        family = "-6" if wanted.family == "ipv6" else "-4"
        command = ["ip", "-o", family, "route", "show", "default"]
        _status, shown, _errors = module.run_command(command, check_rc=True)
        return str(shown)

    def remember() -> None:
        if owner and not absent:
            remember_routes(owner, show_routes)

    run_routes(module, wanted.family, plan, remember)


if __name__ == "__main__":
    main()
