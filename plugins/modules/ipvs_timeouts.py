#!/usr/bin/python

# Copyright (c) 2025, The lvs.cluster authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The timeouts of connections in the kernel's IPVS."""

from __future__ import annotations

DOCUMENTATION = r"""
module: ipvs_timeouts
short_description: Set after what time the kernel's IPVS forgets connections
version_added: 0.1.0
author:
  - The lvs.cluster authors (@lvs-cluster)
description:
  - Sets how long the Linux Virtual Server (IPVS) keeps a connection after its last packet. The times are those of the
    host (of its network namespace), and hold for all virtual services alike.
  - Options that are not given leave what the kernel has. Unlike C(ipvsadm --set), V(0) does not stand for that. It is an
    error.
  - No connection is dropped by a change. A connection that is there takes the new time at its next packet, and until
    then the time that it was given last goes on.
  - The times are for TCP and UDP. Other protocols, persistence and connections that are still being opened have times
    of their own.
  - The module talks to the kernel itself and does not need ipvsadm. What it sets is gone after a reboot.
extends_documentation_fragment:
  - lvs.cluster.attributes
  - lvs.cluster.attributes.actiongroup_ipvs
  - lvs.cluster.attributes.privilege
options:
  tcp:
    description:
      - For how many seconds an established TCP connection is kept. From V(1) to V(2147483).
      - The kernel begins with 900.
    type: int
  tcp_fin:
    description:
      - For how many seconds a TCP connection is kept after a FIN, in the state C(FIN_WAIT). From V(1) to V(2147483).
      - The kernel begins with 120.
    type: int
  udp:
    description:
      - For how many seconds the packets between a UDP client and its server count as one connection. From V(1) to
        V(2147483).
      - The kernel begins with 300.
    type: int
seealso:
  - module: lvs.cluster.ipvs_info
"""

EXAMPLES = r"""
- name: Keep TCP connections for two hours, as long as the hosts' own keep-alive waits
  lvs.cluster.ipvs_timeouts:
    tcp: 7200

- name: Forget the questions of DNS clients soon
  lvs.cluster.ipvs_timeouts:
    udp: 10

- name: Go back to what the kernel begins with
  lvs.cluster.ipvs_timeouts:
    tcp: 900
    tcp_fin: 120
    udp: 300
"""

RETURN = r"""
before:
  description: The timeouts as they were, in seconds.
  returned: success
  type: dict
  sample: {tcp: 900, tcp_fin: 120, udp: 300}
after:
  description: The timeouts as they are, or in check mode would be, in seconds.
  returned: success
  type: dict
  sample: {tcp: 7200, tcp_fin: 120, udp: 300}
operations:
  description: What was done, or in check mode would be. At most one.
  returned: success
  type: list
  elements: dict
  contains:
    action:
      description: V(edit).
      type: str
      returned: success
      sample: edit
    item:
      description: V(timeouts).
      type: str
      returned: success
      sample: timeouts
    changes:
      description: Each timeout that changes, with its value before and after.
      type: dict
      returned: success
      sample: {tcp: [900, 7200]}
    effect:
      description: What that does to established connections. V(none), they take the new time at their next packet.
      type: str
      returned: success
      sample: none
  sample:
    - action: edit
      item: timeouts
      changes: {tcp: [900, 7200]}
      effect: none
"""

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.lvs.cluster.plugins.module_utils._ipvs.connect import connect
from ansible_collections.lvs.cluster.plugins.module_utils._ipvs.errors import IpvsError
from ansible_collections.lvs.cluster.plugins.module_utils._ipvs.timeouts import (
    DEFAULTS,
    NAMES,
    parse_timeouts,
    plan_timeouts,
    print_timeouts,
)
from ansible_collections.lvs.cluster.plugins.module_utils._result import diff_of, fail
from ansible_collections.lvs.cluster.plugins.module_utils._values import ModelError
from ansible_collections.lvs.cluster.plugins.module_utils._written import as_written, unread


def main() -> None:
    """Run the module."""
    module = AnsibleModule(
        argument_spec=unread(
            {
                "tcp": {"type": "int"},
                "tcp_fin": {"type": "int"},
                "udp": {"type": "int"},
            }
        ),
        required_one_of=[list(NAMES)],
        supports_check_mode=True,
    )
    try:
        given = as_written(module)
        wanted = parse_timeouts({name: given[name] for name in NAMES})
    except ModelError as error:
        fail(module, error)
    kernel = connect(module)
    try:
        have = kernel.timeouts() if kernel is not None else DEFAULTS
        operations = plan_timeouts(have, wanted)
        if kernel is not None and operations and not module.check_mode:
            kernel.set_timeouts(wanted)
    except IpvsError as error:
        fail(module, error)
    finally:
        if kernel is not None:
            kernel.close()
    after = {**have, **wanted}
    module.exit_json(
        changed=bool(operations),
        before=have,
        after=after,
        operations=operations,
        **diff_of(module, lambda: (f"{print_timeouts(have)}\n", f"{print_timeouts(after)}\n")),
    )


if __name__ == "__main__":
    main()
