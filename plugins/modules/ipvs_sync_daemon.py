#!/usr/bin/python

# Copyright (c) 2025, The lvs.cluster authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One of the daemons that synchronise connections between directors."""

from __future__ import annotations

DOCUMENTATION = r"""
module: ipvs_sync_daemon
short_description: Manage a daemon that synchronises connections between directors
version_added: 0.1.0
author:
  - The lvs.cluster authors (@lvs-cluster)
description:
  - Starts or stops one of the two daemons by which the directors of the Linux Virtual Server (IPVS) tell each other of
    their connections, so that one can go on with them when the other fails. They are threads of the kernel.
  - The daemon with O(role=master) sends what this host balances, the one with O(role=backup) receives what another
    sends. A host may run either, or both. Each is a task of its own.
  - Options that are not given leave what a daemon that runs has. A new one gets the defaults named below.
  - The kernel cannot edit a daemon that runs. A change stops it and starts another in its place, as
    RV(operations) says. The connections of this host go on. What the master had not sent yet, and what a backup is sent
    meanwhile, is lost. A connection is told of again while it has packets.
  - Where the other one cannot be started, the former one is started again, and the error says so.
  - The kernel does not synchronise where a service has a real server of the other address family. It refuses whichever
    of the two comes second.
  - Messages are neither encrypted nor authenticated. O(interface) should lead to a network of the directors only.
  - The module talks to the kernel itself and does not need ipvsadm. What it starts is gone after a reboot.
extends_documentation_fragment:
  - lvs.cluster.attributes
  - lvs.cluster.attributes.actiongroup_ipvs
  - lvs.cluster.attributes.privilege
options:
  role:
    description:
      - Which of the two daemons.
    type: str
    choices: [master, backup]
    required: true
  interface:
    description:
      - The interface that leads to the other directors, such as V(eth1). It has to exist, and for a master be up.
      - It has to be given where the daemon does not run yet.
    type: str
  sync_id:
    description:
      - Which directors belong together, from V(0) to V(255). A backup takes the messages that carry its own.
      - A backup with V(0) takes all messages. A new daemon gets V(0).
    type: int
  group:
    description:
      - The IPv4 or IPv6 multicast address that messages are sent to.
      - A new daemon gets V(224.0.0.81).
    type: str
  port:
    description:
      - The UDP port that messages are sent to, from V(1) to V(65535).
      - With the sysctl C(net.ipv4.vs.sync_ports) above 1, the ports that follow are used too.
      - A new daemon gets V(8848).
    type: int
  ttl:
    description:
      - How many routers a message may pass, from V(1) to V(255). V(1) keeps it on the link.
      - A new daemon gets V(1).
    type: int
  maxlen:
    description:
      - How many octets of connections a message may carry. A master's messages should not be longer than the backups'.
      - From V(1) for a master, from V(1024) for a backup, to V(65507), or V(65487) with an IPv6 O(group).
      - Where the kernel chooses, a master gets what fits a packet of 1500 octets, a backup what fits the
        O(interface)'s MTU and at least that. It chooses again where O(interface) or O(group) changes.
    type: int
  state:
    description:
      - Whether the daemon is to run. V(absent) stops the one of this O(role), whatever else it has.
    type: str
    choices: [present, absent]
    default: present
seealso:
  - module: lvs.cluster.ipvs_info
"""

EXAMPLES = r"""
- name: Tell the other director of the connections that this one balances
  lvs.cluster.ipvs_sync_daemon:
    role: master
    interface: eth2
    sync_id: 1

- name: And take what it tells
  lvs.cluster.ipvs_sync_daemon:
    role: backup
    interface: eth2
    sync_id: 1

- name: Synchronise over IPv6
  lvs.cluster.ipvs_sync_daemon:
    role: master
    interface: eth2
    sync_id: 1
    group: ff02::81

- name: Stop telling
  lvs.cluster.ipvs_sync_daemon:
    role: master
    state: absent
"""

RETURN = r"""
before:
  description: The daemon of this O(role) as it was. Null where none ran.
  returned: success
  type: dict
  sample: null
after:
  description:
    - The daemon of this O(role) as it is, or in check mode would be. Null where none runs.
    - The keys are the names of the options.
  returned: success
  type: dict
  sample:
    role: master
    interface: eth2
    sync_id: 1
    maxlen: 1472
    group: 224.0.0.81
    port: 8848
    ttl: 1
operations:
  description: What was done, or in check mode would be, in this order.
  returned: always
  type: list
  elements: dict
  contains:
    action:
      description: V(start) or V(stop).
      type: str
      returned: success
      sample: start
    item:
      description: V(sync_daemon).
      type: str
      returned: success
      sample: sync_daemon
    role:
      description: Which of the two daemons.
      type: str
      returned: success
      sample: master
    changes:
      description: Each field that is not as it was, with its value before and after.
      type: dict
      returned: where one is started in the place of another
      sample: {sync_id: [1, 2]}
    effect:
      description: What that does to established connections. V(none), this host goes on with them.
      type: str
      returned: success
      sample: none
  sample:
    - action: start
      item: sync_daemon
      role: master
      effect: none
"""

from collections.abc import Sequence

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.lvs.cluster.plugins.module_utils._ipvs.connect import connect
from ansible_collections.lvs.cluster.plugins.module_utils._ipvs.errors import IpvsError
from ansible_collections.lvs.cluster.plugins.module_utils._ipvs.kernel import Ipvs
from ansible_collections.lvs.cluster.plugins.module_utils._ipvs.sync_daemon import (
    ROLES,
    START,
    STOP,
    DaemonOperation,
    SyncDaemon,
    parse_daemon,
    plan_daemon,
    print_daemon,
    resolve_daemon,
)
from ansible_collections.lvs.cluster.plugins.module_utils._link.interface import (
    check_interface,
    mtu_of,
)
from ansible_collections.lvs.cluster.plugins.module_utils._result import diff_of, fail
from ansible_collections.lvs.cluster.plugins.module_utils._values import ModelError
from ansible_collections.lvs.cluster.plugins.module_utils._written import as_written, unread

OPTIONS = ("role", "interface", "sync_id", "group", "port", "ttl", "maxlen")


def find(kernel: Ipvs | None, role: str) -> SyncDaemon | None:
    """Return the daemon of this role that runs."""
    for found in kernel.daemons() if kernel is not None else ():
        if found["role"] == role:
            return SyncDaemon(**found)
    return None


def do(kernel: Ipvs, operation: DaemonOperation) -> None:
    """Do one operation."""
    if operation.action == START:
        kernel.start_daemon(operation.daemon)
    else:
        kernel.stop_daemon(operation.daemon)


def go_back(kernel: Ipvs, former: SyncDaemon) -> str:
    """Start the former daemon again; return what is to be told of it."""
    try:
        kernel.start_daemon(former)
    except IpvsError as error:
        return f" The former one was stopped, and cannot be started again: {error}"
    return " The former one runs again."


def apply(module: AnsibleModule, kernel: Ipvs, operations: Sequence[DaemonOperation]) -> None:
    """Do the operations; where one cannot be done, go back if need be, and end the module."""
    done: list[DaemonOperation] = []
    for operation in operations:
        try:
            do(kernel, operation)
        except IpvsError as error:
            told = str(error)
            if done:
                former = done[0].daemon
                told += go_back(kernel, former)
                if find(kernel, former.role) is not None:
                    done.append(DaemonOperation(START, former))
            fail(
                module,
                IpvsError(told),
                changed=[step.action for step in done] == [STOP],
                operations=[step.as_result() for step in done],
            )
        done.append(operation)


def _line_of(daemon: SyncDaemon | None) -> str:
    return f"{print_daemon(daemon)}\n" if daemon is not None else ""


def main() -> None:
    """Run the module."""
    module = AnsibleModule(
        argument_spec=unread(
            {
                "role": {"type": "str", "choices": list(ROLES), "required": True},
                "interface": {"type": "str"},
                "sync_id": {"type": "int"},
                "group": {"type": "str"},
                "port": {"type": "int"},
                "ttl": {"type": "int"},
                "maxlen": {"type": "int"},
                "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
            }
        ),
        supports_check_mode=True,
    )
    absent = module.params["state"] == "absent"
    kernel = None
    try:
        given = as_written(module)
        wanted = parse_daemon({name: given[name] for name in OPTIONS})
        kernel = connect(module)
        have = find(kernel, wanted.role)
        after = None if absent else resolve_daemon(have, wanted, mtu_of)
        if after is not None and after != have:
            check_interface(after.interface)
        operations = plan_daemon(have, after)
        if kernel is not None and not module.check_mode:
            apply(module, kernel, operations)
    except (ModelError, IpvsError) as error:
        fail(module, error)
    finally:
        if kernel is not None:
            kernel.close()
    module.exit_json(
        changed=bool(operations),
        before=have.as_result() if have is not None else None,
        after=after.as_result() if after is not None else None,
        operations=[operation.as_result() for operation in operations],
        **diff_of(module, lambda: (_line_of(have), _line_of(after))),
    )


if __name__ == "__main__":
    main()
