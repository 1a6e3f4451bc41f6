# Copyright (c) 2025, The lvs.cluster authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How a client's requests are spread over the real servers, beside what the scheduler promises.

Private to the collection: names and behaviour may change in any release.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ansible_collections.lvs.cluster.plugins.module_utils._ipvs.model import Service

from .._cluster.checks import kind_of, web_type
from .._cluster.model import Cluster, VirtualService

# With these a client's requests, one after the other, all go to one server.
_ONE_SERVER = ("sh", "dh", "mh", "lblc", "fo", "ovf")


@dataclass(frozen=True)
class Distribution:
    """How the answers of a service were spread, beside what its scheduler promises."""

    name: str
    promise: str
    answers: Mapping[str, int]
    promised: Mapping[str, int]
    problems: tuple[str, ...] = ()

    def lines(self) -> list[str]:
        """Return the report, a line for each server."""
        report = [f"{self.name}: {self.promise}"]
        for server in sorted({*self.answers, *self.promised}):
            share = f", promised {self.promised[server]}" if server in self.promised else ""
            report.append(f"  {server}: {self.answers.get(server, 0)} answers{share}")
        return report + [f"  {problem}" for problem in self.problems]


def live_weights(service: VirtualService) -> dict[str, int]:
    """Return the weight of each server that takes new connections, by host name or address."""
    weights: Counter[str] = Counter()
    for member in service.members:
        if member.server.weight > 0:
            weights[member.name] += member.server.weight
    return dict(weights)


def web_requests(cluster: Cluster, at_least: int) -> list[dict[str, Any]]:
    """Return the URLs of each service that speaks HTTP, and the number of requests to make.

    The number is rounded up to whole turns of a round robin, so that the spread has to be exact.
    """
    asked = []
    for service in cluster.services:
        path = service.check["path"] or "/"
        turn = _turn(service.service, live_weights(service))
        for kind, address, port in _web_endpoints(service):
            host = f"[{address}]" if ":" in address else address
            asked.append(
                {
                    "name": service.name,
                    "url": f"{kind}://{host}:{port}{path}",
                    "count": -(-max(at_least, 1) // turn) * turn,
                }
            )
    return asked


def _web_endpoints(service: VirtualService) -> list[tuple[str, str, int]]:
    """Return protocol, address and port of what answers HTTP or HTTPS."""
    kind = service.check.type if kind_of(service.check).web_ports else None
    found = []
    for address, ports in service.claims:
        if ports.protocol != "tcp" or ports.first != ports.last:
            continue
        usual = web_type(ports.first)
        # A mark's ports may speak the one and the other.
        spoken = usual or kind if service.service.fwmark else kind or usual
        if spoken is not None:
            found.append((spoken, address, ports.first))
    return found


def _turn(service: Service, weights: Mapping[str, int]) -> int:
    if not weights:
        return 1
    if service.scheduler == "wrr":
        return sum(weights.values()) // math.gcd(*weights.values())
    return len(weights)


def server_of_answer(service: VirtualService, text: str) -> str:
    """Return which server a page came from: the one whose name or address is on it, or its text."""
    for member in service.members:
        for name in filter(None, (member.host, member.server.address)):
            if re.search(rf"(?<![\w.-]){re.escape(name)}(?![\w-]|\.\w)", text):
                return member.name
    return (text.strip().splitlines() or [""])[0][:60]


def distribution(service: VirtualService, pages: Sequence[str | None]) -> Distribution:
    """Compare the pages that a client got, one by one, with what the scheduler promises."""
    name = service.name
    weights = live_weights(service)
    got = [page for page in pages if page is not None]
    answers = dict(Counter(server_of_answer(service, page) for page in got))
    scheduler = service.service.scheduler
    problems = []
    if len(got) < len(pages):
        problems.append(
            f"{name}: {len(pages) - len(got)} of {len(pages)} requests had no answer; look at the"
            " director's table and at the real servers' gateway."
        )
    promised: dict[str, int] = {}
    by_name = set(answers) <= set(weights)
    if sticks_to_one(service.service):
        promise = f"{scheduler}, all of one client's requests to one server"
        if len(answers) > 1:
            problems.append(f"{name}: {len(answers)} servers answered, where one alone should.")
    elif scheduler in ("rr", "wrr"):
        shares = weights if scheduler == "wrr" else dict.fromkeys(weights, 1)
        total = sum(shares.values()) or 1
        promised = {server: round(len(pages) * share / total) for server, share in shares.items()}
        promise = f"{scheduler}, " + ":".join(str(shares[server]) for server in sorted(shares))
        counts = (
            [(answers.get(server, 0), count) for server, count in promised.items()]
            if by_name
            else list(_by_size(answers, promised))
        )
        if len(got) == len(pages) and any(abs(had - should) > 1 for had, should in counts):
            problems.append(
                f"{name}: {_counts(answers)} answered, where {scheduler} promises"
                f" {_counts(promised)}."
            )
    else:
        promise = f"{scheduler}, any of the servers"
    return Distribution(name, promise, answers, promised, tuple(problems))


def sticks_to_one(service: Service) -> bool:
    """Tell whether all requests of one client go to one server."""
    if service.persistent_timeout > 0:
        return True
    by_port = any("port" in flag for flag in service.scheduler_flags)
    return service.scheduler in _ONE_SERVER and not by_port


def _by_size(answers: Mapping[str, int], promised: Mapping[str, int]) -> Iterable[tuple[int, int]]:
    had = sorted(answers.values(), reverse=True)
    should = sorted(promised.values(), reverse=True)
    size = max(len(had), len(should))
    return zip(had + [0] * (size - len(had)), should + [0] * (size - len(should)))


def _counts(answers: Mapping[str, int]) -> str:
    return ", ".join(f"{server} {count}" for server, count in sorted(answers.items())) or "none"
