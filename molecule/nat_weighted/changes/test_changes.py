"""The scheduler is changed in place."""

from __future__ import annotations

from typing import Any

from nodes import Download, Site, established, fetch, table, until
from testinfra.host import Host

VIP = "172.16.1.143"


def test_scheduler_is_changed_in_place(
    site: Site, client: Host, director: Host, web: dict[str, Any]
) -> None:
    """wrr becomes lc: the counters go on, and so does a connection from before."""

    def counted() -> int:
        lines = director.check_output("ipvsadm -Ln --stats --exact").splitlines()
        return int(next(line for line in lines if VIP in line).split()[2])

    download = Download(client, VIP)
    (connection,) = until("the download has begun", lambda: established(director))
    requests = counted()
    site({**web, "scheduler": "lc"})
    assert table(director)[0] == ["TCP", f"{VIP}:80", "lc"]
    assert established(director) == [connection]
    assert counted() >= requests  # the kernel adds up every two seconds, and began before
    assert len(fetch(client, VIP, 4)) == 4
    assert download.size() == 20 * 1024 * 1024
