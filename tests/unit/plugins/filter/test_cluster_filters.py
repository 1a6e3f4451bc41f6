# Copyright (c) 2025, The lvs.cluster authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The filters of the roles director, ldirectord and keepalived: what they hand on, to whom."""

from __future__ import annotations

from typing import Any

from ansible_collections.lvs.cluster.plugins.filter.cluster import (
    daemon_words,
    director,
    keepalived,
    keepalived_problems,
    ldirectord,
    ldirectord_problems,
    setting_problems,
    timeout_words,
    unsettled,
)
from ansible_collections.lvs.cluster.plugins.module_utils._ipvs.sync_daemon import (
    SyncDaemon,
    print_daemon,
)
from ansible_collections.lvs.cluster.plugins.plugin_utils._cluster import (
    inventory as _cluster_inventory,
)
from ansible_collections.lvs.cluster.plugins.plugin_utils._cluster import services as _cluster
from ansible_collections.lvs.cluster.plugins.plugin_utils._views import handover as _handover
from ansible_collections.lvs.cluster.plugins.plugin_utils._views import keepalived as _keepalived
from ansible_collections.lvs.cluster.plugins.plugin_utils._views import ldirectord as _ldirectord
from ansible_collections.lvs.cluster.plugins.plugin_utils._views import vrrp as _vrrp
from described import DIP, GROUPS, KEEPALIVED, LDIRECTORD, cluster, facts, hostvars, service

INTERFACES = ["lo", "eth1", "eth2"]
VIP = "192.168.0.100"
WEB = service(address=VIP, sorry_server={"address": "127.0.0.1"}, check={"interval": 3})
BAD = service(address=VIP, check={"type": "ldap"})
SORRY = {"address": "127.0.0.1", "port": 80, "forward": "dr"}


def floating() -> dict[str, dict[str, Any]]:
    """The hosts of inventory nat, whose director has no address that moves."""
    own = facts(eth1=["192.168.0.2/24"], eth2=["192.168.137.2/24"])
    return hostvars(director={"director_manager": "keepalived", "ansible_facts": own})


def test_who_has_the_virtual_addresses() -> None:
    """VRRP, where keepalived is the manager; else the director itself."""
    found = director([WEB], floating(), GROUPS, "director")
    assert found["vips"] == []
    assert found["floating"] == [VIP, DIP]
    found = director([WEB], hostvars(), GROUPS, "director")
    assert [vip["address"] for vip in found["vips"]] == [VIP]
    assert found["floating"] == []
    # A default of the role, which the inventory does not have.
    by_hand = director([WEB], hostvars(), GROUPS, "director", director_manager="keepalived")
    assert by_hand["vips"] == []


def test_ldirectord() -> None:
    """The table as it should be, and what stands in the configuration."""
    found = ldirectord([WEB], hostvars(), GROUPS, False)
    described = cluster(WEB)
    assert found["services"] == _cluster.ipvs_services(described)
    assert [{name: one[name] for name in SORRY} for one in found["sorry_servers"]] == [SORRY]
    assert found["sections"] == _ldirectord.virtual_sections(described, False)
    assert found["interval"] == 3
    assert found["modules"] == _ldirectord.perl_modules(described)
    assert found["secret"] is False
    assert ldirectord([], hostvars(), GROUPS, False)["interval"] is None


def test_ldirectord_problems() -> None:
    """Of the description and of the role's variables."""
    assert ldirectord_problems([WEB], hostvars(), GROUPS, **LDIRECTORD) == []
    (problem,) = ldirectord_problems([BAD], hostvars(), GROUPS, **LDIRECTORD)
    assert "check.base is not given" in problem
    changed = {**LDIRECTORD, "log": "a b"}
    (problem,) = ldirectord_problems([WEB], hostvars(), GROUPS, **changed)
    assert problem.startswith("ldirectord_log ")


def test_keepalived() -> None:
    """The table as it should be, the blocks, and the rules while it takes over."""
    settings = {**KEEPALIVED, "sync_daemon": {"interface": "eth2"}}
    found = keepalived([WEB], floating(), GROUPS, "director", **settings)
    described = _cluster_inventory.cluster_of_inventory([WEB], floating(), GROUPS)
    assert found["services"] == _cluster.ipvs_services(described)
    assert [{name: one[name] for name in SORRY} for one in found["sorry_servers"]] == [SORRY]
    blocks, names = _vrrp.vrrp_blocks(described, "director", settings)
    assert found["vrrp"] == blocks
    assert found["sync_daemon"] == f"lvs_sync_daemon eth2 {names[0]}"
    assert found["refusals"] == _handover.refusal_rules(described, "director")
    assert found["answers"] == _handover.answer_rules(described)
    assert found["virtual_servers"] == _keepalived.virtual_servers(described)


def test_keepalived_alone() -> None:
    """The role may be for a host that is in no group of the inventory."""
    hosts = {**floating(), "spare": floating()["director"]}
    assert keepalived([WEB], hosts, GROUPS, "spare", **KEEPALIVED)["refusals"]
    assert keepalived_problems([WEB], hosts, GROUPS, "spare", **KEEPALIVED) == []


def test_keepalived_problems() -> None:
    """Of the description, and if that is in order of the role's variables."""
    assert keepalived_problems([WEB], floating(), GROUPS, "director", **KEEPALIVED) == []
    (problem,) = keepalived_problems([BAD], floating(), GROUPS, "director", **KEEPALIVED)
    assert "check.type ldap is not one that keepalived has" in problem
    changed = {**KEEPALIVED, "preempt_delay": 1001}
    (problem,) = keepalived_problems([WEB], floating(), GROUPS, "director", **changed)
    assert problem.startswith("keepalived_preempt_delay 1001 ")


def test_unsettled() -> None:
    """A plan's services, with their sorry servers, beside the live table."""
    plan = ldirectord([WEB], hostvars(), GROUPS, False)
    (live,) = plan["services"]
    sorry = [*live["real_servers"], plan["sorry_servers"][0]]
    assert unsettled(plan, [{**live, "real_servers": sorry}]) == []
    assert unsettled(plan, []) == [f"service -t {VIP}:80 is not in the table yet."]


def test_nothing_is_wrong() -> None:
    """With nothing, and with one daemon of each role."""
    assert setting_problems({}, [], {}, INTERFACES) == []
    both = [{"role": role, "interface": "eth2", "sync_id": 1} for role in ("master", "backup")]
    sysctls = {"conntrack": False, "sync_threshold": "0 0"}
    assert setting_problems({"tcp": 7200}, both, sysctls, INTERFACES) == []


def test_every_problem_is_told() -> None:
    """A sentence each, with the variable in it."""
    daemons: list[dict[str, Any]] = [
        {"role": "master", "interface": "eth9"},
        {"role": "master", "interface": "eth1"},
        {"role": "backup", "interface": "eth1", "port": 0},
    ]
    sysctl, timeouts, missing, twice, port = setting_problems(
        {"udp": 0}, daemons, {"conntrack": "off"}, INTERFACES
    )
    assert sysctl.startswith("director_ipvs_sysctls: conntrack 'off' is not a number;")
    assert timeouts.startswith("director_timeouts: udp 0 is no time;")
    assert missing == (
        "director_sync_daemons: sync daemon master: interface 'eth9' does not exist on this host;"
        " use one of eth1, eth2, lo."
    )
    assert twice == (
        "director_sync_daemons: sync daemon master is there twice; leave out one of the two."
    )
    assert "sync daemon backup: port 0 is out of range" in port


def test_words_for_ipvsadm() -> None:
    """What is not named is left alone; a daemon is as the module returns it."""
    assert timeout_words({"tcp": "7200"}) == "--set 7200 0 0"
    daemon = SyncDaemon("master", "eth2", 7, 1472)
    assert daemon_words(daemon.as_result()) == print_daemon(daemon)
