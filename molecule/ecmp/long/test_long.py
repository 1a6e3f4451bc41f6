"""Power cuts, real servers that come and go, and what it is like without all that.

It takes about ten minutes and is no part of the scenario's sequence (CONTRIBUTING.md).
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from announced import (
    DIRECTORS,
    DOWNLOADS,
    VIPS,
    all_but,
    load,
    lost_by_bfd,
    routes,
    serve,
    unharmed,
    until_heard,
)
from drain import Playbook, is_drained
from nodes import Site, dropped, lab, node, until
from testinfra.host import Host

RS3, RS4 = "192.168.137.133", "192.168.137.134"
INTERVAL = 0.1  # of BFD, the default of lvs_announce
SYN_AGAIN = 0.9
"""Who has waited for longer has sent the first packet again, which TCP does after a second."""
KEPT = 60
"""Seconds after which a connection is forgotten that has no packet; a download has one every 4."""


@pytest.fixture(autouse=True)
def nothing_is_kept_for_long() -> None:
    """A connection that ends as it passes to another director may be kept as open there.

    No test is to find what the one before has left, for a drain waits for it (docs/drain.md).
    """
    for name in DIRECTORS:
        node(name).check_output(f"ipvsadm --set {KEPT} 0 0")


def with_rs4(services: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The services of the inventory, with one more real server."""
    return [{**one, "real_servers": [*one["real_servers"], {"host": "rs4"}]} for one in services]


def boots_drained(director: Host, address: str) -> bool:
    """Tell whether the table that a director has at its next boot gives a server no new clients."""
    saved = director.check_output("cat /etc/ipvsadm.rules").splitlines()
    mine = [line for line in saved if f" -r {address}:80 " in line]
    return mine != [] and all(" -w 0 " in f"{line} " for line in mine)


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


def test_a_director_reboots_while_a_real_server_drains(client: Host) -> None:
    """It comes back with the server drained, and knows of all connections; none is cut."""
    second = node("director2")
    with load(client, requests=1000) as clients:
        drain = Playbook("drain", lvs_host="rs3", lvs_drain_inactive_timeout=0)
        # Mitogen sends a module once; where the host goes meanwhile, it says that the task failed.
        drain.until_told("persistent after")
        assert all(boots_drained(node(name), RS3) for name in DIRECTORS)
        lab("reboot", "director2")
        serve(*DIRECTORS)
        assert is_drained(second, RS3)
        until_heard(clients, DIRECTORS)
    told = drain.told()
    print(told[told.rindex("Say how it ended") :])
    assert "was cut" not in told
    unharmed(clients, 1000)
    Playbook("undrain", lvs_host="rs3").told()
    assert not any(is_drained(node(name), RS3) for name in DIRECTORS)


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


@pytest.mark.parametrize("manager", ["keepalived", "ldirectord"])
def test_a_director_that_has_no_server_left(site: Site, manager: str) -> None:
    """It withdraws the addresses whose servers do not answer it, and only those, until they do."""
    site(everywhere=True, director_manager=manager)
    serve(*DIRECTORS)
    left = {vip: {*DIRECTORS} if ":" in vip else {*all_but("director1")} for vip in VIPS}
    checks = "ip daddr 192.168.137.131-192.168.137.133 tcp dport 80"
    with dropped(checks, node("director1")):
        until("it withdraws them", lambda: routes() == left, 60)
    serve(*DIRECTORS)
    site(everywhere=True)


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
