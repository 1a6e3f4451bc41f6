# Copyright (c) 2026, The lvs.cluster authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the roles ask the lookup C(lvs.cluster.plan) for.

Private to the collection: names and behaviour may change in any release.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ansible_collections.lvs.cluster.plugins.module_utils._values import (
    ModelError,
    canonical_address,
)

from .._asked import Asked, Plan
from .._cluster.clients_way import spare_mark
from .._cluster.description import cluster_for
from .._cluster.drained import directors_told, told
from .._cluster.groups import groups_of
from .._cluster.inventory import answer_of
from .._cluster.model import Cluster, Host
from .._cluster.names import names_of
from .._cluster.systems import system_problem
from .._problem import Problem
from .._settings.kinds import Place
from .._settings.role import settings_of
from .._settings.roles import CLUSTER, CLUSTER_GROUPS, DIRECTOR, LDIRECTORD
from .._settings.roles import KEEPALIVED as KEEPALIVED_ROLE
from . import (
    bird,
    clients_way,
    director,
    firewall,
    handover,
    keepalived,
    ldirectord,
    metrics,
    real_server,
    vrrp,
)
from .host_sets import host_sets
from .masquerading import masqueraded_networks, masquerading_rules
from .monitoring import scrape_targets
from .package_daemons import package_daemons

# That of node_exporter.
_EXPORTER_PORT = 9100


def _director(asked: Asked) -> dict[str, Any]:
    cluster = cluster_for(asked, "director_virtual_services")
    host = cluster.hosts[asked.host]
    settings = settings_of(DIRECTOR, asked.variable, f"host {asked.host}")
    # VRRP gives the virtual addresses to one director at a time.
    floats = host.floats
    daemons = settings["sync_daemons"]
    others: dict[str, Mapping[str, Any]] = {}
    for daemon in (*(asked.options.get("running") or []), *_configured_daemons(asked, host)):
        others.setdefault(daemon["role"], daemon)
    for daemon in daemons:
        others.pop(daemon["role"], None)
    entering = firewall.let_in(cluster, host, daemons)
    passing = firewall.let_through(masqueraded_networks(cluster, host, settings))
    return {
        "cluster": director.cluster_lines(cluster, host),
        "rules": director.ipvs_rules(cluster),
        "drained": [str(line) for line in cluster.drained],
        "keys": director.service_keys(cluster, host),
        "vips": [] if floats else director.virtual_addresses(cluster, host),
        "floating": director.floating_addresses(cluster, host) if floats else [],
        "marks": director.mark_rules(cluster),
        "untracked": director.untracked_rules(cluster) if settings["firewall"] != "none" else [],
        "masquerade": masquerading_rules(cluster, host, settings),
        "firewalld": firewall.policies(entering, passing),
        "ufw": firewall.ufw_rules([*entering, *passing]),
        "schedulers": director.schedulers(cluster, host),
        "settings": [
            *director.setting_lines(cluster, host, settings["ipvs_sysctls"]),
            *clients_way.setting_lines(cluster, host),
        ],
        "timeouts": director.timeout_lines(settings["timeouts"]),
        "daemons": director.daemon_lines(daemons),
        "other_daemons": director.daemon_lines(others.values()),
        "metrics": metrics.declared_text(cluster, host, daemons)
        if settings["metrics_directory"]
        else "",
    }


def _names(asked: Asked) -> dict[str, dict[str, Any]]:
    """Return what the host's distribution calls what roles need."""
    facts = asked.variable("ansible_facts", {})
    problem = system_problem(f"host {asked.host}", facts)
    if problem is not None:
        raise ModelError(*problem)
    return names_of(str(facts.get("os_family") or ""))


def _configured_daemons(asked: Asked, host: Host) -> list[dict[str, Any]]:
    """Return the daemons that a boot would start, on interfaces that there are."""
    names = {link.name for link in host.interfaces}
    texts = (str(asked.options.get(name) or "") for name in ("ipvsadm_defaults", "ipvsadm_rules"))
    return [daemon for daemon in package_daemons(*texts) if daemon.get("interface") in names]


def _forgotten_services(asked: Asked) -> list[dict[str, Any]]:
    if not asked.options.get("declared", True):
        return director.forgotten_services(asked.option("former"), [])
    cluster = cluster_for(asked, "director_virtual_services")
    keys = director.service_keys(cluster, cluster.hosts[asked.host])
    return director.forgotten_services(asked.option("former"), keys)


def _new_services(asked: Asked) -> list[str]:
    """Return the services that no earlier run had; none where the description cannot be read."""
    try:
        cluster = cluster_for(asked, "director_virtual_services")
    except ModelError:
        return []
    keys = director.service_keys(cluster, cluster.hosts[asked.host])
    return director.new_services(asked.option("former"), keys)


def _wanted_table(cluster: Cluster) -> dict[str, Any]:
    """Return what a health checker brings the table round to."""
    return {
        "services": director.ipvs_services(cluster),
        "sorry_servers": director.sorry_servers(cluster),
    }


def _ldirectord(asked: Asked) -> dict[str, Any]:
    cluster = cluster_for(asked, "ldirectord_virtual_services")
    facts = asked.variable("ansible_facts", {})
    settings = settings_of(LDIRECTORD, asked.variable, f"host {asked.host}")
    interval = min(ldirectord.check_intervals(cluster), default=None)
    return {
        **_wanted_table(cluster),
        "sections": ldirectord.virtual_sections(
            cluster, settings["fork"], bird.tellers(cluster, cluster.hosts[asked.host])
        ),
        "head": ldirectord.head(settings, interval),
        "environment": ldirectord.environment_lines(settings),
        "packages": ldirectord.perl_packages(cluster, str(facts.get("os_family"))),
        "secret": ldirectord.has_secrets(cluster),
    }


def _keepalived(asked: Asked) -> dict[str, Any]:
    cluster = cluster_for(asked, "keepalived_virtual_services")
    host = cluster.hosts[asked.host]
    settings = settings_of(KEEPALIVED_ROLE, asked.variable, f"host {asked.host}")
    blocks, instances = vrrp.vrrp_blocks(cluster, host, settings)
    daemon = vrrp.sync_daemon(instances, settings["sync_daemon"])
    live = asked.options.get("live")
    there = None if live is None else {director.key_of(entry) for entry in live}
    return {
        **_wanted_table(cluster),
        "globals": vrrp.global_lines(host, settings, daemon),
        "globals_beside": vrrp.global_lines(host, settings, daemon, beside=True),
        "vrrp": blocks,
        "addresses": vrrp.addresses(cluster, host),
        "beginnings": handover.hold_syn(cluster, host),
        "refusals": handover.hold_rst(cluster, host),
        "answers": handover.hold_answers(cluster),
        "virtual_servers": keepalived.virtual_servers(
            cluster, clients_way.sources(cluster, host), bird.tellers(cluster, host), there
        ),
        "spare_mark": spare_mark(cluster),
    }


def _bird(asked: Asked) -> dict[str, Any]:
    cluster = cluster_for(asked, "director_virtual_services")
    host = cluster.hosts[asked.host]
    settings = settings_of(DIRECTOR, asked.variable, f"host {asked.host}")
    period = director.ipvs_sysctls(host, settings["ipvs_sysctls"]).get("sync_refresh_period", 0)
    return {
        "blocks": bird.blocks(cluster, host),
        "bfd": bird.bfd(cluster, host),
        "device": bird.device(),
        "services": bird.service_lines(cluster, host),
        "patience": bird.PATIENCE + 2 * period,
        "secret": any(peer.password for _name, peer in bird.sessions(cluster, host)),
    }


def _real_server(asked: Asked) -> dict[str, Any]:
    cluster = cluster_for(asked)
    gateway = real_server.nat_gateway(cluster)
    towards = canonical_address(str(asked.options.get("gateway") or gateway))
    return {
        "roles": real_server.real_server_roles(cluster, asked.host),
        "owners": real_server.owners(cluster, asked.host),
        "cluster": real_server.cluster_addresses(cluster),
        "dr": {"addresses": real_server.dr_addresses(cluster, asked.host)},
        "tun": real_server.tun_settings(cluster, asked.host),
        "nat": {
            "gateway": gateway,
            "interface": real_server.interface_towards(cluster, asked.host, towards)
            if towards
            else "",
        },
    }


def _drained(asked: Asked) -> list[dict[str, Any]]:
    """Return what is drained; nothing where the description cannot be read."""
    try:
        cluster = cluster_for(asked)
        return [*told(cluster), *directors_told(cluster, asked.hostvars)]
    except ModelError:
        return []


def _silent_directors(asked: Asked) -> list[str]:
    """Return the directors that nobody has asked yet, without the host that asks."""
    others = (host for host in groups_of(asked).hosts["directors"] if host != asked.host)
    known = {host: asked.hostvars[host] for host in others if host in asked.hostvars}
    return [host for host, own in known.items() if "drained" not in answer_of(own.get)]


def _hosts(asked: Asked) -> dict[str, list[str]]:
    return host_sets(groups_of(asked).hosts, asked.hostvars)


def _groups(asked: Asked) -> dict[str, list[str]]:
    hosts = groups_of(asked).hosts
    cluster = dict.fromkeys(host for group in CLUSTER_GROUPS for host in hosts[group])
    return {**{group: [*members] for group, members in hosts.items()}, "cluster": [*cluster]}


def _monitoring(asked: Asked) -> dict[str, Any]:
    """Return where files for Prometheus are written, the targets, and what is wrong with that."""
    problems: list[Problem] = []
    found = {}
    for name in ("monitoring_to", "monitoring_port"):
        whole = CLUSTER.variable(name)
        given = asked.variable(whole, None)
        if given not in (None, ""):
            found[name] = CLUSTER.variables[name].read(given, Place("", whole), problems)
    to = Path(found.get("monitoring_to") or "").expanduser().absolute()
    if "monitoring_to" not in found:
        advice = "give the folder that is written to: -e lvs_monitoring_to=prometheus"
        problems.append(Problem("", "lvs_monitoring_to", None, "is not given", advice))
    elif os.path.lexists(to) and not to.is_dir():
        advice = "give a folder, which is made if it is not there"
        problems.append(Problem("", "lvs_monitoring_to", str(to), "is no directory", advice))
    targets = scrape_targets(
        groups_of(asked).hosts["directors"],
        asked.hostvars,
        found.get("monitoring_port") or _EXPORTER_PORT,
    )
    return {
        "problems": [problem.as_result() for problem in problems],
        "to": str(to),
        "targets": json.dumps(targets, indent=1) + "\n",
    }


PLANS: Mapping[str, Plan] = {
    "director": _director,
    "names": _names,
    "forgotten_services": _forgotten_services,
    "new_services": _new_services,
    "ldirectord": _ldirectord,
    "keepalived": _keepalived,
    "bird": _bird,
    "real_server": _real_server,
    "drained": _drained,
    "silent_directors": _silent_directors,
    "hosts": _hosts,
    "groups": _groups,
    "monitoring": _monitoring,
}
