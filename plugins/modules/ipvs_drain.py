#!/usr/bin/python

# Copyright (c) 2026, The lvs.cluster authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Real servers of several virtual services that take no new clients, until they are empty."""

from __future__ import annotations

DOCUMENTATION = r"""
module: ipvs_drain
short_description: Let real servers of the kernel's IPVS become empty, and give them back
version_added: 0.1.0
author:
  - The lvs.cluster authors (@lvs-cluster)
description:
  - Sets the weight of real servers to 0, all of them at once, and waits until their connections have ended. They stay in the table.
    The playbook C(lvs.cluster.drain) does that on all directors, and has it remembered.
  - Connections are active ones, inactive ones (TCP that is closing or has closed, and all of UDP), and templates of persistence. What is
    only closing has a limit of its own, O(inactive_timeout). That are inactive connections, but not those of UDP, which end when their
    timeout is over, and templates, where the kernel's C(expire_quiescent_template) is 1. With 0 clients come back by them, and they
    count as open.
  - A service whose packets are scheduled one by one has nothing to wait for.
  - A real server, or service, that is not in the table is empty.
  - The module talks to the kernel itself and does not need ipvsadm. What it sets is gone after a reboot.
extends_documentation_fragment:
  - lvs.cluster.attributes
  - lvs.cluster.attributes.actiongroup_ipvs
  - lvs.cluster.attributes.privilege
options:
  services:
    description:
      - The virtual services, each with the real servers that are meant in C(real_servers), as O(lvs.cluster.ipvs_table#module:services)
        takes them. Of a service only what names it is looked at.
      - With O(state=drained) only C(address) and C(port) of a real server are looked at.
    type: list
    elements: dict
    required: true
  state:
    description:
      - V(drained) sets weight 0, and waits.
      - V(undrained) makes each real server as it is given, with its weight. One that is missing is added.
    type: str
    choices: [drained, undrained]
    default: drained
  timeout:
    description: For how many seconds is waited for all connections to end.
    type: int
    default: 600
  inactive_timeout:
    description: For how many seconds is waited while all that is left is closing.
    type: int
    default: 30
  task_timeout:
    description:
      - After how many seconds the task ends in any case, so that others can see how far it is. V(0) waits for nothing. The next task goes on
        where it is given RV(waited) and RV(closing) of this one.
    type: int
  waited:
    description: RV(waited) of the task before.
    type: float
    default: 0
  closing:
    description: RV(closing) of the task before.
    type: float
    default: 0
  addresses:
    description:
      - Where some are given, and this host has none of them, another director serves these clients, and nothing is waited for here.
    type: list
    elements: str
    default: []
  asked:
    description: Connections of which other directors have to know whether they are at their end here, by the names of RV(open).
    type: list
    elements: str
    default: []
  over:
    description:
      - Connections that another director has seen the end of, by the names of RV(over). They count as closing, even if they are open here.
      - Directors that synchronise keep a connection as open where a message that told so came later than the one that told its end.
    type: list
    elements: str
    default: []
  only_with_connections:
    description:
      - With O(state=undrained), leave alone all that have no connections, for a health checker to give them back. Those that have some would
        lose them where it takes a server of weight 0 out before it puts it in again, as ldirectord does.
    type: bool
    default: false
seealso:
  - module: lvs.cluster.ipvs_real_server
  - module: lvs.cluster.ipvs_table
"""

EXAMPLES = r"""
- name: Let a real server become empty, in ten minutes at most
  lvs.cluster.ipvs_drain:
    services:
      - virtual_address: 192.168.0.111
        virtual_port: 80
        real_servers:
          - address: 192.168.137.131
  register: drain

- name: Say what is left of it
  ansible.builtin.debug:
    msg: "{{ drain.connections }}"
  when: drain.ended != 'empty'

- name: Give it back
  lvs.cluster.ipvs_drain:
    state: undrained
    services:
      - virtual_address: 192.168.0.111
        virtual_port: 80
        real_servers:
          - address: 192.168.137.131
            weight: 6
"""

RETURN = r"""
ended:
  description:
    - How the wait ended. V(empty), with no connections left; V(closing), with some that were only closing; V(timeout), with
      some that are open.
    - Empty where it has not ended when O(task_timeout) was over, and in check mode, which waits for nothing.
  returned: where O(state=drained)
  type: str
  sample: empty
waited:
  description: For how many seconds was waited, with O(waited).
  returned: where O(state=drained)
  type: float
  sample: 12.5
closing:
  description: For how many seconds of these, the last ones, all that was left was closing.
  returned: where O(state=drained)
  type: float
  sample: 2.25
serves:
  description: Whether this host has one of O(addresses), or none were given.
  returned: where O(state=drained)
  type: bool
  sample: true
active_connections:
  description: Active connections that all of the real servers have together.
  returned: where O(state=drained)
  type: int
  sample: 0
inactive_connections:
  description: Inactive connections.
  returned: where O(state=drained)
  type: int
  sample: 0
persistent_connections:
  description: Templates of persistence.
  returned: where O(state=drained)
  type: int
  sample: 0
servers:
  description: What each real server has. C(open_connections) are those of them that are not only closing.
  returned: where O(state=drained)
  type: list
  elements: dict
  sample:
    - service: tcp 192.168.0.111:80
      real_server: 192.168.137.131:80
      active_connections: 0
      inactive_connections: 0
      persistent_connections: 0
      open_connections: 0
connections:
  description:
    - The connections that are left, where the wait ended with some; 1000 of them at most.
    - Each has C(protocol), C(client_address), C(client_port), C(virtual_address), C(virtual_port), C(address), C(port) and C(state), as
      M(lvs.cluster.ipvs_info) returns them.
  returned: where O(state=drained)
  type: list
  elements: dict
  sample: []
open:
  description:
    - The names of the established connections of TCP that are left, where the wait goes on or its time was over, and there are not
      more than 1000.
  returned: where O(state=drained)
  type: list
  elements: str
  sample: ["tcp 192.168.0.109:53122 192.168.0.111:80 192.168.137.131:80"]
over:
  description: O(over), and those of O(asked) that are at their end here.
  returned: where O(state=drained)
  type: list
  elements: str
  sample: []
before:
  description: Those services of which a real server changed, with that real server as it was.
  returned: success
  type: list
  elements: dict
  sample: []
after:
  description: The same as it is, or in check mode would be.
  returned: success
  type: list
  elements: dict
  sample: []
operations:
  description: What was done, or in check mode would be, as M(lvs.cluster.ipvs_real_server) returns it.
  returned: always
  type: list
  elements: dict
  sample: []
"""

from contextlib import nullcontext
from typing import Any, NoReturn

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.lvs.cluster.plugins.module_utils._ipvs import draining
from ansible_collections.lvs.cluster.plugins.module_utils._ipvs.connect import connect
from ansible_collections.lvs.cluster.plugins.module_utils._ipvs.connections import read_connections
from ansible_collections.lvs.cluster.plugins.module_utils._ipvs.drain import NO_CONNECTIONS
from ansible_collections.lvs.cluster.plugins.module_utils._ipvs.errors import IpvsError
from ansible_collections.lvs.cluster.plugins.module_utils._ipvs.ipvsadm import print_table
from ansible_collections.lvs.cluster.plugins.module_utils._ipvs.kernel import Ipvs
from ansible_collections.lvs.cluster.plugins.module_utils._ipvs.lock import LockError, locked
from ansible_collections.lvs.cluster.plugins.module_utils._ipvs.model import (
    RealServer,
    Service,
    ServiceKey,
    Table,
)
from ansible_collections.lvs.cluster.plugins.module_utils._ipvs.module import operation_results
from ansible_collections.lvs.cluster.plugins.module_utils._ipvs.plan import (
    Operation,
    apply_operations,
    plan_real_server,
)
from ansible_collections.lvs.cluster.plugins.module_utils._ipvs.this_host import (
    check_this_host,
    has_one_of,
)
from ansible_collections.lvs.cluster.plugins.module_utils._ipvs.wanted import (
    WantedService,
    parse_services,
)
from ansible_collections.lvs.cluster.plugins.module_utils._result import diff_of, fail, succeed
from ansible_collections.lvs.cluster.plugins.module_utils._values import (
    ModelError,
    parse_address,
    parse_integer,
)
from ansible_collections.lvs.cluster.plugins.module_utils._written import as_written, unread

# Of seconds; longer than anybody waits.
MAX_TIMEOUT = 2**31 - 1


def _seconds(given: dict[str, Any], name: str) -> float:
    found = float(given[name])
    if not 0 <= found <= MAX_TIMEOUT:
        raise ModelError("", name, given[name], "is out of range", "give it as it was returned")
    return found


def _names(given: dict[str, Any], option: str) -> frozenset[str]:
    """Return names of connections; see draining.name_of."""
    for name in given[option]:
        if not isinstance(name, str) or len(name.split()) != 4:
            raise ModelError("", option, name, "names no connection", "give it as it was returned")
    return frozenset(given[option])


class Drain:
    """What is asked for; read before anything is done."""

    def __init__(self, given: dict[str, Any]) -> None:
        """Read it; raise ModelError."""
        self.services: tuple[WantedService, ...] = parse_services(given["services"])
        names = ("timeout", "inactive_timeout", "task_timeout")
        seconds = [
            None if given[name] is None else parse_integer("", name, given[name], 0, MAX_TIMEOUT)
            for name in names
        ]
        self.limits = draining.Limits(seconds[0] or 0, seconds[1] or 0, seconds[2])
        self.waited = draining.Waited(_seconds(given, "waited"), _seconds(given, "closing"))
        self.addresses = [parse_address("", "addresses", address) for address in given["addresses"]]
        self.undrains = given["state"] == "undrained"
        self.asked, self.over = _names(given, "asked"), _names(given, "over")
        self.only_with_connections = given["only_with_connections"]
        self.targets = [
            draining.Target(service.key, server.key)
            for service in self.services
            for server in service.real_servers or ()
        ]

    def steps(self, kernel: Ipvs, have: Table) -> list[Operation]:
        """Return what is to be done now, before anything is waited for."""
        if not self.undrains:
            return draining.set_quiet(
                kernel, [one for one in self.targets if one.key in have.services]
            )
        found: list[Operation] = []
        for service in self.services:
            for wanted in service.real_servers or ():
                if self.only_with_connections:
                    had = kernel.find_server(service.key, wanted.key)
                    if had is None or not draining.gives_back(*had):
                        continue
                found += plan_real_server(have, service.key, wanted).operations
        check_this_host(found, kernel)
        return found

    def wait(self, module: AnsibleModule, kernel: Ipvs | None, have: Table) -> dict[str, Any]:
        """Wait, and return what came of it."""
        serves = not self.addresses or has_one_of(self.addresses)
        look = draining.Look({}, 0, 0)
        ended, waited = draining.EMPTY, self.waited
        if kernel is not None and not module.check_mode and serves:
            services: dict[ServiceKey, Service] = dict(have.services)
            ended, look, waited = draining.wait(
                lambda: draining.look_at(
                    kernel, services, self.targets, read_connections, self.over
                ),
                self.limits,
                self.waited,
            )
        if module.check_mode:
            ended = ""
        left = ended in (draining.CLOSING, draining.TIMEOUT)
        names = ended in ("", draining.TIMEOUT) and 0 < look.open <= draining.SHOWN
        reads = kernel is not None and (left or names or self.asked)
        connections = read_connections() if reads else []
        return {
            "ended": ended,
            "waited": round(waited.all, 2),
            "closing": round(waited.closing, 2),
            "serves": serves,
            **(draining.totals(look) if look.counts else NO_CONNECTIONS),
            "servers": draining.of_targets(look, self.targets),
            "connections": list(draining.shown(connections, self.targets)) if left else [],
            "open": draining.open_names(connections, self.targets) if names else [],
            "over": sorted(self.over.union(draining.over_names(connections, self.asked))),
        }


def told(have: Table, operations: list[Operation]) -> tuple[Table, Table]:
    """Return the real servers that change, before and after, each in its service."""
    keys = {operation.key for operation in operations}
    services = have.only(keys).services
    after = apply_operations(have, operations)
    tables = []
    for table in (have, after):
        servers: dict[Any, dict[Any, RealServer]] = {key: {} for key in services}
        for operation in operations:
            name = operation.server
            if name is not None and name in table.servers_of(operation.key):
                servers[operation.key][name] = table.servers_of(operation.key)[name]
        tables.append(Table(services, servers))
    return tables[0], tables[1]


def read(kernel: Ipvs, services: tuple[WantedService, ...]) -> Table:
    """Return those of the services that are in the table, with their real servers."""
    tables = [kernel.read_service(service.key) for service in services]
    return Table(
        {key: one for table in tables for key, one in table.services.items()},
        {key: one for table in tables for key, one in table.real_servers.items()},
    )


def run(module: AnsibleModule, drain: Drain) -> NoReturn:
    """Do it, and end the module."""
    kernel = connect(module)
    done: list[Operation] = []
    have = Table()
    result: dict[str, Any] = {}
    try:
        with nullcontext() if module.check_mode else locked():
            if kernel is not None:
                have = read(kernel, drain.services)
                steps = drain.steps(kernel, have)
                done = steps if module.check_mode else list(kernel.apply(steps))
        if not drain.undrains:
            result = drain.wait(module, kernel, have)
    except (ModelError, LockError) as error:
        fail(module, error, changed=bool(done), operations=operation_results(tuple(done)))
    except IpvsError as error:
        some = done or list(error.done)
        fail(module, error, changed=bool(some), operations=operation_results(tuple(some)))
    finally:
        if kernel is not None:
            kernel.close()
    before, after = told(have, done)
    succeed(
        module,
        changed=bool(done),
        before=before.as_result(),
        after=after.as_result(),
        operations=operation_results(tuple(done)),
        **result,
        **diff_of(module, lambda: (print_table(before), print_table(after))),
    )


def main() -> None:
    """Run the module."""
    module = AnsibleModule(
        argument_spec=unread(
            {
                # What is in a service is checked by the model, whose errors name the service.
                "services": {"type": "list", "elements": "dict", "required": True},
                "state": {
                    "type": "str",
                    "choices": ["drained", "undrained"],
                    "default": "drained",
                },
                "timeout": {"type": "int", "default": 600},
                "inactive_timeout": {"type": "int", "default": 30},
                "task_timeout": {"type": "int"},
                "waited": {"type": "float", "default": 0},
                "closing": {"type": "float", "default": 0},
                "addresses": {"type": "list", "elements": "str", "default": []},
                "asked": {"type": "list", "elements": "str", "default": []},
                "over": {"type": "list", "elements": "str", "default": []},
                "only_with_connections": {"type": "bool", "default": False},
            }
        ),
        supports_check_mode=True,
    )
    try:
        drain = Drain(as_written(module))
    except ModelError as error:
        fail(module, error)
    run(module, drain)


if __name__ == "__main__":
    main()
