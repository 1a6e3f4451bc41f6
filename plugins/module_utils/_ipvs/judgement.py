# Copyright (c) 2026, The lvs.cluster authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is refused of services and real servers whose fields are each a value of their kind.

Private to the collection: names and behaviour may change in any release.

Two kinds of wrong. What the kernel does not take can be nowhere (ip_vs_add_dest in
net/netfilter/ipvs/ip_vs_ctl.c). What it takes and what does not work may be there, because somebody
else has made it: it is read, kept, edited beside and deleted, and refused only of what a task asks
for anew.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from .._values import (
    ModelError,
    family_name,
    packed_address,
    problem_of_address,
    problem_of_server_address,
)
from .model import (
    MAX_PERSISTENT_TIMEOUT,
    MAX_WEIGHT,
    PERSISTENCE_ENGINES,
    SCHEDULERS,
    TUNNEL_CHECKSUMS,
    RealServer,
    Service,
    default_netmask,
    key_label,
)

# The field, its value, why it is wrong, and what to do instead.
Wrong = tuple[str, object, str, str]

_CHECKSUMS = {"ipip": ("none",), "gre": ("none", "csum"), "gue": TUNNEL_CHECKSUMS}


def check_service(service: Service, have: Service | None = None) -> None:
    """Raise ModelError for what is wrong with a service and was not wrong with the one there is."""
    known = [] if have is None else [*_unwise_of_service(have)]
    _refuse_first(service.label, _unwise_of_service(service), known)


def check_real_server(
    server: RealServer,
    service: Service,
    have: RealServer | None = None,
    had: Service | None = None,
) -> None:
    """Raise ModelError for what is wrong with a real server of a service.

    What was wrong with the one there is already, in the service as it was, is not.
    """
    wrong = _wrong_with_server(server, service)
    # Nearly none has: what was there is looked at, and words are made, only for one that has.
    if wrong:
        known = [] if have is None else _wrong_with_server(have, had or service)
        _refuse_first(f"{server.label} of {key_label(service.key)}", wrong, known)


def check_possible(server: RealServer, service: Service) -> None:
    """Raise ModelError for a real server that no kernel holds."""
    label = f"{server.label} of {key_label(service.key)}"
    _refuse_first(label, _impossible_of_server(server, service))


def _refuse_first(label: str, wrong: Iterable[Wrong], known: Sequence[Wrong] = ()) -> None:
    for problem in wrong:
        if problem not in known:
            raise ModelError(label, *problem)


# ---- services -----------------------------------------------------------------------------------
def _unwise_of_service(service: Service) -> Iterator[Wrong]:
    persistent = service.persistent_timeout > 0
    if not service.fwmark:
        problem = problem_of_address(service.address)
        if problem is not None:
            yield ("virtual_address", service.address, *problem)
        if service.port == 0 and not persistent:
            why = "(all ports) needs persistence, or each connection of a client may go elsewhere"
            yield "virtual_port", 0, why, "give persistent_timeout in seconds, or a port"
    if service.scheduler not in SCHEDULERS:
        yield "scheduler", service.scheduler, "is not known", f"use one of {', '.join(SCHEDULERS)}"
    if service.persistent_timeout > MAX_PERSISTENT_TIMEOUT:
        advice = f"give one from 0 to {MAX_PERSISTENT_TIMEOUT}"
        yield "persistent_timeout", service.persistent_timeout, "is out of range", advice
    yield from _unwise_of_persistence(service, persistent)
    if service.one_packet and not service.fwmark and service.protocol != "udp":
        why = f"would break {service.protocol}, which needs its connections"
        yield "one_packet", True, why, "use protocol udp or a fwmark, or leave it out"


def _unwise_of_persistence(service: Service, persistent: bool) -> Iterator[Wrong]:
    netmask = service.persistent_netmask
    engine = service.persistence_engine
    if service.family == "ipv4" and not _is_contiguous(netmask):
        advice = "give one such as 255.255.255.0, or a prefix length from 0 to 32"
        yield "persistent_netmask", netmask, "is not an IPv4 netmask", advice
    if not persistent:
        for field, value, without in (
            ("persistent_netmask", netmask, default_netmask(service.family)),
            ("persistence_engine", engine, "none"),
        ):
            if value != without:
                advice = "give persistent_timeout in seconds, or leave it out"
                yield field, value, "has no effect without persistence", advice
    if engine not in PERSISTENCE_ENGINES:
        advice = f"use one of {', '.join(PERSISTENCE_ENGINES)}"
        yield "persistence_engine", engine, "is not known", advice
    if engine != "none" and not service.fwmark and service.protocol != "udp":
        why = f"reads UDP only, and would refuse {service.protocol}"
        yield "persistence_engine", engine, why, "use protocol udp or a fwmark, or leave it out"


def _is_contiguous(netmask: str) -> bool:
    inverse = int.from_bytes(packed_address(netmask), "big") ^ 0xFFFFFFFF
    return inverse & (inverse + 1) == 0


# ---- real servers -------------------------------------------------------------------------------
def _wrong_with_server(server: RealServer, service: Service) -> list[Wrong]:
    return [*_impossible_of_server(server, service), *_unwise_of_server(server, service)]


def _impossible_of_server(server: RealServer, service: Service) -> Iterator[Wrong]:
    problem = problem_of_server_address(server.address)
    if problem is not None:
        yield ("address", server.address, *problem)
    if server.forward != "tun" and server.family != service.family:
        family = family_name(service.family)
        yield (
            "address",
            server.address,
            f"is {family_name(server.family)} and the service is {family}, which forward"
            f" {server.forward} cannot translate",
            f"give an {family} address, or use forward tun",
        )
    if server.lower_threshold > server.upper_threshold:
        why = f"is above upper_threshold {server.upper_threshold}"
        advice = "give an upper_threshold that is not below it"
        yield "lower_threshold", server.lower_threshold, why, advice
    if server.forward == "tun" and server.tunnel_type == "gue" and not server.tunnel_port:
        advice = "give the UDP port that the real server decapsulates on, from 1 to 65535"
        yield "tunnel_type", "gue", "has no tunnel_port", advice


def _unwise_of_server(server: RealServer, service: Service) -> Iterator[Wrong]:
    forward = server.forward
    if forward in ("dr", "tun") and not service.fwmark and server.port != service.port:
        why = f"differs from the service's, which forward {forward} cannot change"
        advice = f"leave port out or use {service.port}, or use forward nat"
        yield "port", server.port, why, advice
    if forward == "nat" and service.one_packet and service.persistence_engine != "sip":
        # ip_vs_out finds no connection. With sip it makes one of what the server sends.
        why = "does not go with one_packet: nothing translates the real server's answers"
        yield "forward", "nat", why, "use forward dr or tun, or a service without one_packet"
    if server.weight > MAX_WEIGHT:
        yield "weight", server.weight, "is out of range", f"give one from 0 to {MAX_WEIGHT}"
    if forward == "tun":
        yield from _unwise_of_tunnel(server)


def _unwise_of_tunnel(server: RealServer) -> Iterator[Wrong]:
    if server.tunnel_type != "gue" and server.tunnel_port:
        why = f"is for tunnel_type gue only, and tunnel_type is {server.tunnel_type}"
        advice = "leave it out or use tunnel_type gue"
        yield "tunnel_port", server.tunnel_port, why, advice
    allowed = _CHECKSUMS.get(server.tunnel_type, ("none",))
    if server.tunnel_checksum not in allowed:
        why = f"does not exist with tunnel_type {server.tunnel_type}"
        advice = f"use {' or '.join(allowed)}"
        yield "tunnel_checksum", server.tunnel_checksum, why, advice
