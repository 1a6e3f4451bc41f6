# Copyright (c) 2026, The lvs.cluster authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What cannot work of a director's own IPVS: timeouts, synchronisation daemons and settings.

Private to the collection: names and behaviour may change in any release.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from ansible_collections.lvs.cluster.plugins.module_utils._ipvs.sync_daemon import check_new_daemon
from ansible_collections.lvs.cluster.plugins.module_utils._ipvs.timeouts import parse_timeouts
from ansible_collections.lvs.cluster.plugins.module_utils._values import ModelError

from .._cluster.model import Host
from .._cluster.problem import Problem, problem_of
from .sysctls import sysctl_problems


def setting_problems(host: Host, settings: Mapping[str, Any]) -> Iterator[Problem]:
    """Give what cannot work of C(timeouts), C(sync_daemons) and C(ipvs_sysctls) of a director.

    C(settings) are the role director's variables without its name.
    """
    item = f"host {host.name}"
    yield from sysctl_problems(item, settings["ipvs_sysctls"])
    try:
        parse_timeouts(settings["timeouts"])
    except ModelError as error:
        yield problem_of(error, item, within="director_timeouts")
    names = ["lo", *(link.name for link in host.interfaces)]
    roles: set[str] = set()
    for daemon in settings["sync_daemons"]:
        # Without facts any interface may be there.
        known = names if host.interfaces else [str(daemon.get("interface"))]
        try:
            check_new_daemon(daemon, known, roles)
        except ModelError as error:
            yield problem_of(error, f"{error.item} of {item}", within="director_sync_daemons")
        roles.add(str(daemon.get("role")))
