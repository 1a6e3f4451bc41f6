# Copyright (c) 2026, The lvs.cluster authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the roles ask for."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
from ansible_collections.lvs.cluster.plugins.module_utils._values import ModelError
from ansible_collections.lvs.cluster.plugins.plugin_utils._cluster.description import read
from ansible_collections.lvs.cluster.plugins.plugin_utils._cluster.groups import Groups
from ansible_collections.lvs.cluster.plugins.plugin_utils._views import (
    director,
    handover,
    keepalived,
    ldirectord,
    vrrp,
)
from ansible_collections.lvs.cluster.plugins.plugin_utils._views.masquerading import (
    masquerading_rules,
)
from ansible_collections.lvs.cluster.plugins.plugin_utils._views.plans import PLANS
from described import (
    DIP,
    DIRECTOR,
    FLOATING,
    GROUPS,
    KEEPALIVED,
    LDIRECTORD,
    THREE,
    asked,
    at_once,
    cluster,
    host_info,
    hostvars,
    one_of_two,
    service,
    three,
)

VIP = "192.168.0.100"
WEB = service(address=VIP, sorry_server={"address": "127.0.0.1"}, check={"interval": 3})
SORRY = {"address": "127.0.0.1", "port": 80, "forward": "dr"}
# The role's variables, as a template finds them.
ROLE = {f"keepalived_{name}": value for name, value in KEEPALIVED.items()}


def floating() -> dict[str, dict[str, Any]]:
    """The hosts of inventory nat, whose director has no address that moves."""
    own = host_info(eth1=["192.168.0.2/24"], eth2=["192.168.137.2/24"])
    return hostvars(director={"director_manager": "keepalived", "__preflight_host": own})


def told(
    term: str,
    hosts: Mapping[str, Any] | None = None,
    host: str = "director",
    within: Mapping[str, Any] | None = None,
    **options: Any,
) -> Any:
    """What a host is told."""
    known = {"lvs_virtual_services": [WEB], **(within or {})}
    known = {name: value for name, value in known.items() if value is not None}
    return PLANS[term](asked(host, hosts or hostvars(), known, **options))


# ---- a director --------------------------------------------------------------------------------
def test_director() -> None:
    """Its table and all that goes with it."""
    found = told("director")
    plan = cluster(WEB)
    host = plan.hosts["director"]
    assert found["rules"] == director.ipvs_rules(plan)
    assert found["keys"] == [f"-t {VIP}:80"]
    assert found["vips"] == director.virtual_addresses(plan, host)
    assert found["settings"] == [
        "net/ipv4/ip_forward 1",
        "net/ipv4/vs/conn_reuse_mode 1",
        "net/ipv4/vs/conntrack 0",
        "net/ipv4/vs/expire_nodest_conn 1",
        "net/ipv4/vs/expire_quiescent_template 1",
    ]
    assert found["marks"] == []
    assert found["masquerade"] == masquerading_rules(plan, host, DIRECTOR)
    assert found["schedulers"] == ["rr"]
    assert found["timeouts"] == []
    assert found["daemons"] == []
    assert found["other_daemons"] == []
    assert found["ufw"] == [
        f"allow to {VIP} port 80 proto tcp",
        "route allow from 192.168.137.0/24",
    ]
    assert [len(policy["rules"]) for policy in found["firewalld"]] == [1, 1]
    closed = told("director", within={"director_masquerade": False})
    assert closed["ufw"] == found["ufw"][:1]


def test_who_has_the_virtual_addresses() -> None:
    """VRRP, where keepalived is the manager; else the director itself."""
    found = told("director", floating())
    assert found["vips"] == []
    assert found["floating"] == [VIP, DIP]
    found = told("director")
    assert [vip["address"] for vip in found["vips"]] == [VIP]
    assert found["floating"] == []
    # What a role or a play sets, and the inventory does not.
    assert told("director", within={"director_manager": "keepalived"})["vips"] == []


def test_settings_of_the_role() -> None:
    """Where a virtual address goes, by variables that the inventory does not have."""
    named = {"director_vip_interface": "eth9", "director_vip_prefix": 24}
    assert told("director", within=named)["vips"] == [
        {"address": VIP, "prefix": 24, "interface": "eth9"}
    ]


def test_timeouts() -> None:
    """A line of three; what is not named is left alone."""
    found = told("director", within={"director_timeouts": {"tcp": "7200"}})
    assert found["timeouts"] == ["7200 0 0"]


def test_settings() -> None:
    """Those of IPVS, by the role's variable; a boolean is a number."""
    sysctls = {"sync_threshold": "0 0", "conntrack": True}
    assert told("director", within={"director_ipvs_sysctls": sysctls})["settings"] == [
        "net/ipv4/ip_forward 1",
        "net/ipv4/vs/conntrack 1",
        "net/ipv4/vs/sync_threshold 0 0",
    ]


def test_daemons() -> None:
    """Those that are declared; and of those that run the others, as they run."""
    running = [
        {"role": "master", "interface": "eth9", "sync_id": 3},
        {"role": "backup", "interface": "eth1", "sync_id": 7, "ttl": 2},
    ]
    found = told(
        "director",
        within={"director_sync_daemons": [{"role": "master", "interface": "eth2"}]},
        running=running,
    )
    assert found["daemons"] == ["--start-daemon master --mcast-interface eth2"]
    assert found["other_daemons"] == [
        "--start-daemon backup --mcast-interface eth1 --syncid 7 --mcast-ttl 2"
    ]


def test_daemons_that_a_boot_would_start() -> None:
    """Unless one of the role is declared, or runs; and not on an interface that is not there."""
    configured: dict[str, Any] = {
        "ipvsadm_defaults": 'DAEMON="both"\nIFACE="eth1"\nSYNCID=7\n',
        "ipvsadm_rules": "--start-daemon master --mcast-interface eth9\n",
    }
    backup = "--start-daemon backup --mcast-interface eth1 --syncid 7"
    assert told("director", **configured)["other_daemons"] == [backup]
    del configured["ipvsadm_rules"]
    master = "--start-daemon master --mcast-interface eth1 --syncid 7"
    assert told("director", **configured)["other_daemons"] == [master, backup]
    running = [{"role": "master", "interface": "eth2", "sync_id": 3}]
    assert told("director", running=running, **configured)["other_daemons"] == [
        "--start-daemon master --mcast-interface eth2 --syncid 3",
        backup,
    ]
    declared = {"director_sync_daemons": [{"role": "backup", "interface": "eth2"}]}
    assert told("director", within=declared, **configured)["other_daemons"] == [master]


@pytest.mark.parametrize("term", ["ldirectord", "keepalived"])
def test_description_of_a_role(term: str) -> None:
    """It goes before the cluster's, and need not be there."""
    own = {f"{term}_virtual_services": [service(address=VIP, port=81)]}
    (entry,) = told(term, within={**ROLE, **own})["services"]
    assert entry["virtual_port"] == 81
    assert told(term, within={**ROLE, **own, "lvs_virtual_services": None})["services"]
    assert told(term, within={**ROLE, "lvs_virtual_services": None})["services"] == []


def test_description_of_a_director() -> None:
    """The same of the role for directors."""
    own = {"director_virtual_services": [service(address=VIP, port=81)]}
    assert told("director", within=own)["rules"].startswith(f"-A -t {VIP}:81 ")
    assert told("director", within={**own, "lvs_virtual_services": None})["rules"]
    assert told("director", within={"lvs_virtual_services": None})["rules"] == ""


def test_host_in_no_group() -> None:
    """A role may be for a host that is in no group of the inventory."""
    hosts = {**floating(), "spare": floating()["director"]}
    assert told("director", hosts, "spare")["floating"] == [VIP, DIP]
    assert told("keepalived", hosts, "spare", ROLE)["refusals"]


def test_description_that_cannot_be_read() -> None:
    """The first that is wrong with it is raised; preflight has told all of it before."""
    with pytest.raises(ModelError, match="service web: port 70000 is out of range"):
        told("director", within={"lvs_virtual_services": [service(port=70000)]})


def test_forgotten_services() -> None:
    """What an earlier run wrote down, without what is still declared."""
    former = ["# ours", f"-t {VIP}:80", "-f 5"]
    assert told("forgotten_services", former=former) == [{"fwmark": 5, "family": "ipv4"}]
    own = {"director_virtual_services": [WEB]}
    assert len(told("forgotten_services", within=own, former=former, declared=False)) == 2
    with pytest.raises(ModelError, match=r"lvs\.cluster\.plan: former is not given; give it\."):
        told("forgotten_services")


# ---- health checkers ---------------------------------------------------------------------------
def test_ldirectord() -> None:
    """The table as it should be, and what stands in the configuration."""
    found = told("ldirectord")
    described = cluster(WEB)
    assert found["services"] == director.ipvs_services(described)
    assert [{name: one[name] for name in SORRY} for one in found["sorry_servers"]] == [SORRY]
    assert found["sections"] == ldirectord.virtual_sections(described, False)
    assert found["head"] == ldirectord.head(LDIRECTORD, 3)
    assert found["environment"] == []
    assert found["packages"] == []
    assert found["secret"] is False
    assert told("ldirectord", within={"lvs_virtual_services": []})["head"][0] == "fork=no"
    forked = told("ldirectord", within={"ldirectord_fork": True})
    assert forked["sections"] == ldirectord.virtual_sections(described, True)


def test_packages_of_ldirectord() -> None:
    """By what the checks are, and the distribution."""
    hosts = hostvars()
    hosts["director"]["ansible_facts"] = {"os_family": "Debian"}
    https = service(address=VIP, port=443, check={"type": "https"})
    found = told("ldirectord", hosts, within={"lvs_virtual_services": [https]})
    assert found["packages"] == ldirectord.perl_packages(cluster(https), "Debian") != []


def test_keepalived() -> None:
    """The table as it should be, the blocks, and the rules while it takes over."""
    settings = {**KEEPALIVED, "sync_daemon": {"interface": "eth2"}}
    daemon = {"keepalived_sync_daemon": {"interface": "eth2"}}
    found = told("keepalived", floating(), within={**ROLE, **daemon})
    described, problems = read([WEB], floating(), Groups(GROUPS))
    assert problems == []
    host = described.hosts["director"]
    assert found["services"] == director.ipvs_services(described)
    assert [{name: one[name] for name in SORRY} for one in found["sorry_servers"]] == [SORRY]
    blocks, names = vrrp.vrrp_blocks(described, host, settings)
    assert found["vrrp"] == blocks
    assert found["addresses"] == vrrp.addresses(described, host)
    daemon_line = f"lvs_sync_daemon eth2 {names[0]}"
    assert found["globals"] == vrrp.global_lines(host, settings, daemon_line)
    assert found["beginnings"] == handover.hold_syn(described, host)
    assert found["refusals"] == handover.hold_rst(described, host)
    assert found["answers"] == handover.hold_answers(described)
    assert found["virtual_servers"] == keepalived.virtual_servers(described)


def test_checks_by_the_clients_way() -> None:
    """Each director asks from its own address, and has the marks, and what the answer needs."""
    way = {"type": "http", "clients_way": True}
    hosts = {name: one_of_two(last) for name, last in (("director", 2), ("spare", 3))}
    direct = service(address=FLOATING, forward="dr", real_servers=[{"host": "rs1"}], check=way)
    for name, last in (("director", 2), ("spare", 3)):
        own = {"lvs_virtual_services": [direct]}
        found = told("keepalived", hostvars(**hosts), name, {**ROLE, **own})
        (_mark, block) = found["virtual_servers"]
        assert f"            bindto 192.168.137.{last}" in block
        found = told("director", hostvars(**hosts), name, own)
        mark = "-f 1281645646"
        assert mark in found["keys"]
        assert "net/ipv4/conf/eth2/accept_local 1" in found["settings"]
        former = {"former": found["keys"]}
        assert told("forgotten_services", hostvars(**hosts), name, own, **former) == []
        assert told("new_services", hostvars(**hosts), name, own, former=[]) == found["keys"]


# ---- a real server -----------------------------------------------------------------------------
def test_real_server() -> None:
    """Its roles, and what each needs."""
    found = told("real_server", host="rs1")
    assert found["roles"] == ["nat_real_server"]
    assert found["dr"] == {"addresses": []}
    assert found["tun"] == {"devices": [], "ports": [], "addresses": []}
    assert found["nat"] == {"gateway": DIP, "interface": "eth1"}


def test_gateway_of_its_own() -> None:
    """The interface is the one towards it."""
    found = told("real_server", host="rs1", gateway="192.0.2.1")
    assert found["nat"] == {"gateway": DIP, "interface": ""}
    assert told("real_server", host="rs1", gateway="no address")["nat"]["interface"] == ""
    two = host_info(eth1=["192.168.137.131/24"], eth2=["192.0.2.9/24"])
    hosts = hostvars(rs1={"__preflight_host": two})
    assert told("real_server", hosts, "rs1", gateway="192.0.2.1")["nat"]["interface"] == "eth2"


def test_direct_routing_and_tunnels() -> None:
    """Virtual addresses and devices."""
    services = [service(forward="dr"), service(name="ldap", port=81, forward="tun")]
    found = told("real_server", host="rs1", within={"lvs_virtual_services": services})
    assert found["roles"] == ["dr_real_server", "tun_real_server"]
    assert found["dr"]["addresses"] == ["192.168.0.111"]
    assert found["tun"]["devices"] == [{"name": "tunl0", "module": "ipip"}]


def test_real_server_without_a_description() -> None:
    """Alone, with its own variables, it needs none."""
    found = told("real_server", host="client", within={"lvs_virtual_services": None})
    assert found["roles"] == []
    assert found["nat"] == {"gateway": DIP, "interface": ""}


def test_hosts() -> None:
    """Of the groups, whoever asks; the lookup may have no host, in a play's hosts."""
    assert told("hosts")["cluster"] == ["director", "rs1", "rs2"]


def test_for_how_long_a_director_may_take_to_join() -> None:
    """Longer where the others tell of connections less often."""
    hosts = hostvars(**three())
    known: dict[str, Any] = {"lvs_virtual_services": [*at_once()]}
    found = PLANS["bird"](asked("d1", hosts, known, THREE))
    assert found["patience"] == 200
    assert found["secret"] is True
    known["director_ipvs_sysctls"] = {"sync_refresh_period": 300}
    assert PLANS["bird"](asked("d1", hosts, known, THREE))["patience"] == 780
