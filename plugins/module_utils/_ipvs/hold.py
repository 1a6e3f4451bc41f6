# Copyright (c) 2026, The lvs.cluster authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Holding refusals back while a service changes its scheduler.

Private to the collection: names and behaviour may change in any release.

The kernel takes the old scheduler off, waits until no processor uses it any more (tens of
milliseconds with several processors), and only then puts the new one on (ip_vs_edit_service in
net/netfilter/ipvs/ip_vs_ctl.c). A client that comes meanwhile is refused, by ICMP "port
unreachable" (ip_vs_leave in ip_vs_core.c). If nothing answers it, it asks again a second later, as
TCP and SCTP do by themselves. So these answers are dropped for the moment, by nftables' rules in a
table of their own. Who is killed meanwhile leaves rules that are for a set, whose elements the
kernel takes away after a time.
"""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING

from .._values import packed_address
from .model import Service

if TYPE_CHECKING:
    from .plan import Operation

TABLE = "lvs_scheduler"
PATH = "/usr/sbin:/sbin:/usr/local/sbin:/usr/bin:/bin"
# For how long refusals are held back at most, and how much longer for each change.
LIMIT_SECONDS = 10
CHANGE_SECONDS = 1
_PROTOCOLS = {"tcp": 6, "udp": 17, "sctp": 132}
# By family: what ICMP's words are, its header's bits, and in the packet that it quotes, by bits:
# the protocol, the destination and its length, the destination port.
_ICMP = {
    "ipv4": ("icmp type destination-unreachable icmp code 3", 8 + 9, 8 + 16, 4, 8 + 20 + 2),
    "ipv6": ("icmpv6 type destination-unreachable icmpv6 code 4", 8 + 6, 8 + 24, 16, 8 + 40 + 2),
}


def rules_for(services: Iterable[Service], seconds: int) -> str:
    """Return nftables' rules that drop what would refuse clients of these services, for a time.

    A packet that is quoted has no firewall mark: with a service of one, all refusals of its family
    are held back.
    """
    lines = (f"add rule inet {TABLE} output {_match(service)}" for service in services)
    held = ", ".join(f"{protocol} timeout {seconds}s" for protocol in ("icmp", "ipv6-icmp"))
    return "\n".join(
        [
            # A table that somebody who was killed has left goes; so that it can, it is made.
            f"add table inet {TABLE}",
            f"delete table inet {TABLE}",
            f"add table inet {TABLE}",
            f"add set inet {TABLE} held {{ type inet_proto; flags timeout; }}",
            f"add element inet {TABLE} held {{ {held} }}",
            f"add chain inet {TABLE} output {{ type filter hook output priority raw; }}",
            *dict.fromkeys(f"{line} meta l4proto @held drop" for line in lines),
            "",
        ]
    )


def _match(service: Service) -> str:
    """Return what is true of ICMP that refuses a client of a service."""
    words, protocol, address, length, port = _ICMP[service.family]
    if service.fwmark:
        return words
    found = [
        words,
        f"@th,{protocol * 8},8 {_PROTOCOLS[service.protocol]}",
        f"@th,{address * 8},{length * 8} 0x{packed_address(service.address).hex()}",
    ]
    if service.port:
        found.append(f"@th,{port * 8},16 {service.port}")
    return " ".join(found)


@contextmanager
def refusals_held(operations: Sequence[Operation], *, check: bool = False) -> Iterator[bool]:
    """Hold back what would refuse clients while operations are done; gives whether that is so.

    It is not so where no scheduler changes, nor where the host has no nftables. With C(check)
    nothing is held back, and it is given whether it would be.
    """
    services = (op.after for op in operations if op.changes_scheduler)
    wanted = [service for service in services if isinstance(service, Service)]
    rules = rules_for(wanted, LIMIT_SECONDS + CHANGE_SECONDS * len(wanted))
    held = bool(wanted) and _nft(*["--check"] * check, "--file", "-", text=rules)
    try:
        yield held
    finally:
        if held and not check:
            _nft("delete", "table", "inet", TABLE)


def _nft(*words: str, text: str = "") -> bool:
    program = shutil.which("nft", path=PATH)
    if program is None:
        return False
    # A plan has no module, whose run_command this would be.
    done = subprocess.run(  # pylint: disable=ansible-bad-function
        [program, *words], input=text.encode(), capture_output=True, check=False
    )
    return done.returncode == 0
