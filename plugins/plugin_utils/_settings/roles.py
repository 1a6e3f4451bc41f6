# Copyright (c) 2026, The lvs.cluster authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The variables of each role, a row each, beside meta/argument_specs.yml and defaults/main.yml.

Private to the collection: names and behaviour may change in any release.

A test holds that specifications, defaults and these rows agree. What needs facts or the description
to be judged is looked at in C(_preflight).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import partial
from types import MappingProxyType
from typing import Any

from ansible_collections.lvs.cluster.plugins.module_utils._ipvs.sync_daemon import (
    HEADERS,
    MAX_PACKET,
    MAX_SYNC_ID,
    MAX_TTL,
    ROLES,
)
from ansible_collections.lvs.cluster.plugins.module_utils._ipvs.timeouts import MAX_SECONDS, NAMES
from ansible_collections.lvs.cluster.plugins.module_utils._link.unit import parse_cluster
from ansible_collections.lvs.cluster.plugins.module_utils._values import MAX_PORT

from .._formats import bird, keepalived, ldirectord
from .._problem import Problem
from .databases import LAMP_DB
from .kinds import (
    ADDRESS,
    BOOLEAN,
    HOST_ADDRESS,
    INTERFACE,
    MAIL,
    NETWORK,
    PATH,
    SELINUX_BOOLEANS,
    SERVICES,
    TEXT,
    USER,
    Kind,
    list_of,
    mapping_of,
    matching,
    number,
    one_of,
    optional,
    prefix_of,
    record,
    refused,
    seconds,
    secret,
    written,
)
from .nfs import NFS_CLIENT, NFS_SERVER
from .role import Role
from .sysctls import IPVS_SYSCTLS
from .web import LAMP_WEB, PHP_APP

# As lvs.cluster.ipvs_sync_daemon has them.
_DAEMON: Mapping[str, Kind] = {
    "interface": INTERFACE,
    "sync_id": number(0, MAX_SYNC_ID),
    "group": ADDRESS,
    "port": number(1, MAX_PORT),
    "ttl": number(1, MAX_TTL),
    "maxlen": number(1, MAX_PACKET - HEADERS["ipv4"]),
}

# It stands in a unit of systemd, where other characters might mean something.
_DIRECTORY = matching(
    r"/[A-Za-z0-9_/.+-]*", "the whole path of a directory", "/var/lib/prometheus/node-exporter"
)

DIRECTOR = Role(
    "director",
    {
        "manager": one_of("static", "ldirectord", "keepalived"),
        "virtual_services": SERVICES,
        "take_over": BOOLEAN,
        "vip_interface": optional(INTERFACE),
        "vip_prefix": prefix_of("ipv4", "; that of IPv6 is director_vip_prefix6"),
        "vip_prefix6": prefix_of("ipv6"),
        "masquerade": BOOLEAN,
        "masquerade_interfaces": list_of(INTERFACE),
        "masquerade_networks": list_of(NETWORK),
        "firewall": one_of("none", "firewalld", "ufw"),
        "firewall_check": BOOLEAN,
        "ipvs_sysctls": IPVS_SYSCTLS,
        "conn_tab_bits": number(8, 20),
        "timeouts": record("", {name: number(1, MAX_SECONDS) for name in NAMES}),
        "sync_daemons": list_of(
            record(
                "sync daemon",
                {"role": one_of(*ROLES), **_DAEMON},
                required=("role", "interface"),
                called="role",
            ),
            unique=False,
        ),
        "metrics_directory": optional(_DIRECTORY),
        "metrics_interval": number(1, 3600),
    },
    registered=("kernel_ipvs", "arp_ignoring", "ruleset", "firewall_state"),
)

# A program, with its arguments.
_COMMAND = matching(r"/.+", "the path of a program", "/usr/local/bin/watch")
_KEEPALIVED_COMMAND = written(_COMMAND, keepalived.command)
_COUNT = number(1, 2**31 - 1)
# keepalived counts microseconds in 32 bits.
_SECONDS = number(1, (2**32 - 1) // 1_000_000)
_WORD = matching(r"[A-Za-z0-9_-]+", "a name of letters, digits, - and _", "web")


def _keepalived_rules(item: str, settings: Mapping[str, Any]) -> Iterator[Problem]:
    daemon, scripts = settings["sync_daemon"], settings["track_scripts"]
    if daemon and not daemon.get("interface"):
        why, advice = "is not given", "give the one that leads to the other directors"
        yield Problem(item, "keepalived_sync_daemon.interface", None, why, advice)
    names = [script.get("name") for script in scripts]
    for name in dict.fromkeys(name for name in names if name and names.count(name) > 1):
        why, advice = "is there twice", "give one of the two another name"
        yield Problem(item, "keepalived_track_scripts.name", name, why, advice)


KEEPALIVED = Role(
    "keepalived",
    {
        "virtual_services": SERVICES,
        "interface": optional(INTERFACE),
        "virtual_router_id": number(1, 255),
        "priority": number(0, 254),
        "advert_int": seconds(0.01, 40.95),
        "preempt": BOOLEAN,
        "preempt_delay": number(0, 1000),
        "unicast": BOOLEAN,
        "track_interfaces": list_of(INTERFACE),
        "track_scripts": list_of(
            record(
                "track script",
                {
                    "name": _WORD,
                    "command": _KEEPALIVED_COMMAND,
                    "interval": _SECONDS,
                    "timeout": _SECONDS,
                    "fall": _COUNT,
                    "rise": _COUNT,
                    "user": USER,
                },
                required=("name", "command"),
            ),
            unique=False,
        ),
        "notify": optional(_KEEPALIVED_COMMAND),
        "script_user": USER,
        "sync_daemon": record("", _DAEMON),
        "selinux_booleans": SELINUX_BOOLEANS,
    },
    rules=(_keepalived_rules,),
)

# What its expression for it takes: an address of IPv6 is cut off.
_SMTP = matching(r"[A-Za-z0-9][A-Za-z0-9._-]*", "the name of a mail server", "mail.example.com")
_FALLBACK = written(_COMMAND, partial(ldirectord.setting, "fallbackcommand"))

LDIRECTORD = Role(
    "ldirectord",
    {
        "virtual_services": SERVICES,
        "fork": BOOLEAN,
        "autoreload": BOOLEAN,
        "log": matching(
            r"/[^\s\"]+|auth|authpriv|cron|daemon|local[0-7]|user",
            "the path of a file or a facility of syslog",
            "/var/log/ldirectord.log",
        ),
        "maintenance_dir": optional(written(PATH, partial(ldirectord.setting, "maintenancedir"))),
        "ca_file": optional(PATH),
        "fallback_command": optional(_FALLBACK),
        "email_alert": list_of(MAIL),
        "email_alert_from": optional(MAIL),
        "email_alert_frequency": number(0, 2**31 - 1),
        "email_alert_status": list_of(
            one_of("all", "starting", "running", "stopping", "reloading", "none")
        ),
        "smtp": optional(_SMTP),
        "selinux_booleans": SELINUX_BOOLEANS,
    },
)

BIRD = Role("bird", {"leave_timeout": number(0, 3600)})

NAT_REAL_SERVER = Role("nat_real_server", {"gateway": optional(HOST_ADDRESS)})
DR_REAL_SERVER = Role("dr_real_server", {"addresses": list_of(HOST_ADDRESS)})
TUN_REAL_SERVER = Role(
    "tun_real_server",
    {
        "addresses": list_of(
            record(
                "virtual address",
                {"address": HOST_ADDRESS, "interface": INTERFACE},
                required=("address", "interface"),
                called="address",
            )
        ),
        "devices": list_of(
            record(
                "tunnel device",
                {
                    "name": INTERFACE,
                    "module": matching(r"[A-Za-z0-9_-]+", "the name of a module", "ipip"),
                },
                required=("name", "module"),
            )
        ),
        "gue_ports": list_of(
            record(
                "GUE port",
                {"family": one_of("ipv4", "ipv6"), "port": number(1, MAX_PORT)},
                required=("family", "port"),
                called="port",
            )
        ),
    },
)

# The groups of the cluster, and those who ask it; lvs_groups says what an inventory calls them.
CLUSTER_GROUPS = (
    "directors",
    "real_servers",
    "nfs_servers",
    "nfs_clients",
    "databases",
    "web_servers",
)
GROUPS = (*CLUSTER_GROUPS, "clients")
_GROUP = matching(r"(?![~^])[^\s,:&!*?\[\]]+", "the name of one group", "load_balancers")


def _servers(value: Any) -> list[str]:
    """Read the names of real servers, in a list or with commas between."""
    names = value.split(",") if isinstance(value, str) else value
    if not isinstance(names, (list, tuple)) or not all(isinstance(name, str) for name in names):
        raise refused(value, "is no list of real servers", "give names with commas between")
    found = [name.strip() for name in names]
    if not all(found):
        raise refused(value, "has a name that is empty", "give names with commas between")
    return list(dict.fromkeys(found))


# What can be named so that a teardown deletes it.
TEARDOWN_DATA = ("databases", "exports", "sites")


def _data(value: Any) -> list[str]:
    """Read which data a teardown deletes, in a list or with commas between."""
    names = value.split(",") if isinstance(value, str) else value
    if not isinstance(names, (list, tuple)):
        raise refused(value, "is no list", "give names with commas between")
    found = [name.strip() if isinstance(name, str) else name for name in names]
    for name in found:
        if name not in TEARDOWN_DATA:
            raise refused(name, "is not known", f"use {', '.join(TEARDOWN_DATA)}")
    return list(dict.fromkeys(found))


_SERVERS = Kind(_servers, "rs1,rs2")
_ROLE = matching(r"[A-Za-z0-9_.-]+", "the name of a role", "my_company.web.update")

# What BGP counts autonomous systems by: 32 bits, of which 0 is none.
_ASN = number(1, 2**32 - 1)
_ANNOUNCE = record(
    "",
    {
        "asn": _ASN,
        "peers": list_of(
            record(
                "peer",
                {
                    "address": HOST_ADDRESS,
                    "asn": _ASN,
                    "password": secret(written(TEXT, bird.key)),
                    "multihop": number(1, 255),
                    "bfd": BOOLEAN,
                },
                required=("address", "asn"),
                called="address",
            ),
            unique=False,
            needed="give the routers that are told of the virtual addresses",
        ),
        # BFD counts microseconds.
        "interval": seconds(0.01, 10, 0.1),
    },
    required=("asn", "peers"),
)

# What the inventory says for all roles.
CLUSTER = Role(
    "lvs",
    {
        "virtual_services": SERVICES,
        "dip": optional(ADDRESS),
        "rip": optional(HOST_ADDRESS),
        "rip6": optional(HOST_ADDRESS),
        "cluster": optional(Kind(partial(parse_cluster, "", ""), "shop")),
        "groups": record("", {name: optional(_GROUP) for name in GROUPS}),
        "announce": _ANNOUNCE,
        # Of the playbooks drain and undrain.
        "host": _SERVERS,
        "service": optional(TEXT),
        "drain_floor": number(0, 100),
        "drain_force": BOOLEAN,
        "drain_timeout": number(0, 2**31 - 1),
        "drain_inactive_timeout": number(0, 2**31 - 1),
        # Of the playbook rolling_update.
        "batch": number(1, 10000),
        "update_tasks": optional(TEXT),
        "update_role": optional(_ROLE),
        "update_wait": number(0, 3600),
        "update_watch": number(0, 3600),
        # Of the playbook teardown.
        "teardown": BOOLEAN,
        "teardown_data": Kind(_data, "databases,exports"),
        # Of the playbook adopt.
        "adopt_to": optional(TEXT),
        "adopt_file": optional(TEXT),
        "adopt_addresses": mapping_of(TEXT, Kind(lambda value: value, "192.0.2.80")),
        "adopt_ports": mapping_of(TEXT, number(1, MAX_PORT)),
        "adopt_as_hosts": BOOLEAN,
        "adopt_overwrite": BOOLEAN,
        # Of the playbook check_host.
        "check_roles": list_of(
            one_of(
                *("director", "nat_real_server", "dr_real_server", "tun_real_server"),
                *("keepalived", "ldirectord", "bird", "nfs_server", "nfs_client"),
                *("lamp_db", "lamp_web", "php_app"),
            )
        ),
        # Of the playbook status.
        "status_to": optional(TEXT),
        "status_refresh": number(0, 3600),
        # Of the playbook watch.
        "watch_port": number(1, MAX_PORT),
        "watch_every": number(1, 3600),
        "watch_for": number(0, 2**31 - 1),
        # Of the playbook monitoring.
        "monitoring_to": optional(TEXT),
        "monitoring_port": number(1, MAX_PORT),
    },
)

DIRECTORS = (DIRECTOR, KEEPALIVED, LDIRECTORD, BIRD)
REAL_SERVERS = (NAT_REAL_SERVER, DR_REAL_SERVER, TUN_REAL_SERVER)
BACKENDS = (NFS_SERVER, NFS_CLIENT, LAMP_DB, LAMP_WEB, PHP_APP)
BY_NAME: Mapping[str, Role] = MappingProxyType(
    {role.name: role for role in (*DIRECTORS, *REAL_SERVERS, *BACKENDS)}
)
