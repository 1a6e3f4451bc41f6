#!/usr/bin/python

# Copyright (c) 2025, The lvs.cluster authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One virtual service of the kernel's IPVS."""

from __future__ import annotations

DOCUMENTATION = r"""
module: ipvs_service
short_description: Manage one virtual service of the kernel's IPVS
version_added: 0.1.0
author:
  - The lvs.cluster authors (@lvs-cluster)
description:
  - Creates, edits or deletes one virtual service of the Linux Virtual Server (IPVS).
  - A change is an edit in place. Its real servers and their connections stay.
  - What is asked for anew is refused where it cannot work. What exists already is taken as it is, whoever made it.
  - For another scheduler the kernel takes the old one off, waits until no processor uses it any more, and puts the new
    one on. New clients that it would refuse meanwhile are not answered, so that they ask again, where the target has
    nftables (C(nft)). Its rules are in the table C(inet lvs_scheduler) for that moment.
  - Options that are not given leave what the service has. A new service gets the defaults named below.
  - The module talks to the kernel itself and does not need ipvsadm. What it sets is gone after a reboot.
extends_documentation_fragment:
  - lvs.cluster.attributes
  - lvs.cluster.attributes.actiongroup_ipvs
  - lvs.cluster.attributes.privilege
  - lvs.cluster.service
options:
  scheduler:
    description:
      - How new connections are spread over the real servers.
      - A new service gets V(wlc) where this is not given.
    type: str
    choices: [rr, wrr, lc, wlc, lblc, lblcr, dh, sh, sed, nq, fo, ovf, mh, twos]
  scheduler_flags:
    description:
      - The flags of the scheduler. An empty list takes them all away.
      - V(sh-fallback) and V(sh-port) are for O(scheduler=sh), V(mh-fallback) and V(mh-port) for O(scheduler=mh).
        V(flag-1) and V(flag-2) set the same bits with any scheduler, V(flag-3) a third one with any other scheduler.
      - Without V(sh-fallback) or V(mh-fallback) these schedulers refuse the clients of a server that has weight 0, or is
        above its upper threshold, where the others could have them. V(dh) has no such flag.
      - Where O(scheduler) changes and this is not given, the flags of the former scheduler go.
    type: list
    elements: str
  persistent_timeout:
    description:
      - For how many seconds after its last connection a client is sent to the same real server.
      - V(0) ends persistence, and with it O(persistent_netmask) and O(persistence_engine).
      - A new service is not persistent where this is not given.
    type: int
  persistent_netmask:
    description:
      - Clients that are equal under this netmask count as one.
      - A netmask such as V(255.255.255.0), or a prefix length from V(0) to V(32), for an IPv4 service. A prefix length
        from V(1) to V(128) for an IPv6 service. With V(0.0.0.0) all clients count as one.
    type: str
  persistence_engine:
    description:
      - What tells clients apart besides their addresses. V(sip) reads the Call-ID of SIP over UDP.
    type: str
    choices: [none, sip]
  one_packet:
    description:
      - Whether each packet is scheduled for itself, without a connection being kept. For UDP and firewall marks only.
      - Without a connection the kernel does not translate the answers of real servers with V(nat), which is refused
        therefore, but with O(persistence_engine=sip).
    type: bool
  state:
    description:
      - Whether the service is to exist. V(absent) deletes it with all its real servers.
    type: str
    choices: [present, absent]
    default: present
seealso:
  - module: lvs.cluster.ipvs_real_server
  - module: lvs.cluster.ipvs_table
  - module: lvs.cluster.ipvs_info
"""

EXAMPLES = r"""
- name: Balance a web site by weighted round robin
  lvs.cluster.ipvs_service:
    virtual_address: 192.168.0.111
    virtual_port: 80
    scheduler: wrr

- name: Balance all ports, each client to one server for 30 seconds after its last connection
  lvs.cluster.ipvs_service:
    virtual_address: 219.223.199.164
    virtual_port: 0
    scheduler: wrr
    persistent_timeout: 30

- name: Balance whatever the firewall marks with 10, and hold an IPv4 network of clients together
  lvs.cluster.ipvs_service:
    fwmark: 10
    scheduler: rr
    persistent_timeout: 360
    persistent_netmask: 255.255.255.0

- name: Balance DNS over IPv6, each question for itself
  lvs.cluster.ipvs_service:
    virtual_address: 2001:db8::53
    virtual_port: 53
    protocol: udp
    scheduler: sh
    scheduler_flags: [sh-port]
    one_packet: true

- name: End a service
  lvs.cluster.ipvs_service:
    virtual_address: 192.168.0.111
    virtual_port: 80
    state: absent
"""

RETURN = r"""
before:
  description:
    - The service as it was. Null where there was none.
    - C(real_servers) are those that are deleted with it, where O(state=absent). What else a service has is for
      M(lvs.cluster.ipvs_info) to tell.
  returned: success
  type: dict
  sample: null
after:
  description:
    - The service as it is, or in check mode would be. Null where there is none.
    - The keys are the names of the options of this module, and of M(lvs.cluster.ipvs_real_server) in
      RV(ignore:before.real_servers).
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
      sample: service
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
      sample: {scheduler: [rr, wrr]}
    effect:
      description:
        - What that does to connections. V(none), V(new connections only) or V(drops connections).
        - For another scheduler V(delays new connections). The kernel serves no new client between the two, and what would
          refuse one is held back. A client asks again after a second, or when it does so by itself with UDP.
        - Where the target has no nftables (C(nft)), V(refuses new connections).
      type: str
      returned: success
      sample: new connections only
  sample:
    - action: add
      item: service
      service: tcp 192.168.0.111:80
      effect: new connections only
"""

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.lvs.cluster.plugins.module_utils._ipvs.model import Table
from ansible_collections.lvs.cluster.plugins.module_utils._ipvs.module import (
    run,
    service_task,
)
from ansible_collections.lvs.cluster.plugins.module_utils._ipvs.plan import (
    Plan,
    plan_service,
    plan_service_absent,
)
from ansible_collections.lvs.cluster.plugins.module_utils._ipvs.spec import service_spec
from ansible_collections.lvs.cluster.plugins.module_utils._ipvs.wanted import parse_service
from ansible_collections.lvs.cluster.plugins.module_utils._result import fail
from ansible_collections.lvs.cluster.plugins.module_utils._values import ModelError
from ansible_collections.lvs.cluster.plugins.module_utils._written import as_written, unread


def main() -> None:
    """Run the module."""
    module = AnsibleModule(
        argument_spec=unread(
            {
                **service_spec(),
                "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
            }
        ),
        supports_check_mode=True,
    )
    try:
        wanted = parse_service(as_written(module))
    except ModelError as error:
        fail(module, error)
    absent = module.params["state"] == "absent"

    def plan(have: Table) -> Plan:
        return plan_service_absent(have, wanted.key) if absent else plan_service(have, wanted)

    run(module, service_task(wanted.key, plan, deletes=absent))


if __name__ == "__main__":
    main()
