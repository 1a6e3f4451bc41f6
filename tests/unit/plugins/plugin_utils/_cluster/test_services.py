"""What is derived from the description of a cluster."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.lvs.cluster.plugins.plugin_utils._cluster import (
    inventory as _cluster_inventory,
)
from ansible_collections.lvs.cluster.plugins.plugin_utils._cluster import services as _cluster
from ansible_collections.lvs.cluster.plugins.plugin_utils._cluster.model import Interface
from ansible_collections.lvs.cluster.plugins.plugin_utils._views import (
    director as _cluster_director,
)
from ansible_collections.lvs.cluster.plugins.plugin_utils._views import (
    real_server as _cluster_real_server,
)
from described import DIP, VIP, cluster, facts, service


def test_interfaces_of_facts() -> None:
    """Addresses come with prefix length; lo and link-local addresses do not count."""
    found = facts(eth1=["192.0.2.1/24", "192.0.2.9/32", "2001:db8::1/64"])
    found["eth1"]["ipv6"].append({"address": "fe80::1", "prefix": "64", "scope": "link"})
    found["interfaces"].append("br-a")
    found["br_a"] = {"device": "br-a"}
    assert _cluster_inventory.interfaces_of_facts(found) == (
        Interface("eth1", ("192.0.2.1/24", "192.0.2.9/32", "2001:db8::1/64")),
        Interface("br-a"),
    )


def test_table_has_every_field() -> None:
    """What the description does not say is at its default, so that it goes back to it."""
    (entry,) = _cluster.ipvs_services(cluster())
    assert entry["virtual_address"] == VIP
    assert entry["virtual_port"] == 80
    assert entry["protocol"] == "tcp"
    assert entry["scheduler"] == "rr"
    assert entry["persistent_timeout"] == 0
    assert "family" not in entry
    assert entry["real_servers"] == [
        {
            "address": rip,
            "port": 80,
            "forward": "nat",
            "weight": 1,
            "upper_threshold": 0,
            "lower_threshold": 0,
        }
        for rip in ("192.168.137.131", "192.168.137.130")
    ]


def test_table_of_real_server_fields() -> None:
    """A server may have a port and a weight of its own, and stand outside the inventory."""
    servers = [{"host": "rs1", "port": 8080, "weight": 6}, {"address": "192.168.137.9"}]
    (entry,) = _cluster.ipvs_services(cluster(service(real_servers=servers)))
    assert [(s["address"], s["port"], s["weight"]) for s in entry["real_servers"]] == [
        ("192.168.137.131", 8080, 6),
        ("192.168.137.9", 80, 1),
    ]


def test_fwmark_service() -> None:
    """A service by mark has no address, and so no virtual address to bring up."""
    marked = {"fwmark": 10, "scheduler": "rr", "real_servers": [{"host": "rs1", "port": 80}]}
    (entry,) = _cluster.ipvs_services(cluster(marked))
    assert (entry["fwmark"], entry["family"]) == (10, "ipv4")
    assert _cluster_director.virtual_addresses(cluster(marked), "director") == []


@pytest.mark.parametrize(
    ("entry", "text"),
    [
        ({"virtual_address": VIP, "virtual_port": 80, "protocol": "tcp"}, f"-t {VIP}:80"),
        ({"virtual_address": VIP, "virtual_port": 53, "protocol": "udp"}, f"-u {VIP}:53"),
        (
            {"virtual_address": "2001:db8::1", "virtual_port": 80, "protocol": "sctp"},
            "--sctp-service [2001:db8::1]:80",
        ),
        ({"fwmark": 10, "family": "ipv4"}, "-f 10"),
        ({"fwmark": 10, "family": "ipv6"}, "-f 10 -6"),
    ],
)
def test_forgotten_services(entry: dict[str, Any], text: str) -> None:
    """What an earlier run wrote down is read back as the same key, unless it is still declared."""
    assert _cluster_director.key_arguments(entry) == text
    assert _cluster_director.forgotten_services([text, ""], []) == [entry]
    assert _cluster_director.forgotten_services([text], [entry]) == []


def test_vip_that_the_host_has() -> None:
    """An address that is there keeps its interface and prefix length."""
    assert _cluster_director.virtual_addresses(cluster(), "director") == [
        {"address": VIP, "prefix": 24, "interface": "eth1"}
    ]


def test_vip_goes_where_its_network_is() -> None:
    """A new address is a single host's, on the link of its network."""
    found = _cluster_director.virtual_addresses(
        cluster(service(address="192.168.0.200"), service(address="192.168.0.200", port=81)),
        "director",
    )
    assert found == [{"address": "192.168.0.200", "prefix": 32, "interface": "eth1"}]


def test_vip_on_a_named_interface() -> None:
    """Host variables name interface and prefix length where no network tells."""
    plan = cluster(
        service(address="172.16.1.143"),
        director={"director_vip_interface": "eth3", "director_vip_prefix": 16},
    )
    assert _cluster_director.virtual_addresses(plan, "director") == [
        {"address": "172.16.1.143", "prefix": 16, "interface": "eth3"}
    ]
    assert _cluster_director.masquerading(plan, "director")["interfaces"] == ["eth3"]


def test_masquerading() -> None:
    """The real servers' network, out of the public interface only."""
    assert _cluster_director.masquerading(cluster(), "director") == {
        "networks": ["192.168.137.0/24"],
        "interfaces": ["eth1"],
    }


def test_no_masquerading_on_one_link() -> None:
    """With all of it on one link, no interface is public."""
    one = facts(eth1=[f"{DIP}/24"])
    plan = cluster(service(address="192.168.137.100"), director={"ansible_facts": one})
    assert _cluster_director.masquerading(plan, "director")["interfaces"] == []


def test_no_masquerading_by_lo() -> None:
    """An address there says nothing of the public interface; the host's variable does."""
    plan = cluster(service(address="10.0.0.100"), director={"director_vip_interface": "lo"})
    assert _cluster_director.masquerading(plan, "director")["interfaces"] == []


def test_no_masquerading_for_direct_routing() -> None:
    """Nor does the director forward for it."""
    plan = cluster(service(address="192.168.137.100", forward="dr"))
    assert _cluster_director.masquerading(plan, "director") == {"networks": [], "interfaces": []}
    assert _cluster_director.forwarding_families(plan) == []
    assert _cluster_director.forwarding_families(cluster()) == ["ipv4"]


def test_roles_and_gateway() -> None:
    """A host gets the role of the services that name it, and nothing without one."""
    plan = cluster(service(real_servers=[{"host": "rs1"}]))
    assert _cluster_real_server.real_server_roles(plan, "rs1") == ["nat_real_server"]
    assert _cluster_real_server.real_server_roles(plan, "rs2") == []
    assert _cluster_real_server.nat_gateway(plan) == DIP
    assert _cluster_real_server.link_to(plan, "rs1", DIP) == "eth1"
    assert _cluster_director.schedulers(cluster(service(), service(port=81, scheduler=None))) == [
        "rr",
        "wlc",
    ]
