# Copyright (c) 2026, The lvs.cluster authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the lookup C(lvs.cluster.plan) is asked of the running cluster.

Private to the collection: names and behaviour may change in any release.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ansible_collections.lvs.cluster.plugins.module_utils._values import ModelError

from .._asked import Asked, Plan
from .._cluster.description import DESCRIPTION, cluster_for
from . import convergence
from .distribution import distribution, web_requests

_HTTP_OK = 200


def _unsettled(asked: Asked) -> list[str]:
    cluster = cluster_for(asked, f"{asked.option('manager')}_virtual_services")
    return convergence.unsettled(cluster, asked.option("live"))


def _rescheduled(asked: Asked) -> list[dict[str, Any]]:
    cluster = cluster_for(asked, f"{asked.option('manager')}_virtual_services")
    return convergence.rescheduled(cluster, asked.option("live"))


def _repairs(asked: Asked) -> dict[str, Any]:
    cluster = cluster_for(asked, f"{asked.option('manager')}_virtual_services")
    live = asked.option("live")
    return {
        "services": convergence.corrections(cluster, live),
        "missing": convergence.missing(cluster, live),
    }


def _requests(asked: Asked) -> list[dict[str, Any]]:
    """Return what a client should ask for, a request each, to see how requests are spread."""
    wanted = web_requests(cluster_for(asked), int(asked.option("at_least")))
    return [
        {"name": entry["name"], "url": entry["url"]}
        for entry in wanted
        for _request in range(entry["count"])
    ]


def _distribution(asked: Asked) -> dict[str, Any]:
    """Compare a client's answers, results of uri, with what the service of this name promises."""
    name = asked.option("name")
    pages = [
        str(answer.get("content", "")) if answer.get("status") == _HTTP_OK else None
        for answer in asked.option("answers")
    ]
    for service in cluster_for(asked).services:
        if service.name == name:
            found = distribution(service, pages)
            return {"lines": found.lines(), "problems": list(found.problems)}
    raise ModelError("", "name", name, f"is not a service of {DESCRIPTION}", "use one that is")


PLANS: Mapping[str, Plan] = {
    "unsettled": _unsettled,
    "rescheduled": _rescheduled,
    "repairs": _repairs,
    "requests": _requests,
    "distribution": _distribution,
}
