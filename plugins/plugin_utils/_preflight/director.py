# Copyright (c) 2026, The lvs.cluster authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What cannot work of a director's own variables, beside the interfaces that it has.

Private to the collection: names and behaviour may change in any release.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from ansible_collections.lvs.cluster.plugins.module_utils._ipvs.sync_daemon import check_new_daemon
from ansible_collections.lvs.cluster.plugins.module_utils._values import ModelError

from .._cluster.model import Host
from .._problem import Problem, problem_of


def setting_problems(host: Host, settings: Mapping[str, Any]) -> Iterator[Problem]:
    """Give what cannot work of interfaces and C(sync_daemons) of a director.

    C(settings) are the role director's variables without its name, read.
    """
    item = f"host {host.name}"
    names = ["lo", *(link.name for link in host.interfaces)]
    used = [("director_vip_interface", settings["vip_interface"])]
    used += [("director_masquerade_interfaces", name) for name in settings["masquerade_interfaces"]]
    for variable, name in used:
        if name and host.interfaces and name not in names:
            advice = f"use one of {', '.join(names)}"
            yield Problem(item, variable, name, "is not an interface of it", advice)
    bits = settings["conn_tab_bits"]
    if bits and host.kernel_ipvs and "ip_vs.ko" not in host.kernel_ipvs:
        why = "is for the module ip_vs, and the kernel has IPVS built in"
        advice = f"leave it out, and add ip_vs.conn_tab_bits={bits} to the kernel's command line"
        yield Problem(item, "director_conn_tab_bits", bits, why, advice)
    roles: set[str] = set()
    for daemon in settings["sync_daemons"]:
        # Without facts any interface may be there.
        known = names if host.interfaces else [str(daemon.get("interface"))]
        try:
            check_new_daemon(daemon, known, roles)
        except ModelError as error:
            yield problem_of(error, f"{error.item} of {item}", within="director_sync_daemons")
        roles.add(str(daemon.get("role")))
