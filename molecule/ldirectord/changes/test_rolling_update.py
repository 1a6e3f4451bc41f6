"""Real servers are updated in turn while ldirectord checks them."""

from __future__ import annotations

from pathlib import Path

from drain import Playbook, weights
from load import Load
from nodes import Site
from testinfra.host import Host

VIPS = ["10.0.0.100", "fd00:10::100"]
SERVERS = {"rs1": ("192.168.137.131", "fd00:137::131"), "rs2": ("192.168.137.130", "fd00:137::130")}
# ldirectord checks every second: it has found the server down, and up, before the table is kept.
UPDATE = """
- name: Stop the web server
  ansible.builtin.systemd_service:
    name: nginx.service
    state: stopped
- name: Let ldirectord see that it is down
  ansible.builtin.pause:
    seconds: 5
- name: Start it
  ansible.builtin.systemd_service:
    name: nginx.service
    state: started
- name: Let ldirectord see that it is up
  ansible.builtin.pause:
    seconds: 5
- name: Keep what the director's table is
  ansible.builtin.shell: ipvsadm -Sn >/root/while-{{ inventory_hostname }}
  delegate_to: director
"""


def test_updated_in_turn(site: Site, client: Host, director: Host, tmp_path: Path) -> None:
    """Each is drained while it restarts, whatever its checks find, and no client notices."""
    site()
    tasks = tmp_path / "update.yml"
    tasks.write_text(UPDATE)
    given = {"lvs_update_tasks": str(tasks), "lvs_drain_inactive_timeout": 0, "lvs_update_watch": 2}
    with Load(client, VIPS, requests=1000, rate=100, downloads=20, size=8192, again=True) as load:
        told = Playbook("rolling_update", **given).told()
    assert load.failed() == load.broken() == []
    for name, (address, address6) in SERVERS.items():
        assert f"{name} was drained since " in told
        rules = director.check_output(f"cat /root/while-{name}").splitlines()
        mine = [rule for rule in rules if f" {address}:" in rule or f" [{address6}]:" in rule]
        others = [rule for rule in rules if rule.startswith("-a") and rule not in mine]
        assert (len(mine), len(others)) == (2, 2), rules
        assert all(rule.endswith(" -w 0") for rule in mine), rules
        assert all(rule.endswith(" -w 1") for rule in others), rules
        assert weights(director, address) == weights(director, address6) == {"1"}
    print(f"{len(load.requests)} requests and {len(load.downloads)} downloads, none of them failed")
