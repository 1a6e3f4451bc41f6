# Copyright (c) 2025, The lvs.cluster authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Filters over the variables of the backends' roles, for those roles."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Callable

from ansible_collections.lvs.cluster.plugins.module_utils import (
    _databases,
    _php_application,
    _virtual_hosts,
)


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


class FilterModule:
    """What Ansible loads."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        """Return the filters by name."""
        return {
            function.__name__: function
            for function in (
                database_problems,
                listening_problems,
                virtual_host_problems,
                php_app_problems,
            )
        }
