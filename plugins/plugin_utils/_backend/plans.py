# Copyright (c) 2026, The lvs.cluster authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the roles of the backends are told: terms of the lookup C(lvs.cluster.plan).

Private to the collection: names and behaviour may change in any release.

Each gives C(problems). What the role needs besides is there only if there are none, and if the
options give what it is worked out from.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from types import MappingProxyType
from typing import Any

from ansible.module_utils.parsing.convert_bool import boolean
from ansible_collections.lvs.cluster.plugins.module_utils._values import ModelError

from .._asked import Asked, Plan
from .._cluster.systems import system_problem
from .._problem import Problem, problem_of
from . import databases, mounts, nfs_exports, nfs_mounts, nfs_settings, nfs_trees, virtual_hosts
from . import php_app as application
from .accounts import (
    Account,
    Known,
    account_problems,
    look_ups,
    missing,
    parse_accounts,
    parse_known,
    unequal,
)
from .controller import collection_problems
from .given import listed

_NFS_PORTS = ("nfs_server_mountd_port", "nfs_server_statd_port", "nfs_server_lockd_port")
_NAMES = "give a list of names, or [] for none"

_PHP_APP_VARIABLES: Mapping[str, Any] = MappingProxyType(
    {
        "name": "app",
        "type": "plain",
        "packages": (),
        "package_directory": "",
        "archive": "",
        "checksum": "",
        "cache": "",
        "path": "/var/www/html",
        "files": MappingProxyType({}),
        "url": "",
        "database": MappingProxyType({}),
        "wordpress": MappingProxyType({}),
    }
)


def nfs_server(asked: Asked) -> dict[str, Any]:
    """Return what an NFS server exports, and whose it is."""
    exports = asked.variable("nfs_server_exports", [])
    options = asked.variable("nfs_server_options", [])
    accounts, problems = _own_accounts(asked, "nfs_server_accounts")
    named = nfs_trees.named(exports)
    known = _known(asked)
    ports = {name: asked.variable(name, None) for name in _NFS_PORTS}
    versions = asked.variable("nfs_server_versions", nfs_settings.VERSIONS)
    problems += [
        *_account_problems(asked, accounts, known),
        *nfs_settings.setting_problems(versions, ports),
        *nfs_exports.export_problems(
            exports, options, mounts.parse_mountinfo(_text(asked, "mountinfo") or "")
        ),
        *nfs_trees.directory_problems(exports, accounts, known),
    ]
    plan = _told(problems, look_ups=look_ups(accounts, named["user"], named["group"]))
    if not problems:
        plan["directories"] = nfs_trees.directories(exports or (), accounts)
        plan["acl"] = nfs_trees.entries(exports or ())
        plan["lines"] = nfs_exports.export_lines(exports or (), options or ())
        plan["hosts"] = nfs_exports.client_hosts(exports or ())
        etab = _text(asked, "etab")
        if etab is not None:
            plan["not_exported"] = nfs_exports.not_exported(exports or (), options or (), etab)
        if known is not None:
            plan["missing"] = missing(accounts, known)
    return plan


def nfs_client(asked: Asked) -> dict[str, Any]:
    """Return what an NFS client mounts, and what is to be done for that."""
    wanted = asked.variable("nfs_client_mounts", [])
    accounts, problems = _own_accounts(asked, "nfs_client_accounts")
    known = _known(asked)
    fstab, live = _text(asked, "fstab"), _text(asked, "mountinfo")
    at_boot, now = mounts.parse_fstab(fstab or ""), mounts.parse_mountinfo(live or "")
    problems += [
        *_account_problems(asked, accounts, known),
        *nfs_mounts.mount_problems(wanted, at_boot, now),
    ]
    plan = _told(problems, look_ups=look_ups(accounts, (), ()))
    if not problems:
        if known is not None:
            plan["missing"] = missing(accounts, known)
        if fstab is not None and live is not None:
            plan["steps"] = nfs_mounts.mount_plan(wanted or (), at_boot, now)
    return plan


def lamp_db(asked: Asked) -> dict[str, Any]:
    """Return what cannot work of databases, their users, and where MariaDB listens."""
    facts = _facts(asked)
    addresses = [
        *(facts.get("all_ipv4_addresses") or ()),
        *(facts.get("all_ipv6_addresses") or ()),
    ]
    return _told(
        [
            *collection_problems("community.mysql", "3.8.0", "databases and users are made by it"),
            *databases.listening_problems(
                asked.variable("lamp_db_bind_address", "127.0.0.1"),
                asked.variable("lamp_db_port", 3306),
                addresses,
            ),
            *databases.database_problems(
                asked.variable("lamp_db_databases", []),
                asked.variable("lamp_db_users", []),
                boolean(asked.variable("lamp_db_skip_name_resolve", True), strict=False),
            ),
        ]
    )


def lamp_web(asked: Asked) -> dict[str, Any]:
    """Return the packages, the modules of Apache, and the ports that the virtual hosts need."""
    family = _family(asked)
    hosts = asked.variable("lamp_web_virtual_hosts", [])
    php = str(asked.variable("lamp_web_php", "fpm"))
    extensions, wrong_extensions = listed(
        "", "lamp_web_php_extensions", asked.variable("lamp_web_php_extensions", []), _NAMES
    )
    further, wrong_modules = listed(
        "", "lamp_web_modules", asked.variable("lamp_web_modules", []), _NAMES
    )
    release = str(_facts(asked).get("distribution_major_version") or "")
    plan = _told(
        [
            *virtual_hosts.virtual_host_problems(hosts, php, family, release),
            *wrong_extensions,
            *wrong_modules,
        ]
    )
    if not plan["problems"] and family in virtual_hosts.FAMILIES:
        given = hosts or ()
        plan["packages"] = virtual_hosts.packages(given, php, extensions, family)
        plan["modules"] = virtual_hosts.modules(given, php, further, family)
        plan["ports"] = virtual_hosts.ports(given)
    return plan


def php_app(asked: Asked) -> dict[str, Any]:
    """Return the packages of a PHP application, its archive, and the links it is to have."""
    app = {
        name: asked.variable(f"php_app_{name}", default)
        for name, default in _PHP_APP_VARIABLES.items()
    }
    plan = _told(application.php_app_problems(app))
    if not plan["problems"]:
        plan["packages"] = application.packages(app, _family(asked))
        plan["is_url"] = application.is_url(str(app["archive"]))
        plan["archive"] = application.local_archive(app)
        plan["links"] = application.links(app)
    return plan


def _told(problems: Sequence[Problem], **plan: Any) -> dict[str, Any]:
    return {"problems": [problem.as_result() for problem in problems], **plan}


def _facts(asked: Asked) -> Mapping[str, Any]:
    facts = asked.variable("ansible_facts", {})
    return facts if isinstance(facts, Mapping) else {}


def _family(asked: Asked) -> str:
    return str(_facts(asked).get("os_family") or "")


def _text(asked: Asked, name: str) -> str | None:
    """Return an option that is a file's text, None where it is not given."""
    text = asked.options.get(name)
    if text is not None and not isinstance(text, str):
        raise ModelError("", name, text, "is not a text", "give what the file has")
    return text


def _known(asked: Asked) -> Known | None:
    """Return the users and groups that the host has, None where nobody has looked."""
    found = asked.options.get("found")
    if found is None:
        return None
    lines = {}
    for database in ("passwd", "group"):
        given = found.get(database) if isinstance(found, Mapping) else None
        if not isinstance(given, (list, tuple)):
            advice = "give a mapping with passwd and group, and the lines of getent in each"
            raise ModelError("", "found", found, f"has no lines of {database}", advice)
        lines[database] = [str(line) for line in given]
    return parse_known(lines["passwd"], lines["group"])


def _own_accounts(asked: Asked, variable: str) -> tuple[list[Account], list[Problem]]:
    try:
        return parse_accounts(asked.variable(variable, []) or [], variable), []
    except ModelError as error:
        return [], [problem_of(error, str(error.item))]


def _account_problems(
    asked: Asked, accounts: Sequence[Account], known: Known | None
) -> list[Problem]:
    """Return what cannot work of a host's accounts, and which of them differ between hosts."""
    problems = [] if known is None else account_problems(accounts, known)
    shared: dict[str, list[Account]] = {}
    for group, variable in (
        ("nfs_servers", "nfs_server_accounts"),
        ("nfs_clients", "nfs_client_accounts"),
    ):
        for host in asked.groups.get(group) or ():
            given = asked.hostvars[host].get(variable) if host in asked.hostvars else None
            with suppress(ModelError):  # told by the host itself
                shared.setdefault(host, []).extend(parse_accounts(given or [], variable))
    return problems + unequal(shared)


def _where_known(plan: Plan) -> Plan:
    """Return a plan that tells a distribution that nobody knows, and nothing else of it then."""

    def known(asked: Asked) -> Any:
        problem = system_problem(f"host {asked.host}", _facts(asked))
        return plan(asked) if problem is None else _told([problem], look_ups={})

    return known


PLANS: Mapping[str, Plan] = MappingProxyType(
    {
        "nfs_server": _where_known(nfs_server),
        "nfs_client": _where_known(nfs_client),
        "lamp_db": _where_known(lamp_db),
        "lamp_web": _where_known(lamp_web),
        "php_app": _where_known(php_app),
    }
)
