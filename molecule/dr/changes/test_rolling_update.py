"""A rolling update stops at the first real server that does not serve clients."""

from __future__ import annotations

from pathlib import Path

from drain import Playbook, weights
from nodes import Site, fetch
from testinfra.host import Host

VIP = "192.168.137.100"
RS1, RS2 = "192.168.137.131", "192.168.137.130"
UNITS = "lvs-dr-real-server lvs-watch@dr-real-server"
# The first time rs2 loses the virtual address, and nobody puts it back.
UPDATE = f"""
- name: Count
  ansible.builtin.shell: echo updated >>/root/updates
- name: Lose the virtual address
  ansible.builtin.shell: |
    systemctl stop lvs-watch@dr-real-server
    ip addr del {VIP}/32 dev lo
    touch /root/lost
  args:
    creates: /root/lost
  when: inventory_hostname == 'rs2'
"""


def test_one_that_has_lost_its_virtual_address(
    site: Site, client: Host, director: Host, real_servers: dict[str, Host], tmp_path: Path
) -> None:
    """It answers at its own address, and is not given back; the next run goes on with it."""
    site()
    rs1, rs2 = real_servers[RS1], real_servers[RS2]
    tasks = tmp_path / "update.yml"
    tasks.write_text(UPDATE)
    given = {"lvs_update_tasks": str(tasks), "lvs_drain_inactive_timeout": 0}
    told = Playbook("rolling_update", **given, lvs_update_wait=3, lvs_update_watch=1).told(status=2)
    assert f"real server {RS2}:80 of tcp {VIP}:80 does not answer the way clients ask it" in told
    assert director.check_output(f"curl -sS --max-time 5 http://{RS2}/").strip() == "rs2"
    assert (weights(director, RS1), weights(director, RS2)) == ({"1"}, {"0"})
    assert set(fetch(client, VIP, 6)) == {"rs1"}
    rs2.check_output(f"systemctl restart {UNITS}")
    told = Playbook("rolling_update", **given, lvs_update_watch=1).told()
    assert "An update broke off at rs2, and goes on there." in told
    assert "rs1 has been updated by it." in told
    assert set(fetch(client, VIP, 6)) == {"rs1", "rs2"}
    counts = [host.check_output("wc -l </root/updates").strip() for host in (rs1, rs2)]
    assert counts == ["1", "2"]
    for host in (rs1, rs2):
        host.check_output("rm -f /root/updates /root/lost")
