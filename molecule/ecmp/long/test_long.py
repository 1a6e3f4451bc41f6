"""Directors come and go, with and without notice, while real servers do; in this order.

It takes ten to fifteen minutes and is no part of the scenario's sequence (CONTRIBUTING.md).
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from announced import (
    BFD,
    BGP,
    DIRECTORS,
    VIPS,
    all_but,
    lost_by_bfd,
    serve,
)
from drain import Playbook, is_drained
from load import Load
from nodes import Site, dropped, lab, node, until
from testinfra.host import Host

INTERVAL = 0.1  # of BFD, the default of lvs_announce
DOWNLOADS = 300
RS4 = "192.168.137.134"
SYN_AGAIN = 0.9
"""Who has waited for longer has sent the first packet again, which TCP does after a second."""


def load(client: Host, **options: Any) -> Load:
    """Clients of all services, many at once."""
    return Load(client, VIPS, **{"requests": 0, "rate": 100, "downloads": DOWNLOADS, **options})


def until_heard(clients: Load, names: Sequence[str]) -> None:
    """Wait until these directors have heard of all downloads."""
    until("they know them", lambda: all(clients.known_to(node(name)) for name in names), 60)


def with_rs4(services: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The services of the inventory, with one more real server."""
    return [{**one, "real_servers": [*one["real_servers"], {"host": "rs4"}]} for one in services]


def unharmed(clients: Load, requests: int) -> None:
    """No request failed, of so many at least, and no download was cut."""
    assert len(clients.requests) >= requests
    assert len(clients.downloads) >= DOWNLOADS
    assert clients.failed() == []
    assert clients.broken() == []
    print(f"{len(clients.requests)} requests, {len(clients.downloads)} downloads: none failed")


def test_only_what_is_described_is_announced(router: Host) -> None:
    """Other addresses of lo never reach the router."""
    director, own = node("director1"), ["203.0.113.7", "fd00:ffff::7"]
    for address in own:
        director.check_output(f"ip address add {address} dev lo")
    # All that is announced is told anew.
    director.check_output("birdc disable lvs_addresses")
    serve(*all_but("director1"))
    director.check_output("birdc enable lvs_addresses")
    serve(*DIRECTORS)
    told = router.check_output("birdc show route")
    assert [address for address in own if address in told] == []
    for address in own:
        director.check_output(f"ip address del {address} dev lo")


def test_nobody_hears_of_connections_and_a_director_leaves(client: Host) -> None:
    """The hash gives each connection the real server that it has."""
    first = node("director1")
    with dropped("udp dport 8848", *map(node, DIRECTORS)), load(client) as clients:
        assert not any(clients.known_to(node(name)) for name in DIRECTORS)
        first.check_output("systemctl stop lvs-announce")
        serve(*all_but("director1"))
    first.check_output("systemctl start lvs-announce")
    serve(*DIRECTORS)
    unharmed(clients, 0)


def test_directors_come_and_go(client: Host) -> None:
    """A stop, a reboot, BIRD killed, a session with the router lost, and joins: no one notices."""
    first, second, third = map(node, DIRECTORS)
    # Downloads of half a minute: those that begin at any of the changes are there at the next.
    with load(client, requests=3000, size=16384, again=True) as clients:
        second.check_output("systemctl stop lvs-director")
        serve(*all_but("director2"))
        second.check_output("systemctl start lvs-director")
        serve(*DIRECTORS)

        lab("reboot", "director3")
        serve(*DIRECTORS)

        first.check_output("systemctl kill --signal KILL bird.service")
        serve(*all_but("director1"))
        serve(*DIRECTORS)

        with dropped(f"th dport {{ {BGP}, {BFD} }}", third):
            serve(*all_but("director3"))
        begin = time.monotonic()
        serve(*DIRECTORS, seconds=20)
        print(f"a session that was lost: announced again after {time.monotonic() - begin:.1f} s")
    unharmed(clients, 3000)


def test_real_servers_come_and_go_while_directors_do(
    site: Site, client: Host, services: list[dict[str, Any]]
) -> None:
    """One is added, drained and removed, and directors leave and join meanwhile."""
    more = with_rs4(services)
    second = node("director2")
    with load(client, requests=3000, size=16384, again=True) as clients:
        site(*more, everywhere=True)

        drain = Playbook(
            "drain", lvs_host="rs4", lvs_virtual_services=more, lvs_drain_inactive_timeout=0
        )
        until("it is drained", lambda: all(is_drained(node(name), RS4) for name in DIRECTORS), 60)
        second.check_output("systemctl stop lvs-announce")
        serve(*all_but("director2"))
        assert "was cut" not in drain.told()
        second.check_output("systemctl start lvs-announce")
        serve(*DIRECTORS)

        Playbook("drain", lvs_host="director1", lvs_virtual_services=more).told()
        serve(*all_but("director1"))
        site(everywhere=True)
        serve(*all_but("director1"))
        Playbook("undrain", lvs_host="director1").told()
        serve(*DIRECTORS)
    unharmed(clients, 3000)


def test_power_cuts(client: Host, router: Host) -> None:
    """Of one director, then of two at once: who asks after BFD's detection is served.

    Every download goes on.
    """
    serve(*DIRECTORS)
    times = []
    with load(client) as clients:
        for names in (["director2"], ["director1", "director3"]):
            until_heard(clients, DIRECTORS)
            with ThreadPoolExecutor() as at_once:
                cuts = [float(said) for said in at_once.map(lambda name: lab("cut", name), names)]
            serve(*all_but(*names))
            times.append((min(cuts), max(cuts), lost_by_bfd(router, min(cuts))))
            with ThreadPoolExecutor() as at_once:
                list(at_once.map(lambda name: lab("start", name), names))
            serve(*DIRECTORS)
    unserved = [
        one
        for one in clients.failed()
        if not any(first - 1 < one["begin"] < lost for first, _last, lost in times)
    ]
    assert unserved == []
    assert clients.broken() == []
    waited = [one["begin"] for one in clients.requests if one["end"] - one["begin"] > SYN_AGAIN]
    for first, last, lost in times:
        asked = [begin for begin in waited if first - 1 < begin < lost + 5]
        print(
            f"BFD's bound {3 * INTERVAL:.3f} s; detected after {lost - last:.3f} s;"
            f" the last who had to ask again did so {max(asked, default=first) - last:.3f} s after"
            f" the cut; {len(asked)} had to"
        )
    print(f"{len(clients.failed())} of {len(clients.requests)} requests failed, all before that")


def test_round_robin_that_nobody_hears_of(client: Host) -> None:
    """What the others are beside: a director leaves, and connections are cut. They stay so."""
    for name in DIRECTORS:
        node(name).check_output(
            # Nobody is to put back what is taken away here.
            "systemctl stop lvs-watch@director.service;"
            r"ipvsadm -Sn | sed -n 's/^-A \(-t [^ ]*\) .*/ipvsadm -E \1 -s rr/p' | sh -e;"
            " ipvsadm --stop-daemon master; ipvsadm --stop-daemon backup;"
            " sysctl -w net.ipv4.vs.sloppy_tcp=0"
        )
    with load(client) as clients:
        node("director1").check_output("systemctl stop lvs-announce")
        serve(*all_but("director1"))
    print(f"{len(clients.broken())} of {len(clients.downloads)} downloads were cut")
    assert len(clients.broken()) > DOWNLOADS / 4
