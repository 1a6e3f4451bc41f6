"""The cluster is taken away: each host is as it was before the first run."""

from __future__ import annotations

from drain import Playbook
from nodes import Site, fetch
from observing import EXPORTED
from teardown import is_taken_away
from testinfra.host import Host

VIP = "192.168.0.111"


def test_teardown(site: Site, client: Host, director: Host, real_servers: dict[str, Host]) -> None:
    """Only where it is said to be meant; a second run has nothing to do."""
    # With metrics: they are taken away, too.
    director.check_output(f"mkdir -p {EXPORTED}")
    site(director_metrics_directory=EXPORTED)
    assert director.service("lvs-metrics.timer").is_running
    told = Playbook("teardown").told(status=2)
    assert "give -e lvs_teardown=true if that is meant" in told
    assert set(fetch(client, VIP, 2)) == {"rs1", "rs2"}
    is_taken_away()
    metrics = f"{EXPORTED}/lvs.prom /usr/local/lib/lvs-cluster /var/cache/lvs-metrics"
    assert director.check_output(f"ls -d {metrics}; true") == ""
    for host in (director, *real_servers.values()):
        assert host.check_output("ls -d /etc/lvs-cluster /etc/systemd/system/lvs-*; true") == ""
    assert "changed=0" in Playbook("teardown", lvs_teardown=True).told()
