# Copyright (c) 2026, The lvs.cluster authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The description as the host sees it for which a plan is asked.

Private to the collection: names and behaviour may change in any release.
"""

from __future__ import annotations

from ansible_collections.lvs.cluster.plugins.module_utils._values import ModelError

from .._asked import Asked
from .description import read
from .model import Cluster

DESCRIPTION = "lvs_virtual_services"
# What a play or a role may say of a host where its inventory does not.
_OWN = (
    "lvs_dip",
    "lvs_rip",
    "lvs_rip6",
    "director_manager",
    "director_vip_interface",
    "director_vip_prefix",
)


def cluster_for(asked: Asked, variable: str = DESCRIPTION) -> Cluster:
    """Return the cluster, with the host in it that asks, whether it is in a group or not.

    C(variable) is that of a role, which goes before C(lvs_virtual_services). Raise ModelError for a
    description that cannot be read; preflight tells all that is wrong with it.
    """
    services = asked.variable(variable, None)
    if services is None:
        services = asked.variable(DESCRIPTION, [])
    cluster, problems = read(services, asked.hostvars, asked.groups, own_variables(asked))
    if problems:
        raise ModelError(*problems[0])
    return cluster


def own_variables(asked: Asked) -> dict[str, dict[str, object]]:
    """Return the host that asks, with the variables that go before those of the inventory."""
    return {asked.host: {name: asked.variable(name, None) for name in _OWN}}
