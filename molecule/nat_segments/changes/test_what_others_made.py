"""A director that somebody has made by hand: it is adopted, and taken over while clients ask."""

from __future__ import annotations

from pathlib import Path

import yaml
from adopt import adopted, changes_nothing, play
from load import Load
from nodes import INVENTORY, Site
from testinfra.host import Host

VIP = "192.168.2.130"
BY_HAND = f"""
sysctl -qw net.ipv4.ip_forward=1 net.ipv4.vs.expire_nodest_conn=0 net.ipv4.vs.sloppy_tcp=1
ip address add {VIP}/32 dev eth1
ipvsadm --set 1800 0 0
ipvsadm -A -t {VIP}:80 -s wlc
ipvsadm -a -t {VIP}:80 -r 192.168.237.171:80 -m -w 2
ipvsadm -a -t {VIP}:80 -r 192.168.237.172:80 -m -w 3
ipvsadm -A -f 5 -s rr
ipvsadm -a -f 5 -r 192.168.237.171 -m
nft -f - <<'END'
table ip by_hand {{
    chain marks {{
        type filter hook prerouting priority mangle
        iifname "eth1" ip daddr {VIP} tcp dport 8080 meta mark set 5
    }}
    chain out {{
        type nat hook postrouting priority srcnat
        ip saddr 192.168.237.0/24 oifname "eth1" masquerade
    }}
}}
END
"""


def test_taken_over(site: Site, client: Host, director: Host, tmp_path: Path) -> None:
    """Nobody notices; the table is as it was made, and what is left out is named."""
    site(everywhere=True)
    play("teardown", "-i", INVENTORY, "--limit", "directors", "-e", "lvs_teardown=true")
    director.check_output(BY_HAND)
    before = director.check_output("ipvsadm -Sn")
    assert len(before.splitlines()) == 5
    inventories, told = adopted(tmp_path, {"director": director})
    assert "director: lvs.cluster.site would change in " in told
    assert "Write the table" not in told
    left_out = (tmp_path / "shop/left-out.md").read_text()
    assert 'iifname "eth1" ip daddr' in left_out
    assert "stays beside the role's own rules" in left_out
    own = yaml.safe_load((tmp_path / "shop/group_vars/directors.yml").read_text())
    assert own["lvs_dip"] == "192.168.237.131"
    assert own["director_timeouts"] == {"tcp": 1800}
    assert own["director_ipvs_sysctls"]["sloppy_tcp"] == 1
    with Load(client, [VIP], requests=400, rate=50, downloads=10) as load:
        play("site", *inventories)
    assert load.failed() == []
    assert load.broken() == []
    assert director.check_output("ipvsadm -Sn") == before
    director.check_output("nft delete table ip by_hand")
    changes_nothing(play("site", *inventories), ["director"])
