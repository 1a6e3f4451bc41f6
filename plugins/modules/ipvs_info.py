#!/usr/bin/python

# Copyright (c) 2025, The lvs.cluster authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the kernel's IPVS holds and counts."""

from __future__ import annotations

DOCUMENTATION = r"""
module: ipvs_info
short_description: Gather what the kernel's IPVS holds and counts
version_added: 0.1.0
author:
  - The lvs.cluster authors (@lvs-cluster)
description:
  - Returns the virtual services of the Linux Virtual Server (IPVS) with their real servers, counters and rates, the
    connections, their timeouts, and the daemons that synchronise them, as data.
extends_documentation_fragment:
  - lvs.cluster.attributes.info
  - lvs.cluster.attributes.actiongroup_ipvs
  - lvs.cluster.attributes.privilege
options:
  gather:
    description:
      - What to return.
      - V(services) are services and real servers, V(stats) adds to each its counters and rates.
      - V(connections) may be many. Each adds about 350 octets to the result.
    type: list
    elements: str
    choices: [services, stats, connections, timeouts, daemons]
    default: [services]
seealso:
  - module: lvs.cluster.ipvs_service
  - module: lvs.cluster.ipvs_real_server
  - module: lvs.cluster.ipvs_timeouts
  - module: lvs.cluster.ipvs_sync_daemon
"""

EXAMPLES = r"""
- name: Read the table
  lvs.cluster.ipvs_info:
  register: table

- name: Show how many connections each service has had
  lvs.cluster.ipvs_info:
    gather: [services, stats]
  register: counted

- name: Read the timeouts and daemons only
  lvs.cluster.ipvs_info:
    gather: [timeouts, daemons]

- name: Read the connections
  lvs.cluster.ipvs_info:
    gather: [connections]
  register: now

- name: Show which clients have an established connection to one real server
  ansible.builtin.debug:
    msg: >-
      {{ now.connections | selectattr('address', 'eq', '192.168.137.131')
         | selectattr('state', 'eq', 'ESTABLISHED') | map(attribute='client_address') | unique }}
"""

RETURN = r"""
version:
  description: The version of IPVS in the kernel.
  returned: success
  type: str
  sample: 1.2.1
connection_table_size:
  description: How many rows the kernel's table of connections has.
  returned: success
  type: int
  sample: 4096
services:
  description:
    - The virtual services, sorted. Their keys are the names of the options of M(lvs.cluster.ipvs_service).
    - In C(real_servers) the keys are the names of the options of M(lvs.cluster.ipvs_real_server), and
      C(active_connections), C(inactive_connections) and C(persistent_connections) of now.
    - Where O(gather) has V(stats), each service and each real server has C(stats). Its C(connections),
      C(incoming_packets), C(outgoing_packets), C(incoming_bytes) and C(outgoing_bytes) are counters of 64 bits. The
      same names with C(_per_second) (C(connections_per_second) and so on) are rates.
  returned: where O(gather) has V(services) or V(stats)
  type: list
  elements: dict
  sample:
    - protocol: tcp
      virtual_address: 192.168.0.111
      virtual_port: 80
      family: ipv4
      scheduler: rr
      scheduler_flags: []
      persistent_timeout: 0
      persistent_netmask: 255.255.255.255
      persistence_engine: none
      one_packet: false
      real_servers:
        - address: 192.168.137.131
          port: 80
          forward: nat
          weight: 1
          upper_threshold: 0
          lower_threshold: 0
          active_connections: 2
          inactive_connections: 17
          persistent_connections: 0
rules:
  description: The same table as C(ipvsadm-save -n) would print it, with the thresholds that it leaves out.
  returned: where O(gather) has V(services) or V(stats)
  type: list
  elements: str
  sample:
    - -A -t 192.168.0.111:80 -s rr
    - -a -t 192.168.0.111:80 -r 192.168.137.131:80 -m -w 1
connections:
  description:
    - The connections that IPVS keeps, in the order of the kernel's list. They come and go while the list is read.
    - A connection is named by C(protocol), C(virtual_address) and C(virtual_port), as it came in. C(protocol) is V(tcp),
      V(udp), V(sctp), or what else the kernel calls it, in lower case. The template of a service with a firewall mark is
      named by C(fwmark) instead of these three.
    - C(family), C(client_address) and C(client_port) are the client's, C(address) and C(port) the real server's.
    - C(state) is the kernel's word, such as V(ESTABLISHED), V(FIN_WAIT) or V(UDP). C(expires) is after how many
      seconds the connection is forgotten if no packet comes.
    - Where C(template) is true, this is no connection but the memory of a persistent service, which holds a client to
      its real server. Its C(client_port) is 0, its C(client_address) is that of the client's network under the
      service's netmask, and its C(virtual_port) is 0 where the service is for all ports. Its C(state) is V(ASSURED)
      once a connection of the client's was established, and V(NONE) before.
    - Where C(synchronised) is true, it came from another director.
    - C(persistence_engine) and C(persistence_data) are what the client is told by besides its address, the Call-ID
      for V(sip). They are V(none) and empty where there is no such engine.
  returned: where O(gather) has V(connections)
  type: list
  elements: dict
  sample:
    - protocol: tcp
      virtual_address: 192.168.0.111
      virtual_port: 80
      family: ipv4
      client_address: 192.168.0.109
      client_port: 51234
      address: 192.168.137.131
      port: 80
      state: ESTABLISHED
      expires: 897
      template: false
      synchronised: false
      persistence_engine: none
      persistence_data: ""
timeouts:
  description: After how many seconds without a packet a connection is forgotten.
  returned: where O(gather) has V(timeouts)
  type: dict
  sample: {tcp: 900, tcp_fin: 120, udp: 300}
daemons:
  description: The daemons that synchronise connections between directors.
  returned: where O(gather) has V(daemons)
  type: list
  elements: dict
  sample:
    - role: master
      interface: eth1
      sync_id: 1
      maxlen: 1472
      group: 224.0.0.81
      port: 8848
      ttl: 1
"""

from typing import Any

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.lvs.cluster.plugins.module_utils._ipvs.connect import connect
from ansible_collections.lvs.cluster.plugins.module_utils._ipvs.errors import IpvsError
from ansible_collections.lvs.cluster.plugins.module_utils._ipvs.ipvsadm import print_table
from ansible_collections.lvs.cluster.plugins.module_utils._ipvs.kernel import Ipvs
from ansible_collections.lvs.cluster.plugins.module_utils._ipvs.model import (
    Table,
    real_server_order,
    service_order,
)
from ansible_collections.lvs.cluster.plugins.module_utils._result import fail, succeed


def gather(kernel: Ipvs, wanted: set[str]) -> dict[str, Any]:
    """Return what was asked for."""
    result: dict[str, Any] = kernel.info()
    if wanted & {"services", "stats"}:
        result.update(gather_services(kernel, with_stats="stats" in wanted))
    if "connections" in wanted:
        from ansible_collections.lvs.cluster.plugins.module_utils._ipvs.connections import (
            read_connections,
        )

        result["connections"] = read_connections()
    if "timeouts" in wanted:
        result["timeouts"] = kernel.timeouts()
    if "daemons" in wanted:
        result["daemons"] = kernel.daemons()
    return result


def gather_services(kernel: Ipvs, *, with_stats: bool) -> dict[str, Any]:
    """Return the services with what they count, and their rules."""
    details = sorted(kernel.read_details(), key=lambda entry: service_order(entry[0]))
    services = []
    for service, stats, servers in details:
        shown = dict(service.as_result(), real_servers=[])
        if with_stats:
            shown["stats"] = stats
        for server, server_stats, counts in sorted(servers, key=lambda e: real_server_order(e[0])):
            of_server = {**server.as_result(), **counts}
            if with_stats:
                of_server["stats"] = server_stats
            shown["real_servers"].append(of_server)
        services.append(shown)
    table = Table(
        {service.key: service for service, _stats, _servers in details},
        {
            service.key: {server.key: server for server, _stats, _counts in servers}
            for service, _s, servers in details
        },
    )
    return {"services": services, "rules": print_table(table).splitlines()}


def gather_nothing(wanted: set[str]) -> dict[str, Any]:
    """Return what there is to say in check mode of a host without IPVS."""
    result: dict[str, Any] = {}
    if wanted & {"services", "stats"}:
        result.update(services=[], rules=[])
    if "connections" in wanted:
        result["connections"] = []
    if "daemons" in wanted:
        result["daemons"] = []
    return result


def main() -> None:
    """Run the module."""
    module = AnsibleModule(
        argument_spec={
            "gather": {
                "type": "list",
                "elements": "str",
                "choices": ["services", "stats", "connections", "timeouts", "daemons"],
                "default": ["services"],
            },
        },
        supports_check_mode=True,
    )
    wanted = set(module.params["gather"])
    kernel = connect(module)
    if kernel is None:
        succeed(module, changed=False, **gather_nothing(wanted))
    try:
        with kernel:
            result = gather(kernel, wanted)
    except IpvsError as error:
        fail(module, error)
    succeed(module, changed=False, **result)


if __name__ == "__main__":
    main()
