"""The scheduler is changed in place."""

from __future__ import annotations

from typing import Any

from conftest import Site, fetch, table, until
from testinfra.host import Host

VIP = "172.16.1.143"


def test_scheduler_is_changed_in_place(
    site: Site, client: Host, director: Host, web: dict[str, Any]
) -> None:
    """wrr becomes lc: the counters go on, and so does a connection from before."""

    def connections() -> list[str]:
        lines = director.check_output("ipvsadm -Lnc").splitlines()
        return [" ".join(line.split()[3:]) for line in lines if "ESTABLISHED" in line]

    def counted() -> int:
        lines = director.check_output("ipvsadm -Ln --stats --exact").splitlines()
        return int(next(line for line in lines if VIP in line).split()[2])

    client.check_output(
        "rm -f /tmp/large /tmp/status; (curl -s --limit-rate 1M -o /tmp/large"
        f" http://{VIP}/large; echo $? >/tmp/status) >/dev/null 2>&1 &"
    )
    (before,) = until("the download has begun", connections)
    requests = counted()
    site({**web, "scheduler": "lc"})
    assert table(director)[0] == ["TCP", f"{VIP}:80", "lc"]
    assert connections() == [before]
    assert counted() == requests
    assert len(fetch(client, VIP, 4)) == 4
    until("the download has ended", lambda: client.file("/tmp/status").exists, 40)
    assert client.file("/tmp/status").content_string.strip() == "0"
