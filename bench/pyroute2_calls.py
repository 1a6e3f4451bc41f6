# Copyright (c) 2025, The lvs.cluster authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""pyroute2's own calls, on the node: `pyroute2_calls.py load SIZE`, or `pyroute2_calls.py read`.

Prints the seconds from the first call to the end of the last; what importing took is not in them.
"""

from __future__ import annotations

import socket
import sys
import time
from collections.abc import Callable

from lvs_bench import tables
from pyroute2 import IPVS, IPVSDest, IPVSService


def load() -> None:
    """Add the table, one call a service and one a real server."""
    with IPVS() as ipvs:
        for service in tables.as_services(int(sys.argv[2])):
            entry = IPVSService(
                addr=service["virtual_address"], port=service["virtual_port"],
                protocol=socket.IPPROTO_TCP, sched_name=service["scheduler"],
            )  # fmt: skip
            ipvs.service("add", service=entry)
            for server in service["real_servers"]:
                dest = IPVSDest(
                    addr=server["address"], port=server["port"], weight=server["weight"],
                    fwd_method=0,
                )  # fmt: skip
                ipvs.dest("add", service=entry, dest=dest)


def read() -> None:
    """Read the services, and the real servers of each."""
    with IPVS() as ipvs:
        for found in list(ipvs.service("dump")):
            list(ipvs.dest("dump", service=IPVSService.from_message(found)))


def seconds(call: Callable[[], None]) -> float:
    """Return how long it took."""
    begin = time.perf_counter()
    call()
    return time.perf_counter() - begin


if __name__ == "__main__":
    print(seconds(load if sys.argv[1] == "load" else read))
