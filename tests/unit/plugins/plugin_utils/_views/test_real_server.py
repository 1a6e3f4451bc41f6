# Copyright (c) 2025, The lvs.cluster authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a real server has to have of its own."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.lvs.cluster.plugins.plugin_utils._views.director import ipvs_services
from ansible_collections.lvs.cluster.plugins.plugin_utils._views.real_server import (
    cluster_addresses,
    dr_addresses,
    interface_towards,
    nat_gateway,
    owners,
    real_server_roles,
    tun_settings,
)
from described import DIP, NOTHING_TOLD, cluster, host_info, service

VIP, VIP6 = "192.168.137.100", "fd00:137::100"
DUAL = {"rs1": {"lvs_rip6": "fd00:137::131"}, "rs2": {"lvs_rip6": "fd00:137::130"}}


def test_direct_routing() -> None:
    """Each address once, of those services alone that name the host and forward so."""
    plan = cluster(
        service(address=VIP, forward="dr"),
        service(address=VIP, port=443, forward="dr"),
        service(address=VIP6, forward="dr", real_servers=[{"host": "rs1"}]),
        service(address="192.168.137.101", forward="tun"),
        **DUAL,
    )
    assert dr_addresses(plan, "rs1") == [VIP, VIP6]
    assert dr_addresses(plan, "rs2") == [VIP]
    assert real_server_roles(plan, "rs1") == [
        "dr_real_server",
        "tun_real_server",
    ]


def test_direct_routing_of_marks() -> None:
    """All addresses of the mark."""
    marked = {"fwmark": 10, "addresses": [VIP, VIP6], "forward": "dr"}
    plan = cluster({**marked, "real_servers": [{"host": "rs1"}]}, **DUAL)
    assert dr_addresses(plan, "rs1") == [VIP, VIP6]
    assert [entry["real_servers"][0]["address"] for entry in ipvs_services(plan)] == [
        "192.168.137.131",
        "fd00:137::131",
    ]


def test_owners() -> None:
    """A cluster's name is behind them, if it has one."""
    assert owners(cluster(), "rs1")["dr"] == "dr-real-server"
    assert owners(cluster(rs1={"lvs_cluster": "shop"}), "rs1") == {
        "nat": "nat-real-server-shop",
        "dr": "dr-real-server-shop",
        "tun": "tun-real-server-shop",
    }


def test_what_a_cluster_is_told_by() -> None:
    """Its addresses, and those of its directors that others see; not those that many hosts have."""
    networks = host_info(
        eth1=["192.168.137.129/24"], docker0=["172.17.0.1/16"], eth2=["203.0.113.1/32"]
    )
    plan = cluster(service(address=VIP, forward="dr"), director={"__preflight_host": networks})
    assert cluster_addresses(plan) == [VIP, DIP]
    away = cluster(service(address=VIP, forward="dr"), director={"__preflight_host": NOTHING_TOLD})
    assert cluster_addresses(away) == []


@pytest.mark.parametrize(
    ("address", "tunnel", "hosts", "device", "port"),
    [
        (VIP, {}, {}, ("tunl0", "ipip"), None),
        (VIP6, {}, DUAL, ("ip6tnl0", "ip6_tunnel"), None),
        (VIP6, {}, {}, ("sit0", "sit"), None),
        (VIP, {}, {"rs1": {"lvs_rip": "fd00:137::131"}}, ("ip6tnl0", "ip6_tunnel"), None),
        (VIP, {"tunnel_type": "gre"}, {}, ("gre0", "ip_gre"), None),
        (VIP6, {"tunnel_type": "gre"}, DUAL, ("ip6gre0", "ip6_gre"), None),
        (VIP, {"tunnel_type": "gue", "tunnel_port": 6080}, {}, ("tunl0", "ipip"), "ipv4"),
        (
            VIP6,
            {"tunnel_type": "gue", "tunnel_port": 6080},
            DUAL,
            ("ip6tnl0", "ip6_tunnel"),
            "ipv6",
        ),
    ],
)
def test_tunnels(
    address: str, tunnel: dict[str, Any], hosts: Any, device: tuple[str, str], port: str | None
) -> None:
    """The device is that of both families and of the type, which the service says for all."""
    plan = cluster(service(address=address, forward="tun", **tunnel), **hosts)
    found = tun_settings(plan, "rs1")
    assert found["devices"] == [{"name": device[0], "module": device[1]}]
    assert found["addresses"] == [{"address": address, "interface": device[0]}]
    assert found["ports"] == ([{"family": port, "port": 6080}] if port else [])


def test_a_server_has_a_tunnel_of_its_own() -> None:
    """Its type goes before the service's; a server by NAT takes no tunnel's field."""
    servers = [{"host": "rs1", "tunnel_type": "gre"}, {"host": "rs2", "forward": "nat"}]
    plan = cluster(service(forward="tun", tunnel_type="ipip", real_servers=servers))
    gre, nat = ipvs_services(plan)[0]["real_servers"]
    assert gre["tunnel_type"] == "gre"
    assert "tunnel_type" not in nat
    assert tun_settings(plan, "rs1")["devices"] == [{"name": "gre0", "module": "ip_gre"}]
    assert tun_settings(plan, "rs2")["devices"] == []


def test_roles() -> None:
    """A host gets the role of the services that name it, and nothing without one."""
    plan = cluster(service(real_servers=[{"host": "rs1"}]))
    assert real_server_roles(plan, "rs1") == ["nat_real_server"]
    assert real_server_roles(plan, "rs2") == []


def test_a_sorry_server_is_made_ready_like_a_real_server() -> None:
    """By the role that the way to it needs."""
    plan = cluster(service(real_servers=[{"host": "rs1"}], sorry_server={"host": "rs2"}))
    assert real_server_roles(plan, "rs2") == ["nat_real_server"]


def test_gateway() -> None:
    """The director's address on the network of the real servers, and the interface towards it."""
    plan = cluster()
    assert nat_gateway(plan) == DIP
    assert interface_towards(plan, "rs1", DIP) == "eth1"
    assert interface_towards(plan, "rs1", "192.0.2.1") == ""
    assert interface_towards(plan, "rs9", DIP) == ""
    assert nat_gateway(cluster(groups={"real_servers": ["rs1", "rs2"]})) == ""
    unseen = {"directors": ["director", "unseen"], "real_servers": ["rs1", "rs2"]}
    assert nat_gateway(cluster(groups=unseen)) == DIP
