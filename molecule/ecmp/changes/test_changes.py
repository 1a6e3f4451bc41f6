"""Directors come and go, with and without notice; in this order."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor

from announced import (
    BFD,
    BGP,
    DIRECTORS,
    all_but,
    load,
    lost_by_bfd,
    serve,
    unharmed,
    until_heard,
)
from nodes import dropped, lab, node
from testinfra.host import Host

INTERVAL = 0.1  # of BFD, the default of lvs_announce
SYN_AGAIN = 0.9
"""Who has waited for longer has sent the first packet again, which TCP does after a second."""


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
