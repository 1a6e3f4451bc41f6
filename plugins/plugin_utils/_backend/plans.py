# Copyright (c) 2026, The lvs.cluster authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the roles of the backends are told: terms of the lookup C(lvs.cluster.plan).

Private to the collection: names and behaviour may change in any release.

Each gives C(problems). What the role needs besides is there only if there are none, and if the
options give what it is worked out from.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from types import MappingProxyType
from typing import Any

from ansible_collections.lvs.cluster.plugins.module_utils._values import ModelError

from .._asked import Asked, Plan
from .._cluster.groups import groups_of
from .._cluster.inventory import answer_of
from .._cluster.systems import FAMILIES, system_problem
from .._problem import Problem, problem_of
from .._settings import nfs, web
from .._settings.databases import LAMP_DB
from .._settings.role import own_settings
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

_SALTS = "give those of the host, by their names in wp-config.php"


def nfs_server(asked: Asked) -> dict[str, Any]:
    """Return what an NFS server exports, and whose it is."""
    settings, wrong = own_settings(asked, nfs.NFS_SERVER)
    exports, options = settings["exports"], settings["options"]
    accounts, problems = _own_accounts(settings["accounts"], "nfs_server_accounts")
    named = nfs_trees.named(exports)
    known = _known(asked)
    problems += [
        *_account_problems(asked, accounts, known),
        *nfs_settings.setting_problems(settings),
        *nfs_exports.export_problems(
            exports, options, mounts.parse_mountinfo(_text(asked, "mountinfo") or "")
        ),
        *nfs_trees.directory_problems(exports, accounts, known),
    ]
    plan = _told(asked, wrong, problems, look_ups=look_ups(accounts, named["user"], named["group"]))
    own = _text(asked, "exports")
    if own is not None:
        plan["exported"] = nfs_exports.exported_by(own)
    if not plan["problems"]:
        plan["versions"] = settings["versions"]
        plan["ports"] = nfs_settings.ports(settings)
        plan["directories"] = nfs_trees.directories(exports, accounts)
        plan["acl"] = nfs_trees.entries(exports)
        plan["lines"] = nfs_exports.export_lines(exports, options)
        plan["hosts"] = nfs_exports.client_hosts(exports)
        etab = _text(asked, "etab")
        if etab is not None:
            plan["not_exported"] = nfs_exports.not_exported(exports, options, etab)
        if known is not None:
            plan["missing"] = missing(accounts, known)
    return plan


def nfs_client(asked: Asked) -> dict[str, Any]:
    """Return what an NFS client mounts, and what is to be done for that."""
    settings, wrong = own_settings(asked, nfs.NFS_CLIENT)
    wanted = settings["mounts"]
    accounts, problems = _own_accounts(settings["accounts"], "nfs_client_accounts")
    known = _known(asked)
    fstab, live = _text(asked, "fstab"), _text(asked, "mountinfo")
    at_boot, now = mounts.parse_fstab(fstab or ""), mounts.parse_mountinfo(live or "")
    problems += [
        *_account_problems(asked, accounts, known),
        *nfs_mounts.mount_problems(wanted, at_boot, now),
    ]
    plan = _told(asked, wrong, problems, look_ups=look_ups(accounts, (), ()))
    former = asked.options.get("former_mounts")
    if former is not None:
        plan["steps_back"] = nfs_mounts.steps_back(former, at_boot, now)
    if not plan["problems"]:
        if known is not None:
            plan["missing"] = missing(accounts, known)
        plan["absent"] = [mount["path"] for mount in wanted if mount.get("state") == "absent"]
        plan["retried"] = nfs_mounts.retried(wanted, "mounted")
        plan["not_retried"] = nfs_mounts.retried(wanted, "absent")
        if fstab is not None and live is not None:
            plan["steps"] = nfs_mounts.mount_plan(wanted, at_boot, now)
            plan["former"] = nfs_mounts.former_mounts(plan["steps"], at_boot, now)
    return plan


def lamp_db(asked: Asked) -> dict[str, Any]:
    """Return MariaDB's settings and databases. Of users, who have passwords, only names."""
    settings, wrong = own_settings(asked, LAMP_DB)
    links = answer_of(lambda name: asked.variable(name, None)).get("interfaces") or ()
    addresses = [text.split("/")[0] for link in links for text in link["addresses"]]
    plan = _told(
        asked,
        [
            *collection_problems("community.mysql", "3.8.0", "databases and users are made by it"),
            *wrong,
        ],
        [
            *databases.listening_problems(settings["bind_address"], addresses),
            *databases.database_problems(settings["databases"]),
            *databases.user_problems(settings["users"], settings["skip_name_resolve"]),
        ],
    )
    if not plan["problems"]:
        plan["lines"] = databases.option_lines(settings)
        plan["databases"] = settings["databases"]
        plan["accounts"] = databases.accounts(settings["users"], "present")
        plan["absent_accounts"] = databases.accounts(settings["users"], "absent")
        plan["root_socket_only"] = settings["root_socket_only"]
    return plan


def lamp_web(asked: Asked) -> dict[str, Any]:
    """Return what Apache and PHP are told, and the packages, modules and ports for it."""
    settings, wrong = own_settings(asked, web.LAMP_WEB)
    family, hosts, php = _family(asked), settings["virtual_hosts"], settings["php"]
    release = str(_facts(asked).get("distribution_major_version") or "")
    plan = _told(asked, wrong, virtual_hosts.virtual_host_problems(hosts, php, family, release))
    if not plan["problems"] and family in FAMILIES:
        plan["packages"] = virtual_hosts.packages(hosts, php, settings["php_extensions"], family)
        plan["modules"] = virtual_hosts.modules(hosts, php, settings["modules"], family)
        plan["ports"] = virtual_hosts.ports(hosts)
        plan["sections"] = virtual_hosts.sections(settings)
        plan["document_roots"] = list(dict.fromkeys(host["document_root"] for host in hosts))
        plan["pool_lines"] = virtual_hosts.pool_lines(settings)
        plan["module_lines"] = virtual_hosts.module_lines(settings)
        plan["children"] = settings["php_children"]
        plan["first_is_default"] = settings["first_is_default"]
        plan["selinux_booleans"] = settings["selinux_booleans"]
    return plan


def php_app(asked: Asked) -> dict[str, Any]:
    """Return the packages of a PHP application, its archive, and the links it is to have.

    What WordPress is told has secrets, and is there only where its salts are given.
    """
    app, wrong = own_settings(asked, web.PHP_APP)
    plan = _told(asked, wrong, application.php_app_problems(app, asked.hostvars.keys()))
    if not plan["problems"]:
        family = _family(asked)
        plan["packages"] = application.packages(app, family) if family in FAMILIES else []
        plan["own_packages"] = app["packages"]
        plan["is_url"] = application.is_url(app["archive"])
        plan["archive"] = application.local_archive(app)
        plan["links"] = application.links(app)
        plan["files"] = list(app["files"])
        plan["hosts"] = app.get("hosts") or []
        plan["shared"] = app["shared"]
        plan["public"] = app["wordpress"].get("public", True)
        salts = asked.options.get("salts")
        if salts is not None:
            if not isinstance(salts, Mapping):
                raise ModelError("", "salts", None, "is not a mapping", _SALTS)
            plan["configuration"] = application.configuration(app, salts)
    return plan


def _told(
    asked: Asked, wrong: Sequence[Problem], together: Iterable[Problem], **plan: Any
) -> dict[str, Any]:
    """Return what is wrong, as data: with variables by themselves, and with all of them together.

    Of a variable that could not be read nothing more is told.
    """
    unread = {problem.field.partition(".")[0] for problem in wrong}
    further = [one for one in together if one.field.partition(".")[0] not in unread]
    return {
        "problems": [_on_host(asked.host, problem).as_result() for problem in (*wrong, *further)],
        **plan,
    }


def _on_host(host: str, problem: Problem) -> Problem:
    """Return a problem that names the host, which may have the same as others."""
    item = problem.item
    if item.startswith("host ") or " of host " in item:
        return problem
    return problem._replace(item=f"{item} of host {host}" if item else f"host {host}")


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


def _own_accounts(given: Any, variable: str) -> tuple[list[Account], list[Problem]]:
    try:
        return parse_accounts(given, variable), []
    except ModelError as error:
        return [], [problem_of(error, str(error.item))]


def _account_problems(
    asked: Asked, accounts: Sequence[Account], known: Known | None
) -> list[Problem]:
    """Return what cannot work of a host's accounts, and which of them differ between hosts."""
    problems = [] if known is None else account_problems(accounts, known)
    shared: dict[str, list[Account]] = {}
    groups = groups_of(asked).hosts
    for group, variable in (
        ("nfs_servers", "nfs_server_accounts"),
        ("nfs_clients", "nfs_client_accounts"),
    ):
        for host in groups[group]:
            given = asked.hostvars[host].get(variable) if host in asked.hostvars else None
            with suppress(ModelError):  # told by the host itself
                shared.setdefault(host, []).extend(parse_accounts(given or [], variable))
    return problems + unequal(shared)


def _where_known(plan: Plan) -> Plan:
    """Return a plan that tells a distribution that nobody knows, and nothing else of it then."""

    def known(asked: Asked) -> Any:
        problem = system_problem(f"host {asked.host}", _facts(asked))
        return plan(asked) if problem is None else _told(asked, [problem], (), look_ups={})

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
