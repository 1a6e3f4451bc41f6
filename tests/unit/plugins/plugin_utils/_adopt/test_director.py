# Copyright (c) 2026, The lvs.cluster authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A director that runs: what was found of it, and what it would be told by that."""

from __future__ import annotations

from typing import Any

import pytest
import yaml
from ansible_collections.lvs.cluster.plugins.module_utils._values import ModelError
from ansible_collections.lvs.cluster.plugins.plugin_utils._adopt.director import (
    from_director,
    owner_of,
)
from ansible_collections.lvs.cluster.plugins.plugin_utils._adopt.found import Names
from ansible_collections.lvs.cluster.plugins.plugin_utils._adopt.inventory import (
    inventory_files,
    read_director,
)
from described import TOLD, host_info
from sites import HOUSE, Site, defaults, site, written

# Without those whose directors announce.
SITES = sorted({path.parent.name for path in HOUSE.glob("inventories/*/hosts.yml")} - {"ecmp"})
CONFIGURATIONS = {
    "keepalived": ["/etc/keepalived/keepalived.conf", "/etc/keepalived/lvs-cluster.conf"],
    "ldirectord": ["/etc/ha.d/ldirectord.cf"],
}
KERNEL = {"conntrack": "0", "conn_reuse_mode": "1", "sync_threshold": "3 50", "sloppy_tcp": "0"}
TIMEOUTS = {"tcp": 900, "tcp_fin": 120, "udp": 300}
ACTIVE = {"ActiveState": "active"}
VS = "net/ipv4/vs/"


def files(where: Site, host: str) -> dict[str, str]:
    """What the roles write on a director."""
    manager = manager_of(where, host)
    roles = ["director", *([manager] if manager != "static" else [])]
    return {path: text for role in roles for path, text in written(where, role, host).items()}


def manager_of(where: Site, host: str) -> str:
    """Who owns its table."""
    return str(where.hosts[host].get("director_manager", "static"))


def plan_of(where: Site, host: str) -> dict[str, Any]:
    """What it is told besides."""
    plan: dict[str, Any] = where.ask("director", host, **defaults("director"))
    return plan


def after_a_run(where: Site, host: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """What a director tells of itself after a run of site, and its table in the kernel's order."""
    plan, text, manager = plan_of(where, host), files(where, host), manager_of(where, host)
    links = [{"name": "lo", "mtu": 65536, "addresses": []}, *where.hosts[host][TOLD]["interfaces"]]
    links = [{**link, "addresses": [*link["addresses"]]} for link in links]
    for vip in plan["vips"]:
        (link,) = [one for one in links if one["name"] == vip["interface"]]
        own = f"{vip['address']}/{vip['prefix']}"
        link["addresses"] += [own] if own not in link["addresses"] else []
    settings = [line.removeprefix(VS).split(" ", 1) for line in plan["settings"] if VS in line]
    answer = {
        "interfaces": links,
        "gateways": [],
        "hostname": host,
        "services": plan["keys"],
        "daemons": plan["daemons"],
        "files": {"director.cluster": plan["cluster"]},
        "units": {f"{manager}.service": ACTIVE},
        "configurations": {
            name: {path: text[path] for path in paths if path in text}
            for name, paths in CONFIGURATIONS.items()
        },
        "declared": {"settings": plan["settings"], "timeouts": plan["timeouts"]},
        "sysctls": {**KERNEL, **dict(settings)},
        "rules": {"nft": as_nft_prints(plan)},
    }
    told = plan["rules"].splitlines()
    # keepalived itself makes the services by whose marks it asks.
    told += [f"-A {key} -s rr" for key in plan["keys"] if f"-A {key} -s" not in plan["rules"]]
    rules = sorted(told, key=lambda rule: (rule.split(" -")[1:2], rule[:2]))
    return answer, {"rules": rules, "timeouts": TIMEOUTS, "daemons": []}


def as_nft_prints(plan: dict[str, Any]) -> str:
    """The role's table."""
    chains = (
        ("postrouting", "nat hook postrouting priority srcnat", plan["masquerade"]),
        ("marks", "filter hook prerouting priority mangle", plan["marks"]),
    )
    lines = ["table inet lvs_cluster {"]
    for name, kind, rules in chains:
        lines += [f"\tchain {name} {{", f"\t\ttype {kind}; policy accept;"]
        lines += [*(f"\t\t{rule}" for rule in rules), "\t}", ""]
    return "\n".join([*lines, "}", ""])


def inventory_of(found: dict[str, Any], host: str, answer: dict[str, Any]) -> dict[str, Any]:
    """The director's variables in the inventory that is written."""
    addresses = [one for link in answer["interfaces"] for one in link["addresses"]]
    director = read_director({"found": found, "name": host, "addresses": addresses})
    read = {
        file.path: yaml.safe_load(file.text)
        for file in inventory_files([director])
        if file.path.endswith(".yml")
    }
    own = read["hosts.yml"]["directors"]["hosts"][host] or {}
    return {**read["group_vars/all/lvs.yml"], **read["group_vars/directors.yml"], **own}


def test_to_whom_a_director_announces_is_left_out() -> None:
    """There are passwords among it, and BIRD's own configuration beside it."""
    where = site("ecmp")
    answer, table = after_a_run(where, "director1")
    found = from_director("director1", {**answer, "announces": True}, table, Names()).as_result()
    (left,) = found["left_out"]
    assert left["text"] == "lvs_announce"
    assert left["advice"] == "take lvs_announce from the inventory that has made it"


@pytest.mark.parametrize("name", SITES)
def test_after_a_run_it_is_told_the_same(name: str) -> None:
    """By what was found of it, though no real server is a host; and nothing is left out."""
    where = site(name)
    for host in where.groups["directors"]:
        answer, table = after_a_run(where, host)
        found = from_director(host, answer, table, Names()).as_result()
        assert found["left_out"] == []
        variables = inventory_of(found, host, answer)
        again = site(name)
        for one in where.groups["directors"]:
            own = {key: again.hosts[one][key] for key in (TOLD, "ansible_facts")}
            again.hosts[one] = {**own, "ansible_connection": "local", **variables}
        again.hosts[host][TOLD] = answer
        assert again.told("problems", host) == []
        assert files(again, host) == files(where, host)
        assert plan_of(again, host) == plan_of(where, host)


def made_by_hand(**changed: Any) -> dict[str, Any]:
    """What a director tells that somebody has made with ipvsadm."""
    return {
        **host_info(eth0=["192.0.2.80/24"], eth1=["10.0.0.254/24"]),
        "sysctls": KERNEL,
        "units": {},
        **changed,
    }


TABLE = {
    "rules": ["-A -t 192.0.2.80:80 -s rr", "-a -t 192.0.2.80:80 -r 10.0.0.1:80 -m -w 1"],
    "timeouts": {**TIMEOUTS, "tcp": 7200},
    "daemons": [],
}
KEEPALIVED = "vrrp_instance VI_1 {\n interface eth0\n virtual_ipaddress {\n 192.0.2.80/24\n }\n}\n"
SERVED = KEEPALIVED + (
    "virtual_server 192.0.2.80 443 {\n lvs_method NAT\n real_server 10.0.0.1 443 { }\n}\n"
)


def runs_keepalived(text: str, **changed: Any) -> dict[str, Any]:
    """A director with a keepalived.conf."""
    path = "/etc/keepalived/keepalived.conf"
    units = {"keepalived.service": ACTIVE}
    return made_by_hand(units=units, configurations={"keepalived": {path: text}}, **changed)


def why(found: dict[str, Any]) -> dict[str, str]:
    """What is left out, and why."""
    return {entry["text"]: entry["why"] for entry in found["left_out"]}


class TestByHand:
    """A director that nobody's role has made."""

    def test_its_table_and_what_it_goes_by(self) -> None:
        found = from_director("lb1", made_by_hand(), TABLE, Names()).as_result()
        assert found["director"] == "lb1"
        (service,) = found["variables"].pop("lvs_virtual_services")
        assert (service["address"], service["real_servers"]) == (
            "192.0.2.80", [{"address": "10.0.0.1"}]
        )  # fmt: skip
        assert found["variables"] == {
            "director_manager": "static",
            "director_ipvs_sysctls": {"conntrack": 0, "conn_reuse_mode": 1},
            "director_timeouts": {"tcp": 7200},
            "director_vip_prefix": 24,
            "director_masquerade": False,
        }

    def test_its_daemons(self) -> None:
        live = {"role": "master", "interface": "eth1", "sync_id": 9, "maxlen": 1472,
                "group": "224.0.0.81", "port": 8848, "ttl": 2}  # fmt: skip
        found = from_director("lb1", made_by_hand(), {**TABLE, "daemons": [live]}, Names())
        assert found.variables["director_sync_daemons"] == [
            {"role": "master", "interface": "eth1", "sync_id": 9, "ttl": 2}
        ]

    @pytest.mark.parametrize("table", [{}, {**TABLE, "rules": []}])
    def test_one_that_serves_nobody(self, table: dict[str, Any]) -> None:
        with pytest.raises(ModelError, match="host lb1 has no virtual service"):
            from_director("lb1", made_by_hand(), table, Names())

    def test_vrrp_beside_a_table_of_others(self) -> None:
        found = from_director("lb1", runs_keepalived(KEEPALIVED), TABLE, Names()).as_result()
        assert found["variables"]["director_manager"] == "static"
        told = why(found)["vrrp_instance VI_1"]
        assert told == "gives addresses by VRRP, and the table is not keepalived's"


class TestOwner:
    """Whoever owns the table says what is served."""

    def test_keepalived_and_what_the_table_has_besides(self) -> None:
        found = from_director("lb1", runs_keepalived(SERVED), TABLE, Names()).as_result()
        (service,) = found["variables"]["lvs_virtual_services"]
        assert service["port"] == 443
        assert found["variables"]["director_manager"] == "keepalived"
        told = why(found)["-A -t 192.0.2.80:80 -s rr"]
        assert told == "is in the table, and not in the configuration of keepalived"

    def test_one_that_does_not_run(self) -> None:
        answer = runs_keepalived(SERVED)
        assert owner_of(answer) == "keepalived"
        assert owner_of({**answer, "units": {}}) == ""

    def test_what_goes_on_beside_ours_is_not_ours(self) -> None:
        """Of a keepalived.conf that includes ours, ours alone is read."""
        part = "/etc/keepalived/lvs-cluster.conf"
        answer = runs_keepalived(KEEPALIVED, kept=True)
        answer["configurations"]["keepalived"][part] = SERVED.replace("192.0.2.80", "192.0.2.81")
        found = from_director("lb1", answer, {}, Names()).as_result()
        (service,) = found["variables"]["lvs_virtual_services"]
        assert service["address"] == "192.0.2.81"


def test_what_the_role_has_written_down() -> None:
    """A name of the cluster, a firewall, and who is drained."""
    answer = made_by_hand(
        ufw=[], files={"director.cluster": ["shop", "10.0.0.1"]}, drained=["rs1 drained T"]
    )
    found = from_director("lb1", answer, TABLE, Names()).as_result()
    assert found["variables"]["director_firewall"] == "ufw"
    assert found["variables"]["lvs_cluster"] == "shop"
    assert "rs1 drained T" in why(found)
