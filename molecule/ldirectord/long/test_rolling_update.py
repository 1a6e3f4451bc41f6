"""A real server is updated while ldirectord checks it."""

from __future__ import annotations

from pathlib import Path

from drain import Playbook, weights
from load import Load
from nodes import Site
from testinfra.host import Host

VIPS = ["10.0.0.100", "fd00:10::100"]
RS1 = ["192.168.137.131", "fd00:137::131"]
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
  ansible.builtin.shell: ipvsadm -Sn >/root/while
  delegate_to: director
"""


def test_updated(site: Site, client: Host, director: Host, tmp_path: Path) -> None:
    """It is drained while it restarts, whatever its checks find, and no client notices."""
    site()
    tasks = tmp_path / "update.yml"
    tasks.write_text(UPDATE)
    given = {"lvs_update_tasks": str(tasks), "lvs_drain_inactive_timeout": 0, "lvs_update_watch": 2}
    with Load(client, VIPS, requests=1000, rate=100, downloads=20, size=8192, again=True) as load:
        told = Playbook("rolling_update", lvs_host="rs1", **given).told()
    assert load.failed() == load.broken() == []
    assert "rs1 was drained since " in told
    rules = director.check_output("cat /root/while").splitlines()
    mine = [rule for rule in rules if f" {RS1[0]}:" in rule or f" [{RS1[1]}]:" in rule]
    others = [rule for rule in rules if rule.startswith("-a") and rule not in mine]
    assert (len(mine), len(others)) == (2, 2), rules
    assert all(rule.endswith(" -w 0") for rule in mine), rules
    assert all(rule.endswith(" -w 1") for rule in others), rules
    assert [weights(director, address) for address in RS1] == [{"1"}] * 2
    print(f"{len(load.requests)} requests and {len(load.downloads)} downloads, none of them failed")
