# Copyright (c) 2025, The lvs.cluster authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Rules as ipvsadm takes them; what the kernel makes of them is in tests/kernel."""

from __future__ import annotations

from ansible_collections.lvs.cluster.plugins.module_utils._ipvs.ipvsadm import (
    print_real_server,
    print_service,
    print_table,
)
from ansible_collections.lvs.cluster.plugins.module_utils._ipvs.model import (
    RealServer,
    Service,
    Table,
)
from hypothesis import given
from strategies import tables


def test_everything_that_a_service_can_have() -> None:
    """All switches at once."""
    service = Service(
        fwmark=10, family="ipv6", scheduler="mh", scheduler_flags=("mh-fallback", "mh-port"),
        persistent_timeout=360, persistent_netmask="64", persistence_engine="sip", one_packet=True,
    )  # fmt: skip
    assert print_service(service) == (
        "-A -f 10 -6 -s mh -p 360 -M 64 --pe sip -o -b mh-fallback,mh-port"
    )


def test_everything_that_a_real_server_can_have() -> None:
    """All switches at once."""
    server = RealServer("fd00::2", 80, "tun", 5, 20, 10, "gue", 6080, "remcsum")
    assert print_real_server(("sctp", "10.0.0.1", 80), server) == (
        "-a --sctp-service 10.0.0.1:80 -r [fd00::2]:80 -i -w 5 -x 20 -y 10"
        " --tun-type gue --tun-port 6080 --tun-remcsum"
    )


@given(tables())
def test_a_table_is_in_one_order(table: Table) -> None:
    """Each service comes before its real servers, and the order does not hang on the kernel's."""
    lines = print_table(table).splitlines()
    assert len(lines) == sum(1 + len(table.servers_of(key)) for key in table.services)
    assert len(lines) == len(set(lines))
    seen: set[str] = set()
    for line in lines:
        words = line.split(" -s ")[0].split(" -r ")[0].split()
        name = " ".join(words[1:])
        assert (words[0] == "-A") == (name not in seen)
        seen.add(name)
    turned = Table(dict(list(table.services.items())[::-1]), table.real_servers)
    assert print_table(turned).splitlines() == lines


def test_addresses_are_sorted_as_numbers() -> None:
    """10.0.0.9 comes before 10.0.0.10."""
    services = [Service("tcp", f"10.0.0.{last}", 80) for last in (10, 9)]
    table = Table({service.key: service for service in services})
    assert [line.split()[2] for line in print_table(table).splitlines()] == [
        "10.0.0.9:80",
        "10.0.0.10:80",
    ]
