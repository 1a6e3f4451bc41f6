"""The scheduler is changed in place."""

from __future__ import annotations

from typing import Any

from load import Load
from nodes import Download, Site, established, fetch, table, until
from testinfra.host import Host

VIP = "172.16.1.143"


def test_scheduler_is_changed_in_place(
    site: Site, client: Host, director: Host, web: dict[str, Any]
) -> None:
    """wrr becomes lc: nobody is refused, the counters go on, and so do connections of before.

    The kernel serves no new client between the two schedulers, for as long as its other processors
    take: this lab has two.
    """

    def counted() -> int:
        lines = director.check_output("ipvsadm -Ln --stats --exact").splitlines()
        return int(next(line for line in lines if VIP in line).split()[2])

    download = Download(client, VIP)
    (connection,) = until("the download has begun", lambda: established(director))
    requests = counted()
    with Load(client, [VIP], requests=200, rate=80, downloads=2) as load:
        site({**web, "scheduler": "lc"})
    assert load.failed() == []
    assert load.broken() == []
    assert table(director)[0] == ["TCP", f"{VIP}:80", "lc"]
    assert connection in established(director)
    assert counted() >= requests  # the kernel adds up every two seconds, and began before
    assert len(fetch(client, VIP, 4)) == 4
    assert download.size() == 20 * 1024 * 1024
