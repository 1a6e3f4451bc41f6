# Copyright (c) 2026, The lvs.cluster authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a director's firewall lets through."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.lvs.cluster.plugins.plugin_utils._views.firewall import (
    Opening,
    firewalld_rules,
    let_in,
    let_through,
    policies,
    ufw_rules,
)
from described import ANNOUNCE, VIP, announcing, cluster, one_of_three, service

MARKED: dict[str, Any] = {
    "name": "shop",
    "fwmark": 10,
    "addresses": ["10.0.0.100", "fd00::100"],
    "ports": ["80", "8000-8010"],
    "real_servers": [{"address": "192.168.137.9", "port": 80}, {"address": "fd00::9", "port": 80}],
}


def entering(*services: Any, daemons: Any = (), **director: Any) -> list[Opening]:
    """What is let in on the director of inventory nat."""
    found = cluster(*services, director=director)
    return let_in(found, found.hosts["director"], daemons)


@pytest.mark.parametrize(
    ("opening", "firewalld", "ufw"),
    [
        (
            Opening(VIP, "tcp", 80, 80),
            f'rule family="ipv4" destination address="{VIP}" port port="80" protocol="tcp" accept',
            f"allow to {VIP} port 80 proto tcp",
        ),
        (
            Opening("fd00::100", "udp", 8000, 8010),
            'rule family="ipv6" destination address="fd00::100" port port="8000-8010"'
            ' protocol="udp" accept',
            "allow to fd00::100 port 8000:8010 proto udp",
        ),
        # Every port.
        (
            Opening(VIP, "tcp"),
            f'rule family="ipv4" destination address="{VIP}" protocol value="tcp" accept',
            f"allow to {VIP} proto tcp",
        ),
        (
            Opening("0.0.0.0/0", "vrrp"),
            'rule family="ipv4" destination address="0.0.0.0/0" protocol value="vrrp" accept',
            "allow to any proto vrrp",
        ),
        (
            Opening(source="192.168.137.0/24"),
            'rule family="ipv4" source address="192.168.137.0/24" accept',
            "route allow from 192.168.137.0/24",
        ),
    ],
)
def test_words(opening: Opening, firewalld: str, ufw: str) -> None:
    """As each tells them itself."""
    assert [rule["rule"] for rule in firewalld_rules([opening])] == [firewalld]
    assert ufw_rules([opening]) == [ufw]


def test_services() -> None:
    """Each address with each of its ports, once; real servers by address or name are no matter."""
    assert entering(service(), service(name="b", port=81), service(name="c", port=82)) == [
        Opening(VIP, "tcp", port, port) for port in (80, 81, 82)
    ]
    every = service(port=0, persistent_timeout=30, protocol="udp")
    assert entering(every) == [Opening(VIP, "udp")]
    assert entering(MARKED) == [
        Opening(address, "tcp", *ports)
        for address in ("10.0.0.100", "fd00::100")
        for ports in ((80, 80), (8000, 8010))
    ]


def test_other_directors() -> None:
    """VRRP of keepalived, and connections that a backup daemon receives."""
    daemons = [{"role": "master", "interface": "eth2"}, {"role": "backup", "interface": "eth2"}]
    moved = {"director_manager": "keepalived"}
    assert entering(daemons=daemons, **moved)[1:] == [
        Opening("0.0.0.0/0", "vrrp"),
        Opening("224.0.0.81", "udp", 8848, 8848),
    ]
    assert entering(daemons=daemons[:1])[1:] == []
    six = {"role": "backup", "interface": "eth2", "group": "ff02::81", "port": "9000"}
    assert entering(MARKED, daemons=[six], **moved)[4:] == [
        Opening("0.0.0.0/0", "vrrp"),
        Opening("::/0", "vrrp"),
        Opening("ff02::81", "udp", 9000, 9000),
    ]


def test_policies_of_firewalld() -> None:
    """One for what is for the host, and one for what passes it."""
    (inside, through) = policies(entering(), let_through(["fd00::/64"]))
    assert (inside["name"], inside["egress"]) == ("lvs-cluster-in", "HOST")
    assert inside["rules"] == firewalld_rules(entering())
    assert (through["name"], through["egress"]) == ("lvs-cluster-pass", "ANY")
    (rule,) = through["rules"]
    assert (rule["family"], rule["source"]) == ("ipv6", "fd00::/64")
    assert policies([], [])[1]["rules"] == []


def test_routers_of_directors_that_announce() -> None:
    """They begin a session, too, and BFD; and there is no VRRP, whoever looks after the servers."""
    peers = [*ANNOUNCE["peers"], {"address": "2001:db8::1", "asn": 1, "multihop": 2}]
    checked = {f"d{last}": one_of_three(last, director_manager="keepalived") for last in (2, 3)}
    own = one_of_three(1, director_manager="keepalived", lvs_announce={**ANNOUNCE, "peers": peers})
    found = announcing(d1=own, **checked)
    four, six = "192.168.137.1", "fd00:137::1"
    assert let_in(found, found.hosts["d1"], ())[2:] == [
        Opening(four, "tcp", 179, 179),
        Opening(four, "udp", 3784, 3784),
        Opening(six, "tcp", 179, 179),
        Opening(six, "udp", 3784, 3784),
        Opening(six, "udp", 4784, 4784),
    ]
