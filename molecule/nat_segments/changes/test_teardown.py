"""The cluster is taken away, and again with a firewall that the role has opened."""

from __future__ import annotations

from nodes import Site, fetch
from teardown import is_taken_away
from testinfra.host import Host

VIP = "192.168.2.130"
INSTALL = "DEBIAN_FRONTEND=noninteractive apt-get install --quiet --yes firewalld"
OWN = "firewall-cmd --permanent --add-port 8443/tcp && firewall-cmd --reload"
SHOW = "firewall-cmd --list-all; firewall-cmd --list-all-policies"
IPVS = {
    "conntrack": 1,
    "conn_reuse_mode": 1,
    "expire_nodest_conn": 1,
    "expire_quiescent_template": 1,
}


def test_teardown() -> None:
    """Each host is as it was before the first run."""
    is_taken_away()


def test_firewall(site: Site, client: Host, director: Host) -> None:
    """The next run serves again; what it has opened is closed, and what others have stays."""
    director.check_output(f"{INSTALL} && {OWN}")
    own = director.check_output(SHOW)
    director.check_output("host-snapshot >/root/host-snapshot")
    site(everywhere=True, director_firewall="firewalld", director_ipvs_sysctls=IPVS)
    assert len(set(fetch(client, VIP, 2))) == 2
    assert VIP in director.check_output(SHOW)
    is_taken_away()
    assert director.check_output(SHOW) == own
    director.check_output("systemctl disable --now firewalld")
