"""The other steps of the write-up, and from a service by port to a service by mark."""

from __future__ import annotations

from typing import Any

from nodes import Download, Site, established, fetch, table, until
from testinfra.host import Host

VIP = "10.0.0.100"
TRUSTED = "--cacert /root/lab.crt"


def by_port(shop: dict[str, Any]) -> list[dict[str, Any]]:
    """A service each for HTTP and HTTPS, without persistence."""
    rest = {name: shop[name] for name in ("forward", "real_servers")}
    return [
        {"name": "http", "address": VIP, "port": 80, "scheduler": "wrr", **rest},
        {"name": "https", "address": VIP, "port": 443, "scheduler": "rr", **rest},
    ]


def test_a_service_for_each_port(
    site: Site, client: Host, director: Host, web: dict[str, Any]
) -> None:
    """Both alternate; the mark is gone."""
    site(*by_port(web))
    assert [row[:3] for row in table(director) if row[0] != "->"] == [
        ["TCP", f"{VIP}:80", "wrr"],
        ["TCP", f"{VIP}:443", "rr"],
    ]
    assert "mark set" not in director.check_output("nft list chain inet lvs_cluster marks")
    assert sorted(fetch(client, VIP, 4)) == ["rs1", "rs1", "rs2", "rs2"]
    assert sorted(fetch(client, f"https://{VIP}", 4, TRUSTED)) == ["rs1", "rs1", "rs2", "rs2"]


def test_from_ports_to_a_mark(
    site: Site, client: Host, director: Host, web: dict[str, Any]
) -> None:
    """The services by port stay for what they have, at weight 0; a download goes on to its end."""
    download = Download(client, VIP)
    until("the download has begun", lambda: established(director))
    marked = {**web, "addresses": [VIP]}
    del marked["persistent_timeout"]
    emptying = [{"host": host, "weight": 0} for host in ("rs1", "rs2")]
    site(marked, *({**service, "real_servers": emptying} for service in by_port(web)))
    answers = [*fetch(client, f"https://{VIP}", 2, TRUSTED), *fetch(client, VIP, 2)]
    assert answers in (["rs2", "rs1"] * 2, ["rs1", "rs2"] * 2)
    assert download.size() == 20 * 1024 * 1024


def test_persistence_is_added_in_place(
    site: Site, client: Host, director: Host, web: dict[str, Any]
) -> None:
    """With the same mark; from then on a client stays. The services by port are gone."""
    site({**web, "addresses": [VIP]})
    assert [row for row in table(director) if row[0] != "->"] == [
        ["FWM", "10", "rr", "persistent", "360"]
    ]
    assert len({*fetch(client, VIP, 2), *fetch(client, f"https://{VIP}", 2, TRUSTED)}) == 1


def test_a_director_that_answers_no_arp_for_lo(
    site: Site, director: Host, web: dict[str, Any]
) -> None:
    """As hardened hosts have it: nobody would answer for the address, and that is said before."""
    director.check_output("sysctl -w net.ipv4.conf.all.arp_ignore=1")
    done = site(web, check=False)
    director.check_output("sysctl -w net.ipv4.conf.all.arp_ignore=0")
    assert done.returncode != 0
    assert "arp_ignore" in done.stdout
