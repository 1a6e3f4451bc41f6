#!/usr/bin/python

# Copyright (c) 2025, The lvs.cluster authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One real server of a virtual service of the kernel's IPVS."""

from __future__ import annotations

DOCUMENTATION = r"""
module: ipvs_real_server
short_description: Manage one real server of a virtual service of the kernel's IPVS
version_added: 0.1.0
author:
  - The lvs.cluster authors (@lvs-cluster)
description:
  - Adds, edits, drains or deletes one real server of a virtual service that exists.
  - A change is an edit in place. Established connections stay, but for those through a tunnel whose kind changes.
  - Options that are not given leave what the real server has. A new real server gets the defaults named below.
  - The module talks to the kernel itself and does not need ipvsadm. What it sets is gone after a reboot.
extends_documentation_fragment:
  - lvs.cluster.attributes
  - lvs.cluster.attributes.actiongroup_ipvs
  - lvs.cluster.attributes.privilege
  - lvs.cluster.service
options:
  address:
    description:
      - The IPv4 or IPv6 address of the real server.
      - A new one needs the address of one host. Refused are V(0.0.0.0), V(::), multicast, broadcast and link-local addresses,
        and IPv4 addresses in the form of IPv6. The kernel takes none of these, and which are broadcast addresses it is
        asked, in check mode too.
      - It is of the service's family, but with O(forward=tun) it need not be, where no synchronisation daemon runs.
    type: str
    required: true
  port:
    description:
      - The port of the real server.
      - It is O(virtual_port), or V(0) with a O(fwmark), where this is not given.
      - Only O(forward=nat) can send to another port than that of the service.
    type: int
  forward:
    description:
      - How packets get to the real server. V(nat) rewrites their addresses, V(dr) sends them on as they are to the real
        server's MAC address, V(tun) puts them into packets to it.
      - A new real server gets V(nat) where this is not given.
      - V(nat) does not go with a service whose packets are scheduled one by one
        (O(lvs.cluster.ipvs_service#module:one_packet)).
    type: str
    choices: [nat, dr, tun]
  weight:
    description:
      - The real server's share, from V(0) to V(65535). With V(0) it gets no new connections.
      - A new real server gets V(1) where this is not given.
    type: int
  upper_threshold:
    description:
      - At how many connections the real server gets no more. V(0) is never.
    type: int
  lower_threshold:
    description:
      - Below how many connections it gets new ones again. V(0) is three quarters of O(upper_threshold).
    type: int
  tunnel_type:
    description:
      - How packets are put into packets, with O(forward=tun).
      - A new real server gets V(ipip) where this is not given.
    type: str
    choices: [ipip, gue, gre]
  tunnel_port:
    description:
      - The UDP port at which the real server unpacks, with O(tunnel_type=gue), which needs it.
    type: int
  tunnel_checksum:
    description:
      - The checksum of the outer header, with O(tunnel_type=gue), or V(csum) with O(tunnel_type=gre).
      - It is V(none) where this is not given.
    type: str
    choices: [none, csum, remcsum]
  state:
    description:
      - V(present) makes the real server be as described.
      - V(absent) deletes it. Its connections are cut.
      - V(drained) sets its weight to 0, waits until its connections have ended, or for O(drain_timeout), then deletes it.
        New clients go to the other servers meanwhile; with the schedulers V(sh) and V(mh) only by
        O(lvs.cluster.ipvs_service#module:scheduler_flags), else those of this server are refused, as they are with V(dh).
      - A real server that somebody else gives a weight again while it drains stays, and the task fails. One that somebody
        else deletes is what was asked for.
    type: str
    choices: [present, absent, drained]
    default: present
  drain_timeout:
    description:
      - For how many seconds O(state=drained) waits for connections to end before it deletes the real server with them.
      - Connections are active ones, inactive ones (which wait for the end of a timeout), and templates of persistence.
    type: int
    default: 300
seealso:
  - module: lvs.cluster.ipvs_service
  - module: lvs.cluster.ipvs_table
  - module: lvs.cluster.ipvs_info
"""

EXAMPLES = r"""
- name: Add a real server behind LVS-NAT, with six times the share of a server of weight 1
  lvs.cluster.ipvs_real_server:
    virtual_address: 192.168.0.111
    virtual_port: 80
    address: 192.168.137.131
    forward: nat
    weight: 6

- name: Send to another port
  lvs.cluster.ipvs_real_server:
    virtual_address: 192.168.0.111
    virtual_port: 80
    address: 192.168.137.130
    port: 8080

- name: Reach a real server through a GUE tunnel
  lvs.cluster.ipvs_real_server:
    fwmark: 10
    address: 198.51.100.7
    forward: tun
    tunnel_type: gue
    tunnel_port: 6080

- name: Take a real server out without cutting anybody off, within ten minutes
  lvs.cluster.ipvs_real_server:
    virtual_address: 192.168.0.111
    virtual_port: 80
    address: 192.168.137.131
    state: drained
    drain_timeout: 600
"""

RETURN = r"""
before:
  description:
    - The service as it was, with this real server in C(real_servers), where it had it. Null where there was no service.
    - Its other real servers are not told, here or in the diff. M(lvs.cluster.ipvs_info) tells all.
  returned: success
  type: dict
  sample: null
after:
  description:
    - The service as it is, or in check mode would be, with this real server in C(real_servers), where it has it.
    - The keys are the names of the options of M(lvs.cluster.ipvs_service) and of this module.
  returned: success
  type: dict
  sample:
    protocol: tcp
    virtual_address: 192.168.0.111
    virtual_port: 80
    family: ipv4
    scheduler: wrr
    scheduler_flags: []
    persistent_timeout: 0
    persistent_netmask: 255.255.255.255
    persistence_engine: none
    one_packet: false
    real_servers:
      - address: 192.168.137.131
        port: 80
        forward: nat
        weight: 6
        upper_threshold: 0
        lower_threshold: 0
operations:
  description: What was done, or in check mode would be, in this order.
  returned: always
  type: list
  elements: dict
  contains:
    action:
      description: V(add), V(edit) or V(delete).
      type: str
      returned: success
      sample: add
    item:
      description: V(service) or V(real_server).
      type: str
      returned: success
      sample: real_server
    service:
      description: The service in question.
      type: str
      returned: success
      sample: tcp 192.168.0.111:80
    real_server:
      description: The real server in question.
      type: str
      returned: where RV(operations[].item=real_server)
      sample: 192.168.137.131:80
    changes:
      description: Each field that changes, with its value before and after.
      type: dict
      returned: where RV(operations[].action=edit)
      sample: {weight: [1, 6]}
    effect:
      description: What that does to connections. V(none), V(new connections only) or V(drops connections).
      type: str
      returned: success
      sample: new connections only
  sample:
    - action: edit
      item: real_server
      service: tcp 192.168.0.111:80
      real_server: 192.168.137.131:80
      changes: {weight: [1, 6]}
      effect: new connections only
drain:
  description: How draining went.
  returned: where O(state=drained)
  type: dict
  contains:
    finished:
      description: Whether all connections had ended when the real server was deleted.
      type: bool
      returned: where O(state=drained)
      sample: true
    seconds:
      description: For how long that was waited for.
      type: float
      returned: where O(state=drained)
      sample: 12.5
    active_connections:
      description: Active connections that were left, and cut.
      type: int
      returned: where O(state=drained)
      sample: 0
    inactive_connections:
      description: Inactive connections that were left.
      type: int
      returned: where O(state=drained)
      sample: 0
    persistent_connections:
      description: Templates of persistence that were left.
      type: int
      returned: where O(state=drained)
      sample: 0
"""

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.lvs.cluster.plugins.module_utils._ipvs.model import Table
from ansible_collections.lvs.cluster.plugins.module_utils._ipvs.module import (
    run,
    server_task,
)
from ansible_collections.lvs.cluster.plugins.module_utils._ipvs.plan import (
    Plan,
    plan_real_server,
    plan_real_server_absent,
)
from ansible_collections.lvs.cluster.plugins.module_utils._ipvs.spec import (
    real_server_spec,
    service_key_spec,
)
from ansible_collections.lvs.cluster.plugins.module_utils._ipvs.wanted import (
    parse_real_server,
    parse_service_key,
)
from ansible_collections.lvs.cluster.plugins.module_utils._result import fail
from ansible_collections.lvs.cluster.plugins.module_utils._values import (
    ModelError,
    parse_integer,
)
from ansible_collections.lvs.cluster.plugins.module_utils._written import as_written, unread

# Of seconds; longer than anybody waits.
MAX_DRAIN_TIMEOUT = 2**31 - 1


def main() -> None:
    """Run the module."""
    module = AnsibleModule(
        argument_spec=unread(
            {
                **service_key_spec(),
                **real_server_spec(),
                "state": {
                    "type": "str",
                    "choices": ["present", "absent", "drained"],
                    "default": "present",
                },
                "drain_timeout": {"type": "int", "default": 300},
            }
        ),
        supports_check_mode=True,
    )
    try:
        given = as_written(module)
        key = parse_service_key(given)
        wanted = parse_real_server(given, key)
        limit = parse_integer("", "drain_timeout", given["drain_timeout"], 0, MAX_DRAIN_TIMEOUT)
    except ModelError as error:
        fail(module, error)
    if module.params["state"] == "drained":
        from ansible_collections.lvs.cluster.plugins.module_utils._ipvs.drain import drain

        drain(module, key, wanted.key, limit)
    absent = module.params["state"] == "absent"

    def plan(have: Table) -> Plan:
        if absent:
            return plan_real_server_absent(have, key, wanted.key)
        return plan_real_server(have, key, wanted)

    run(module, server_task(key, wanted.key, plan))


if __name__ == "__main__":
    main()
