# Copyright (c) 2025, The lvs.cluster authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Filters over the variables of the backends' roles, for those roles."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Any, Callable

from ansible.errors import AnsibleFilterError
from ansible_collections.lvs.cluster.plugins.module_utils._values import ModelError
from ansible_collections.lvs.cluster.plugins.plugin_utils._backend import accounts as _accounts
from ansible_collections.lvs.cluster.plugins.plugin_utils._backend import databases as _databases
from ansible_collections.lvs.cluster.plugins.plugin_utils._backend import mounts as _mountinfo
from ansible_collections.lvs.cluster.plugins.plugin_utils._backend import (
    nfs_exports as _nfs_exports,
)
from ansible_collections.lvs.cluster.plugins.plugin_utils._backend import nfs_mounts as _nfs_mounts
from ansible_collections.lvs.cluster.plugins.plugin_utils._backend import (
    nfs_settings as _nfs_settings,
)
from ansible_collections.lvs.cluster.plugins.plugin_utils._backend import nfs_trees as _nfs_trees
from ansible_collections.lvs.cluster.plugins.plugin_utils._backend import (
    php_app as _php_application,
)
from ansible_collections.lvs.cluster.plugins.plugin_utils._backend import (
    virtual_hosts as _virtual_hosts,
)

Groups = Mapping[str, Sequence[str]]


def database_problems(databases: Any, users: Any, skip_name_resolve: bool) -> list[str]:
    """Return what cannot work of databases and users, a sentence each."""
    return _databases.database_problems(databases, users, bool(skip_name_resolve))


def listening_problems(bind_address: str, port: int, facts: Mapping[str, Any]) -> list[str]:
    """Return what cannot work of where a database server is to listen, by the host's facts."""
    addresses: Sequence[str] = [
        *(facts.get("all_ipv4_addresses") or ()),
        *(facts.get("all_ipv6_addresses") or ()),
    ]
    return _databases.listening_problems(bind_address, port, addresses)


def virtual_host_problems(hosts: Any, php: str, facts: Mapping[str, Any]) -> list[str]:
    """Return what cannot work of virtual hosts, by the host's facts."""
    return _virtual_hosts.virtual_host_problems(
        hosts, php, str(facts["os_family"]), str(facts["distribution_major_version"])
    )


def php_app_problems(app: Mapping[str, Any]) -> list[str]:
    """Return what cannot work of a PHP application, a sentence each."""
    return _php_application.php_app_problems(app)


def account_look_ups(accounts: Any, exports: Any = ()) -> dict[str, list[str]]:
    """Return what getent is to be asked for; what is wrong is for the problems to tell."""
    named = _nfs_trees.named(exports)
    try:
        parsed = _accounts.parse_accounts(accounts, "accounts")
    except ModelError:
        parsed = []
    return _accounts.look_ups(parsed, named["user"], named["group"])


def missing_accounts(
    accounts: Any, found: Mapping[str, Sequence[str]]
) -> dict[str, list[dict[str, Any]]]:
    """Return the groups and users that a host does not have yet, by what getent has found."""
    known = _accounts.parse_known(found["passwd"], found["group"])
    return _accounts.missing(_accounts.parse_accounts(accounts, "accounts"), known)


def account_problems(accounts: Any, found: Mapping[str, Sequence[str]], variable: str) -> list[str]:
    """Return what cannot work of the accounts that a variable of a host names."""
    known = _accounts.parse_known(found["passwd"], found["group"])
    try:
        return _accounts.account_problems(_accounts.parse_accounts(accounts, variable), known)
    except ModelError as error:
        return [str(error)]


def account_differences(hostvars: Mapping[str, Any], groups: Groups) -> list[str]:
    """Return which accounts have other numbers on an NFS server than on a client."""
    accounts: dict[str, list[_accounts.Account]] = {}
    for name, variable in (
        ("nfs_servers", "nfs_server_accounts"),
        ("nfs_clients", "nfs_client_accounts"),
    ):
        for host in groups.get(name) or ():
            given = hostvars[host].get(variable) if host in hostvars else None
            with suppress(ModelError):  # told by account_problems, on the host itself
                parsed = _accounts.parse_accounts(given or [], variable)
                accounts.setdefault(host, []).extend(parsed)
    return _accounts.unequal(accounts)


def nfs_server_problems(
    exports: Any, settings: Mapping[str, Any], found: Mapping[str, Sequence[str]], mountinfo: str
) -> list[str]:
    """Return what cannot work of an NFS server.

    Settings are the role's other variables without its name.
    """
    known = _accounts.parse_known(found["passwd"], found["group"])
    mounts = _mountinfo.parse_mountinfo(mountinfo)
    ports = {
        f"nfs_server_{name}": settings.get(name)
        for name in ("mountd_port", "statd_port", "lockd_port")
    }
    try:
        accounts = _accounts.parse_accounts(settings["accounts"], "nfs_server_accounts")
    except ModelError:
        accounts = []
    return [
        *_nfs_settings.setting_problems(settings["versions"], ports),
        *_nfs_exports.export_problems(exports, settings["options"], mounts),
        *_nfs_trees.directory_problems(exports, accounts, known),
    ]


def nfs_server_plan(exports: Any, options: Sequence[str], accounts: Any) -> dict[str, Any]:
    """Return the exported directories, their access control lists, and what exports(5) has."""
    parsed = _accounts.parse_accounts(accounts, "nfs_server_accounts")
    return {
        "directories": _nfs_trees.directories(exports, parsed),
        "acl": _nfs_trees.entries(exports),
        "lines": _nfs_exports.export_lines(exports, options),
        "hosts": _nfs_exports.client_hosts(exports),
    }


def nfs_client_problems(mounts: Any, fstab: str, mountinfo: str) -> list[str]:
    """Return what cannot work of an NFS client's mounts."""
    return _nfs_mounts.mount_problems(
        mounts, _mountinfo.parse_fstab(fstab), _mountinfo.parse_mountinfo(mountinfo)
    )


def nfs_client_plan(mounts: Any, fstab: str, mountinfo: str) -> list[dict[str, Any]]:
    """Return what is to be done for the mounts that are not as they should be."""
    return _nfs_mounts.mount_plan(
        mounts, _mountinfo.parse_fstab(fstab), _mountinfo.parse_mountinfo(mountinfo)
    )


def _told(function: Callable[..., Any]) -> Callable[..., Any]:
    def wrapped(*args: Any, **kwargs: Any) -> Any:
        try:
            return function(*args, **kwargs)
        except ModelError as error:
            raise AnsibleFilterError(str(error)) from error

    return wrapped


class FilterModule:
    """What Ansible loads."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        """Return the filters by name."""
        return {
            function.__name__: _told(function)
            for function in (
                database_problems,
                listening_problems,
                virtual_host_problems,
                php_app_problems,
                account_look_ups,
                missing_accounts,
                account_problems,
                account_differences,
                nfs_server_problems,
                nfs_server_plan,
                nfs_client_problems,
                nfs_client_plan,
            )
        }
