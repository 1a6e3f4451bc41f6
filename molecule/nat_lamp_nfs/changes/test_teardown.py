"""The cluster is taken away, and its data stays."""

from __future__ import annotations

from nodes import Site, node
from teardown import is_taken_away
from testinfra.host import Host

VIP = "172.18.42.122"


def test_teardown(client: Host, rs1: Host, site: Site) -> None:
    """Data stays that nobody has named, and the next run serves it again."""
    is_taken_away()
    assert "note.txt" in node("nfs").file("/lweim").listdir()
    rs1.check_output("systemctl start mariadb.service")
    assert rs1.check_output("mariadb -NBe 'select count(*) from lweim.notes'") != "0"
    rs1.check_output("systemctl stop mariadb.service")
    site(everywhere=True)
    page = client.check_output(f"curl -sS --max-time 20 http://{VIP}/")
    assert page.startswith("row: written by a client\n")
