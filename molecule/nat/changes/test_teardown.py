"""The cluster is taken away: each host is as it was before the first run."""

from __future__ import annotations

from drain import Playbook
from nodes import Site, fetch
from teardown import is_taken_away
from testinfra.host import Host

VIP = "192.168.0.111"


def test_teardown(site: Site, client: Host, director: Host, real_servers: dict[str, Host]) -> None:
    """Only where it is said to be meant; a second run has nothing to do."""
    site()
    told = Playbook("teardown").told(status=2)
    assert "give -e lvs_teardown=true if that is meant" in told
    assert set(fetch(client, VIP, 2)) == {"rs1", "rs2"}
    is_taken_away()
    for host in (director, *real_servers.values()):
        assert host.check_output("ls -d /etc/lvs-cluster /etc/systemd/system/lvs-*; true") == ""
    assert "changed=0" in Playbook("teardown", lvs_teardown=True).told()
