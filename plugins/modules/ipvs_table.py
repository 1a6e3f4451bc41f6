#!/usr/bin/python

# Copyright (c) 2025, The lvs.cluster authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Many virtual services of the kernel's IPVS, with their real servers, at once."""

from __future__ import annotations

DOCUMENTATION = r"""
module: ipvs_table
short_description: Manage a whole table of the kernel's IPVS
version_added: 0.1.0
author:
  - The lvs.cluster authors (@lvs-cluster)
description:
  - Makes the virtual services of the Linux Virtual Server (IPVS) be as described, with their real servers, in one task.
  - The table is read once, the difference is worked out, and only that is sent to the kernel. Additions come before
    deletions, and what exists is edited in place, so that a service does not stand without a real server meanwhile.
  - What takes away is sent only when the kernel has done all that adds. Where it refuses an addition, nothing is deleted.
  - Another scheduler is put on as M(lvs.cluster.ipvs_service) says.
  - Options of a service or real server that are not given leave what it has. A new one gets the defaults that
    M(lvs.cluster.ipvs_service) and M(lvs.cluster.ipvs_real_server) name.
  - All of the description is checked before anything is changed.
  - What is asked for anew is refused where it cannot work. What exists already is taken as it is, whoever made it, and
    can be kept, edited beside, and deleted. So O(rules) that C(ipvsadm -Sn) has printed describe the table that it has
    printed them of, whatever is in it.
extends_documentation_fragment:
  - lvs.cluster.attributes
  - lvs.cluster.attributes.actiongroup_ipvs
  - lvs.cluster.attributes.privilege
options:
  services:
    description:
      - The virtual services.
      - Exactly one of O(services), O(rules) and O(src) is required.
      - Ansible templates and copies each of these values. Thousands of them are sooner there as one text, O(rules), which
        P(lvs.cluster.to_ipvsadm#filter) makes of such a list. They are best kept in C(group_vars). What is in a file of
        C(vars_files) Ansible reads again for each task on each host.
    type: list
    elements: dict
    suboptions:
      virtual_address:
        description: See O(lvs.cluster.ipvs_service#module:virtual_address).
        type: str
      virtual_port:
        description: See O(lvs.cluster.ipvs_service#module:virtual_port).
        type: int
      protocol:
        description: See O(lvs.cluster.ipvs_service#module:protocol).
        type: str
        choices: [tcp, udp, sctp]
      fwmark:
        description: See O(lvs.cluster.ipvs_service#module:fwmark).
        type: int
      family:
        description: See O(lvs.cluster.ipvs_service#module:family).
        type: str
        choices: [ipv4, ipv6]
      scheduler:
        description: See O(lvs.cluster.ipvs_service#module:scheduler).
        type: str
        choices: [rr, wrr, lc, wlc, lblc, lblcr, dh, sh, sed, nq, fo, ovf, mh, twos]
      scheduler_flags:
        description: See O(lvs.cluster.ipvs_service#module:scheduler_flags).
        type: list
        elements: str
      persistent_timeout:
        description: See O(lvs.cluster.ipvs_service#module:persistent_timeout).
        type: int
      persistent_netmask:
        description: See O(lvs.cluster.ipvs_service#module:persistent_netmask).
        type: str
      persistence_engine:
        description: See O(lvs.cluster.ipvs_service#module:persistence_engine).
        type: str
        choices: [none, sip]
      one_packet:
        description: See O(lvs.cluster.ipvs_service#module:one_packet).
        type: bool
      real_servers:
        description:
          - The real servers of the service. An empty list is none.
          - Where this is not given, the service's real servers are left as they are, whatever O(prune) says.
        type: list
        elements: dict
        suboptions:
          address:
            description: See O(lvs.cluster.ipvs_real_server#module:address).
            type: str
            required: true
          port:
            description: See O(lvs.cluster.ipvs_real_server#module:port).
            type: int
          forward:
            description: See O(lvs.cluster.ipvs_real_server#module:forward).
            type: str
            choices: [nat, dr, tun]
          weight:
            description: See O(lvs.cluster.ipvs_real_server#module:weight).
            type: int
          upper_threshold:
            description: See O(lvs.cluster.ipvs_real_server#module:upper_threshold).
            type: int
          lower_threshold:
            description: See O(lvs.cluster.ipvs_real_server#module:lower_threshold).
            type: int
          tunnel_type:
            description: See O(lvs.cluster.ipvs_real_server#module:tunnel_type).
            type: str
            choices: [ipip, gue, gre]
          tunnel_port:
            description: See O(lvs.cluster.ipvs_real_server#module:tunnel_port).
            type: int
          tunnel_checksum:
            description: See O(lvs.cluster.ipvs_real_server#module:tunnel_checksum).
            type: str
            choices: [none, csum, remcsum]
  rules:
    description:
      - The virtual services as rules of ipvsadm, one a line, in the format that C(ipvsadm-save) writes. Command lines that
        begin with C(ipvsadm), as people type them, are read too. They are followed from an empty table on, so that C(-A),
        C(-a), C(-E), C(-e), C(-D), C(-d) and C(-C) mean what they mean to ipvsadm. Blank lines and lines that begin with
        C(#) are skipped.
      - A rule says everything of its service or real server. What it does not name is ipvsadm's default, which is V(wlc) for
        the scheduler, V(dr) for the forwarding method and V(1) for the weight. Thresholds are the exception. A rule
        without C(-x) and C(-y) leaves those that there are, because C(ipvsadm-save) does not write them.
      - C(-b) with nothing behind it, which C(ipvsadm-save) writes for C(flag-3) of V(sh) and V(mh), is no flag. Neither
        scheduler has a meaning for that one.
      - As ipvsadm does, a real server by V(dr) or V(tun) is added at the service's port, whatever port the rule names. One
        that is there at that other port is left there.
      - Names of hosts and of services, as C(ipvsadm -S) without C(-n) prints them, are looked up on the target.
    type: str
  src:
    description:
      - The path of a file on the target with such O(rules).
    type: path
  prune:
    description:
      - What is deleted because it is not described.
      - V(none) deletes nothing. V(real_servers) deletes other real servers of the services that are described. V(all)
        deletes other services as well.
    type: str
    choices: [none, real_servers, all]
    default: real_servers
  scope:
    description:
      - The part of the table that O(prune) may delete from. Networks or addresses, which hold the services with a virtual
        address in them, and firewall marks.
      - What is outside is never deleted. Without this option everything is inside.
    type: list
    elements: str
  keep_weights:
    description:
      - Whether a real server that exists keeps its weight, whatever its description says. For tables whose weights somebody
        else adjusts.
    type: bool
    default: false
seealso:
  - module: lvs.cluster.ipvs_service
  - module: lvs.cluster.ipvs_real_server
  - module: lvs.cluster.ipvs_info
  - plugin: lvs.cluster.to_ipvsadm
    plugin_type: filter
"""

EXAMPLES = r"""
- name: Hold a web site, and delete real servers of it that are not named here
  lvs.cluster.ipvs_table:
    services:
      - virtual_address: 192.168.0.111
        virtual_port: 80
        scheduler: wrr
        real_servers:
          - address: 192.168.137.131
            weight: 6
          - address: 192.168.137.130
            weight: 2

- name: Own all services of one network, and of one firewall mark, on a director that others use too
  lvs.cluster.ipvs_table:
    prune: all
    scope:
      - 192.168.0.0/24
      - "10"
    services:
      - virtual_address: 192.168.0.111
        virtual_port: 80
        real_servers:
          - address: 192.168.137.131

- name: Make the table what these command lines make it
  lvs.cluster.ipvs_table:
    rules: |
      ipvsadm -A -t 192.168.0.111:80 -s wrr
      ipvsadm -a -t 192.168.0.111:80 -r 192.168.137.131 -m -w 6
      ipvsadm -a -t 192.168.0.111:80 -r 192.168.137.130 -m -w 2

- name: Hold a table of thousands of services, a list in group_vars
  lvs.cluster.ipvs_table:
    rules: "{{ my_services | lvs.cluster.to_ipvsadm }}"
    prune: all

- name: Go back to the table that was saved, and to nothing else
  lvs.cluster.ipvs_table:
    src: /etc/ipvsadm.rules
    prune: all

- name: See what would be deleted from everything
  lvs.cluster.ipvs_table:
    prune: all
    services: []
  check_mode: true
  diff: true
"""

RETURN = r"""
before:
  description:
    - Those services as they were that RV(operations) add, edit or delete, or of which they do so with a real server. Each
      has all of its real servers.
    - A service to which nothing is done is not told, here or in the diff. M(lvs.cluster.ipvs_info) tells all of the
      table.
  returned: success
  type: list
  elements: dict
  sample: []
after:
  description:
    - The same services as they are, or in check mode would be.
    - The keys are the names of the options.
  returned: success
  type: list
  elements: dict
  sample:
    - protocol: tcp
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
      description:
        - What that does to connections. V(none), V(new connections only) or V(drops connections).
        - For another scheduler V(delays new connections). The kernel serves no new client between the two, and what would
          refuse one is held back. A client asks again after a second, or when it does so by itself with UDP.
        - Where the target has no nftables (C(nft)), V(refuses new connections).
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
"""

import socket
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.lvs.cluster.plugins.module_utils._ipvs.model import Table
from ansible_collections.lvs.cluster.plugins.module_utils._ipvs.module import run, table_task
from ansible_collections.lvs.cluster.plugins.module_utils._ipvs.plan import (
    PRUNE_CHOICES,
    Plan,
    Policy,
    parse_scope,
    plan_table,
)
from ansible_collections.lvs.cluster.plugins.module_utils._ipvs.wanted import (
    WantedService,
    parse_services,
)
from ansible_collections.lvs.cluster.plugins.module_utils._result import (
    fail,
    let_go_of_long,
)
from ansible_collections.lvs.cluster.plugins.module_utils._values import ModelError


def read_services(params: Mapping[str, Any]) -> tuple[WantedService, ...]:
    """Return the services that are asked for, in whichever way; raises ModelError."""
    if params["services"] is not None:
        return parse_services(params["services"])
    from ansible_collections.lvs.cluster.plugins.module_utils._ipvs.from_ipvsadm import (
        Names,
        parse_rules,
    )

    text = params["rules"]
    if text is None:
        text = read_file(params["src"])
    return parse_rules(text, Names(known_address, known_port))


def read_file(path: str) -> str:
    """Return the text of a file; raises ModelError."""
    try:
        return Path(path).read_text(encoding="utf-8")
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is no text"
        if "\0" in path:
            reason = "no path has an octet of zero"
        advice = "give a file of rules on the target"
        raise ModelError("", "src", path, f"cannot be read ({reason})", advice) from error


def known_address(host: str, family: str) -> str | None:
    """Return the address by which this host knows another, None where it does not."""
    wanted = socket.AF_INET if family == "ipv4" else socket.AF_INET6
    try:
        return str(socket.getaddrinfo(host, None, wanted)[0][4][0])
    except (OSError, UnicodeError):
        return None


def known_port(service: str, protocol: str) -> int | None:
    """Return the port of a service that this host knows by name, None where it does not."""
    try:
        return socket.getservbyname(service, protocol)
    except (OSError, UnicodeError):
        return None


def main() -> None:
    """Run the module."""
    module = AnsibleModule(
        argument_spec={
            # What is in a service is checked by the model, whose errors name the service.
            "services": {"type": "list", "elements": "dict"},
            "rules": {"type": "str"},
            "src": {"type": "path"},
            "prune": {"type": "str", "choices": list(PRUNE_CHOICES), "default": "real_servers"},
            "scope": {"type": "list", "elements": "str"},
            "keep_weights": {"type": "bool", "default": False},
        },
        mutually_exclusive=[("services", "rules", "src")],
        required_one_of=[("services", "rules", "src")],
        supports_check_mode=True,
    )
    scope = module.params["scope"]
    try:
        wanted = read_services(module.params)
        policy = Policy(
            prune=module.params["prune"],
            scope=None if scope is None else parse_scope(scope),
            keep_weights=module.params["keep_weights"],
        )
    except ModelError as error:
        fail(module, error)

    let_go_of_long(module)

    def plan(have: Table) -> Plan:
        if module.params["services"] is not None:
            return plan_table(have, wanted, policy)
        from ansible_collections.lvs.cluster.plugins.module_utils._ipvs.from_ipvsadm import (
            as_ipvsadm_adds,
        )

        return plan_table(have, as_ipvsadm_adds(wanted, have.real_servers), policy)

    run(module, table_task(plan))


if __name__ == "__main__":
    main()
