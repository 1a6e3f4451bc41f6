#!/usr/bin/python

# Copyright (c) 2026, The lvs.cluster authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Ask a real server the way clients do, while it gets no clients."""

from __future__ import annotations

DOCUMENTATION = r"""
module: ipvs_check
short_description: Ask a real server from its director, the way clients do
version_added: 0.1.0
author:
  - The lvs.cluster authors (@lvs-cluster)
description:
  - Asks one real server for what a virtual service is for, from the director itself, by the virtual address and by the
    way that clients' packets take. A real server by V(dr) or V(tun) that has lost the virtual address, or its tunnel,
    answers at its own address, and serves nobody.
  - For as long as it asks, the kernel's table has a service of the firewall mark O(mark) with that one real server, for packets that
    the module makes. Other services, and clients, see nothing of it. By V(dr) and V(tun) with IPv4 the device of the way to
    the real server has C(accept_local) meanwhile, for the answer comes from an address of the director. It is off again when the task
    ends, however it ends.
  - The real server may have weight 0, or be in no service.
extends_documentation_fragment:
  - lvs.cluster.attributes.info
  - lvs.cluster.attributes.actiongroup_ipvs
  - lvs.cluster.attributes.privilege
options:
  virtual_address:
    description: The address that clients connect to.
    type: str
    required: true
  virtual_port:
    description: The TCP port that clients connect to.
    type: int
    required: true
  real_server:
    description: The real server, with C(address), C(port), C(forward), and what belongs to a tunnel, as
      O(lvs.cluster.ipvs_table#module:services) takes it.
    type: dict
    required: true
  type:
    description:
      - V(connect) connects by TCP. V(http) and V(https) ask for a page. A certificate is not looked at, as health checkers do not.
    type: str
    choices: [connect, http, https]
    default: connect
  path:
    description: The page.
    type: str
    default: /
  virtual_host:
    description: What is asked for as the host. By default the virtual address.
    type: str
  method:
    description: How the page is asked for.
    type: str
    choices: [GET, HEAD]
    default: GET
  status:
    description: Statuses that will do, numbers and ranges.
    type: list
    elements: str
    default: ["200-299"]
  expect:
    description: A regular expression of Python for which is looked in the first 64 KiB of the page.
    type: str
  timeout:
    description: For how many seconds each answer is waited for.
    type: int
    default: 5
  wait:
    description: For how many seconds it is asked again where it does not answer, or not as expected.
    type: int
    default: 0
  steady:
    description: For how many seconds it has to go on answering after that; it is asked twice a second.
    type: int
    default: 0
  mark:
    description:
      - The firewall mark, from 1 to 4294967295, which nothing else on this host may use. A service of this mark that is there is refused,
        but for one as this module makes it, which a run left that was killed.
    type: int
    default: 1280725827
seealso:
  - module: lvs.cluster.ipvs_drain
"""

EXAMPLES = r"""
- name: See that a real server serves the shop's page, by the way that clients take
  lvs.cluster.ipvs_check:
    virtual_address: 192.168.0.111
    virtual_port: 80
    real_server:
      address: 192.168.137.131
      port: 80
      forward: dr
    type: http
    path: /index.html
    virtual_host: www.example.com
    wait: 30
"""

RETURN = r"""
attempts:
  description: How often it was asked.
  returned: always
  type: int
  sample: 1
waited:
  description: For how many seconds.
  returned: always
  type: float
  sample: 0.02
status:
  description: The status of the last page.
  returned: where there was one
  type: int
  sample: 200
source:
  description: The director's address that was asked from.
  returned: success
  type: str
  sample: 192.168.137.129
"""

import http.client
import re
import signal
import ssl
import time
from collections.abc import Mapping
from typing import Any, NamedTuple, NoReturn

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.lvs.cluster.plugins.module_utils._ipvs.clients_way import (
    Way,
    alone,
    connected,
    drops_own_address,
    only,
    own_address_accepted,
    way_to,
)
from ansible_collections.lvs.cluster.plugins.module_utils._ipvs.connect import connect
from ansible_collections.lvs.cluster.plugins.module_utils._ipvs.errors import IpvsError
from ansible_collections.lvs.cluster.plugins.module_utils._ipvs.lock import LockError
from ansible_collections.lvs.cluster.plugins.module_utils._ipvs.model import (
    MAX_FWMARK,
    RealServer,
    service_of_key,
)
from ansible_collections.lvs.cluster.plugins.module_utils._ipvs.wanted import (
    parse_real_server,
    resolve_real_server,
)
from ansible_collections.lvs.cluster.plugins.module_utils._result import fail, succeed
from ansible_collections.lvs.cluster.plugins.module_utils._values import (
    MAX_PORT,
    ModelError,
    join_host_port,
    parse_address,
    parse_integer,
)
from ansible_collections.lvs.cluster.plugins.module_utils._written import as_written, unread

MAX_SECONDS = 3600
# Of a page, for what is expected in it.
READ = 65536
POLL_SECONDS = 0.5
_STATUS = re.compile("([1-5][0-9]{2})(?:-([1-5][0-9]{2}))?")


class Wanted(NamedTuple):
    """What a page has to be."""

    secure: bool
    method: str
    path: str
    host: str
    # Of the host without a port; None where it is an address.
    name: str | None
    statuses: tuple[range, ...]
    expect: re.Pattern[str] | None


class Refused(Exception):
    """What is wrong with an answer."""

    def __init__(self, why: str, status: int | None = None) -> None:
        """Say it, with the page's status where it has one."""
        super().__init__(why)
        self.status = status


class Check:
    """What is asked for; read before anything is done."""

    def __init__(self, given: dict[str, Any]) -> None:
        """Read it; raise ModelError."""
        self.address = parse_address("", "virtual_address", given["virtual_address"])
        self.port = parse_integer("", "virtual_port", given["virtual_port"], 1, MAX_PORT)
        self.mark = parse_integer("", "mark", given["mark"], 1, MAX_FWMARK)
        self.timeout = parse_integer("", "timeout", given["timeout"], 1, MAX_SECONDS)
        self.wait = parse_integer("", "wait", given["wait"], 0, MAX_SECONDS)
        self.steady = parse_integer("", "steady", given["steady"], 0, MAX_SECONDS)
        key = ("tcp", self.address, self.port)
        wanted = parse_real_server(given["real_server"], key)
        self.server: RealServer = resolve_real_server(wanted, service_of_key(key))
        self.page = None if given["type"] == "connect" else _page(given, self.address)

    @property
    def label(self) -> str:
        """What messages call it."""
        server = join_host_port(*self.server.key)
        return f"real server {server} of tcp {join_host_port(self.address, self.port)}"

    def ask(self, way: Way) -> int | None:
        """Ask once; return a page's status, or raise OSError or Refused."""
        opened = connected(self.address, self.port, self.mark, way.source, self.timeout)
        try:
            return None if self.page is None else _status_of(opened, self.address, self.page)
        finally:
            opened.close()

    def ask_until(self, way: Way) -> dict[str, Any]:
        """Ask until it answers, and then for as long as it has to go on.

        Return what the module returns, with C(why) where it does not answer.
        """
        begin = time.monotonic()
        since: float | None = None
        result: dict[str, Any] = {"attempts": 0}
        while True:
            why = ""
            try:
                status = self.ask(way)
            except (OSError, ValueError, http.client.HTTPException, Refused) as error:
                why = str(error) or type(error).__name__
                status = getattr(error, "status", None)
            result["attempts"] += 1
            if status is not None:
                result["status"] = status
            now = time.monotonic()
            if not why and since is None:
                since = now
            steady = since is not None and now - since >= self.steady
            if (why and (since is not None or now - begin >= self.wait)) or (not why and steady):
                return {**result, "waited": round(now - begin, 2), "why": why}
            time.sleep(POLL_SECONDS)


def _page(given: Mapping[str, Any], address: str) -> Wanted:
    expect = None
    if given["expect"] is not None:
        try:
            expect = re.compile(given["expect"], re.MULTILINE)
        except re.error as error:
            why, advice = f"is no regular expression ({error})", "give one of Python"
            raise ModelError("", "expect", given["expect"], why, advice) from error
    statuses = []
    for text in given["status"]:
        found = _STATUS.fullmatch(str(text))
        if found is None:
            why, advice = "is not a status of HTTP", "give one such as 200, or 200-299"
            raise ModelError("", "status", text, why, advice)
        statuses.append(range(int(found[1]), int(found[2] or found[1]) + 1))
    for name in ("path", "virtual_host"):
        if given[name] is not None and not re.fullmatch(r"[!-~]+", given[name]):
            why, advice = "has a space, or what is not ASCII", "write it as it is in a URL"
            raise ModelError("", name, given[name], why, advice)
    host = given["virtual_host"] or (f"[{address}]" if ":" in address else address)
    name = re.sub(":[0-9]*$", "", given["virtual_host"] or "")
    secure = given["type"] == "https"
    return Wanted(
        secure, given["method"], given["path"], host, name or None, tuple(statuses), expect
    )


def _status_of(opened: Any, address: str, page: Wanted) -> int:
    if page.secure:
        context = ssl.create_default_context()
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
        # An address is no name: none is told then.
        opened = context.wrap_socket(opened, server_hostname=page.name)
    connection = http.client.HTTPConnection(address)
    connection.sock = opened
    headers = {"Host": page.host, "Connection": "close", "User-Agent": "lvs.cluster"}
    connection.request(page.method, page.path, headers=headers)
    answer = connection.getresponse()
    text = answer.read(READ).decode(errors="replace")
    if not any(answer.status in some for some in page.statuses):
        raise Refused(f"it answered with status {answer.status}", answer.status)
    if page.expect is not None and not page.expect.search(text):
        raise Refused(f"the page does not have {page.expect.pattern!r}", answer.status)
    return answer.status


def main() -> None:
    """Run the module."""
    module = AnsibleModule(
        argument_spec=unread(
            {
                "virtual_address": {"type": "str", "required": True},
                "virtual_port": {"type": "int", "required": True},
                "real_server": {"type": "dict", "required": True},
                "type": {
                    "type": "str",
                    "choices": ["connect", "http", "https"],
                    "default": "connect",
                },
                "path": {"type": "str", "default": "/"},
                "virtual_host": {"type": "str"},
                "method": {"type": "str", "choices": ["GET", "HEAD"], "default": "GET"},
                "status": {"type": "list", "elements": "str", "default": ["200-299"]},
                "expect": {"type": "str"},
                "timeout": {"type": "int", "default": 5},
                "wait": {"type": "int", "default": 0},
                "steady": {"type": "int", "default": 0},
                "mark": {"type": "int", "default": 0x4C565343},
            }
        ),
        supports_check_mode=True,
    )
    try:
        check = Check(as_written(module))
    except ModelError as error:
        fail(module, error)
    kernel = connect(module)
    if kernel is None or module.check_mode:
        succeed(module, changed=False, attempts=0, waited=0.0)
    # Whoever ends the task early: what it has set meanwhile is put back.
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, _ended)
    try:
        with kernel, alone():
            way = way_to(check.server.address)
            with only(kernel, check.mark, check.server), own_address_accepted(way, check.server):
                result = check.ask_until(way)
    except (ModelError, IpvsError, LockError) as error:
        fail(module, error)
    except OSError as error:
        what = f"{error.filename or 'the network'}: {error.strerror or error}"
        fail(module, ValueError(f"{check.label} cannot be asked from here: {what}."))
    why = result.pop("why")
    if why:
        fail(module, ValueError(_sentence(check, way, why, result["waited"])), **result)
    succeed(module, changed=False, source=way.source, **result)


def _ended(number: int, _frame: object) -> NoReturn:
    raise SystemExit(128 + number)


def _sentence(check: Check, way: Way, why: str, waited: float) -> str:
    said = f"{check.label} does not answer the way clients ask it, for {waited} seconds: {why};"
    strict = drops_own_address(way, check.address) if check.server.forward != "nat" else ""
    if strict:
        return (
            f"{said} {strict} is 1, by which this host may drop the answer: set it to 2, or look at"
            " the real server."
        )
    return f"{said} look whether it is up, and has the virtual address and its tunnel."


if __name__ == "__main__":
    main()
