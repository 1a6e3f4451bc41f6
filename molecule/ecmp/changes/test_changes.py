"""Directors come and go; in this order."""

from __future__ import annotations

import time

from announced import BFD, BGP, DIRECTORS, all_but, load, serve, unharmed
from nodes import dropped, lab, node
from testinfra.host import Host


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
