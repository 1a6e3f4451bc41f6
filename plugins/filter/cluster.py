# Copyright (c) 2025, The lvs.cluster authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Filters over the description of a cluster, for the collection's own roles and playbooks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Callable

from ansible_collections.lvs.cluster.plugins.module_utils._ipvs import sync_daemon as _daemon
from ansible_collections.lvs.cluster.plugins.module_utils._ipvs import timeouts as _timeouts
from ansible_collections.lvs.cluster.plugins.module_utils._values import ModelError
from ansible_collections.lvs.cluster.plugins.plugin_utils._cluster import (
    inventory as _cluster_inventory,
)
from ansible_collections.lvs.cluster.plugins.plugin_utils._cluster import model as _cluster_model
from ansible_collections.lvs.cluster.plugins.plugin_utils._cluster import services as _cluster
from ansible_collections.lvs.cluster.plugins.plugin_utils._cluster.model import (
    KEEPALIVED,
    LDIRECTORD,
)
from ansible_collections.lvs.cluster.plugins.plugin_utils._filters import _told
from ansible_collections.lvs.cluster.plugins.plugin_utils._live import convergence as _settled
from ansible_collections.lvs.cluster.plugins.plugin_utils._live import distribution as _spread
from ansible_collections.lvs.cluster.plugins.plugin_utils._preflight import (
    cluster as _preflight_cluster,
)
from ansible_collections.lvs.cluster.plugins.plugin_utils._preflight import (
    ldirectord as _ldirectord_ldirectord,
)
from ansible_collections.lvs.cluster.plugins.plugin_utils._preflight import sysctls as _ipvs_sysctls
from ansible_collections.lvs.cluster.plugins.plugin_utils._preflight import vrrp as _vrrp_vrrp
from ansible_collections.lvs.cluster.plugins.plugin_utils._views import (
    director as _cluster_director,
)
from ansible_collections.lvs.cluster.plugins.plugin_utils._views import handover as _handover
from ansible_collections.lvs.cluster.plugins.plugin_utils._views import keepalived as _keepalived
from ansible_collections.lvs.cluster.plugins.plugin_utils._views import ldirectord as _ldirectord
from ansible_collections.lvs.cluster.plugins.plugin_utils._views import (
    real_server as _cluster_real_server,
)
from ansible_collections.lvs.cluster.plugins.plugin_utils._views import real_server as _real_servers
from ansible_collections.lvs.cluster.plugins.plugin_utils._views import vrrp as _vrrp

HTTP_OK = 200

Groups = Mapping[str, Sequence[str]]


def preflight(services: Any, hostvars: Mapping[str, Any], groups: Groups) -> list[str]:
    """Return what cannot work, a sentence each."""
    return _preflight_cluster.preflight(
        _cluster_inventory.cluster_of_inventory(services, hostvars, groups)
    )


def _cluster_with(
    services: Any, hostvars: Mapping[str, Any], groups: Groups, name: str, **settings: Any
) -> _cluster_model.Cluster:
    """Return the cluster with a host in it that may be in none of its groups."""
    cluster = _cluster_inventory.cluster_of_inventory(services, hostvars, groups)
    host = cluster.hosts.get(name) or _cluster_model.Host(
        name,
        {"lvs_dip": hostvars[name].get("lvs_dip")},
        _cluster_inventory.interfaces_of_facts(hostvars[name].get("ansible_facts") or {}),
    )
    host = replace(host, variables={**host.variables, **settings})
    return replace(cluster, hosts={**cluster.hosts, name: host})


def director(
    services: Any, hostvars: Mapping[str, Any], groups: Groups, name: str, **settings: Any
) -> dict[str, Any]:
    """Return what a director needs; settings are its variables that the inventory does not have."""
    cluster = _cluster_with(services, hostvars, groups, name, **settings)
    host = cluster.hosts[name]
    table = _cluster.ipvs_services(cluster)
    # VRRP gives the virtual addresses to one director at a time.
    floats = host.variables.get("director_manager") == KEEPALIVED
    return {
        "services": table,
        "keys": [_cluster_director.key_arguments(service) for service in table],
        "vips": [] if floats else _cluster_director.virtual_addresses(cluster, name),
        "floating": _cluster_director.floating_addresses(cluster, name) if floats else [],
        "forwarding": _cluster_director.forwarding_families(cluster),
        "marks": _cluster_director.marking(cluster),
        "masquerade": _cluster_director.masquerading(cluster, name),
        "schedulers": _cluster_director.schedulers(cluster),
    }


def forgotten_services(former: Sequence[str], services: Any) -> list[dict[str, Any]]:
    """Return the services of an earlier run that the table no longer has."""
    return _cluster_director.forgotten_services(former, services)


def _wanted_table(cluster: _cluster_model.Cluster) -> dict[str, Any]:
    """Return what a health checker brings the table round to."""
    return {
        "services": _cluster.ipvs_services(cluster),
        "sorry_servers": [
            _cluster.resolved_sorry_server(cluster, service) for service in cluster.services
        ],
    }


def ldirectord(
    services: Any, hostvars: Mapping[str, Any], groups: Groups, fork: bool
) -> dict[str, Any]:
    """Return what ldirectord needs."""
    cluster = _cluster_inventory.cluster_of_inventory(services, hostvars, groups)
    return {
        **_wanted_table(cluster),
        "sections": _ldirectord.virtual_sections(cluster, fork),
        "interval": min(_ldirectord.check_intervals(cluster), default=None),
        "modules": _ldirectord.perl_modules(cluster),
        "secret": _ldirectord.has_secrets(cluster),
    }


def ldirectord_problems(
    services: Any, hostvars: Mapping[str, Any], groups: Groups, **settings: Any
) -> list[str]:
    """Return what cannot work with ldirectord, of the description and of the role's variables."""
    cluster = _cluster_inventory.cluster_of_inventory(services, hostvars, groups)
    problems = _preflight_cluster.preflight(cluster, LDIRECTORD) if services else []
    intervals = [] if problems else _ldirectord.check_intervals(cluster)
    return problems + _ldirectord_ldirectord.setting_problems(intervals, settings)


def keepalived(
    services: Any, hostvars: Mapping[str, Any], groups: Groups, name: str, **settings: Any
) -> dict[str, Any]:
    """Return what keepalived needs on a director; settings are the role's variables."""
    cluster = _cluster_with(services, hostvars, groups, name)
    blocks, instances = _vrrp.vrrp_blocks(cluster, name, settings)
    return {
        **_wanted_table(cluster),
        "vrrp": blocks,
        "addresses": _vrrp.addresses(cluster, name),
        "sync_daemon": _vrrp.sync_daemon(instances, settings["sync_daemon"]),
        "beginnings": _handover.beginning_rules(cluster, name),
        "refusals": _handover.refusal_rules(cluster, name),
        "answers": _handover.answer_rules(cluster),
        "virtual_servers": _keepalived.virtual_servers(cluster),
    }


def keepalived_problems(
    services: Any, hostvars: Mapping[str, Any], groups: Groups, name: str, **settings: Any
) -> list[str]:
    """Return what cannot work with keepalived, of the description and of the role's variables."""
    cluster = _cluster_with(services, hostvars, groups, name)
    problems = _preflight_cluster.preflight(cluster, KEEPALIVED) if services else []
    return problems or _vrrp_vrrp.vrrp_problems(cluster, name, settings)


def unsettled(plan: Mapping[str, Any], live: Sequence[Mapping[str, Any]]) -> list[str]:
    """Return what a table, as ipvs_info returns it, still has otherwise than a plan."""
    return _settled.unsettled(plan["services"], plan["sorry_servers"], live)


def setting_problems(
    timeouts: Mapping[str, Any],
    daemons: Sequence[Mapping[str, Any]],
    sysctls: Mapping[str, Any],
    interfaces: Sequence[str],
) -> list[str]:
    """Return what cannot work of a director's IPVS: time-outs, daemons and settings."""
    problems = [*_ipvs_sysctls.sysctl_problems(sysctls, "director_ipvs_sysctls")]
    try:
        _timeouts.parse_timeouts(timeouts, "director_timeouts")
    except ModelError as error:
        problems.append(str(error))
    roles: set[str] = set()
    for daemon in daemons:
        try:
            _daemon.check_new_daemon(daemon, interfaces, roles)
        except ModelError as error:
            problems.append(f"director_sync_daemons: {error}")
        roles.add(str(daemon.get("role")))
    return problems


def timeout_words(timeouts: Mapping[str, Any]) -> str:
    """Return the arguments by which ipvsadm sets the time-outs that are named."""
    return _timeouts.print_timeouts(_timeouts.parse_timeouts(timeouts))


def daemon_words(daemon: Mapping[str, Any]) -> str:
    """Return the arguments by which ipvsadm starts a daemon, as ipvs_sync_daemon returns it."""
    return _daemon.print_daemon(_daemon.SyncDaemon(**daemon))


def real_server_roles(
    services: Any, hostvars: Mapping[str, Any], groups: Groups, name: str
) -> list[str]:
    """Return the roles that a host needs for the services that name it."""
    return _cluster_real_server.real_server_roles(
        _cluster_inventory.cluster_of_inventory(services, hostvars, groups), name
    )


def dr_addresses(
    services: Any, hostvars: Mapping[str, Any], groups: Groups, name: str
) -> list[str]:
    """Return the virtual addresses that a host has for the services that route to it directly."""
    cluster = _cluster_inventory.cluster_of_inventory(services, hostvars, groups)
    return _real_servers.dr_addresses(cluster, name)


def tun_settings(
    services: Any, hostvars: Mapping[str, Any], groups: Groups, name: str
) -> dict[str, Any]:
    """Return the devices, ports and virtual addresses that a host has for tunnels."""
    cluster = _cluster_inventory.cluster_of_inventory(services, hostvars, groups)
    return _real_servers.tun_settings(cluster, name)


def nat_gateway(services: Any, hostvars: Mapping[str, Any], groups: Groups) -> str:
    """Return the gateway of the real servers behind NAT."""
    return _cluster_real_server.nat_gateway(
        _cluster_inventory.cluster_of_inventory(services, hostvars, groups)
    )


def link_to(
    services: Any, hostvars: Mapping[str, Any], groups: Groups, name: str, address: str
) -> str:
    """Return the host's interface whose network contains the address."""
    return _cluster_real_server.link_to(
        _cluster_inventory.cluster_of_inventory(services, hostvars, groups), name, address
    )


def web_requests(
    services: Any, hostvars: Mapping[str, Any], groups: Groups, at_least: int
) -> list[dict[str, Any]]:
    """Return what a client should ask for, a request each, to see how requests are spread."""
    cluster = _cluster_inventory.cluster_of_inventory(services, hostvars, groups)
    return [
        request
        for asked in _spread.web_requests(cluster, int(at_least))
        for request in [{"name": asked["name"], "url": asked["url"]}] * asked["count"]
    ]


def spread(
    services: Any,
    hostvars: Mapping[str, Any],
    groups: Groups,
    name: str,
    answers: Sequence[Mapping[str, Any]],
) -> dict[str, Any]:
    """Compare a client's answers, results of uri, with what the service of this name promises."""
    pages = [
        str(answer.get("content", "")) if answer.get("status") == HTTP_OK else None
        for answer in answers
    ]
    cluster = _cluster_inventory.cluster_of_inventory(services, hostvars, groups)
    for service in cluster.services:
        if _cluster.service_name(service) == name:
            found = _spread.spread(cluster, service, pages)
            return {"lines": found.lines(), "problems": list(found.problems)}
    raise ModelError(f"{name}: it is not in lvs_virtual_services; use one that is.")


class FilterModule:
    """What Ansible loads."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        """Return the filters by name."""
        return {
            function.__name__: _told(function)
            for function in (
                preflight,
                director,
                forgotten_services,
                ldirectord,
                ldirectord_problems,
                keepalived,
                keepalived_problems,
                unsettled,
                setting_problems,
                timeout_words,
                daemon_words,
                real_server_roles,
                dr_addresses,
                tun_settings,
                nat_gateway,
                link_to,
                web_requests,
                spread,
            )
        }
