"""What somebody has changed by hand, of each kind: a check shows it, and one run puts it right."""

from __future__ import annotations

import re
from typing import Any

from nodes import Site, node
from testinfra.host import Host

SETTINGS: dict[str, Any] = {
    "director_timeouts": {"tcp": 7200},
    "director_sync_daemons": [{"role": "master", "interface": "eth2", "sync_id": 7}],
}
BY_HAND = {
    "director": [
        "systemctl stop lvs-watch@director",
        "nft delete table inet lvs_cluster",
        "sysctl -qw net.ipv4.vs.expire_nodest_conn=0 net.ipv4.ip_forward=0",
        "ipvsadm --set 900 120 300",
        "ipvsadm --stop-daemon master",
        "ipvsadm -C",
        "ip address del 192.168.0.101/32 dev eth1",
    ],
    "rs1": [
        "systemctl stop lvs-watch@nat-real-server",
        "ip route replace default via 192.168.137.254 dev eth1",
    ],
    "rs2": [
        "systemctl stop lvs-watch@dr-real-server lvs-watch@tun-real-server",
        "sysctl -qw net.ipv4.conf.all.arp_ignore=0",
        "ip link set tunl0 down",
        "ip address del 192.168.0.101/32 dev lo",
    ],
}
REPAIRS = {
    ("director", "Install settings, program and unit"),
    ("director", "Add the virtual addresses"),
    ("director", "Write the table"),
    ("director", "Give what is declared, and start the unit now and at boot"),
    ("director", "Start the synchronisation daemons"),
    ("rs1", "Route through the director"),
    ("rs2", "Give what is declared, and start the unit now and at boot"),
}
SHOWN = (
    # Who has made a route is not said: the unit and the module are two.
    "ip -o address show | tr -s ' '; ip route | sed 's/ proto [a-z]*//'; "
    " ip -o link show up | cut -d : -f 2; ipvsadm -Sn; ipvsadm -L --timeout;"
    " ipvsadm -L --daemon; nft -s list ruleset;"
    " cat /proc/sys/net/ipv4/vs/expire_nodest_conn /proc/sys/net/ipv4/ip_forward"
    " /proc/sys/net/ipv4/conf/all/arp_ignore"
)


def shown(name: str) -> str:
    """Return all that is changed by hand, as the host's own programs show it."""
    host = node(name)
    return "\n".join(sorted(host.run(SHOWN).stdout.splitlines()))


def changed(told: str) -> set[tuple[str, str]]:
    """Return the tasks that have changed something, and on which host, as Ansible tells it."""
    task, found = "", set()
    for line in told.splitlines():
        if named := re.match(r"(?:TASK|RUNNING HANDLER) \[(?:\S+ : )?(.*)\]", line):
            task = named[1]
        elif named := re.match(r"changed: \[([^] ]+)", line):
            found.add((named[1], task))
    return found


def test_drift_by_hand(site: Site, director: Host) -> None:
    """The check changes nothing; after the run all is as it was, and the next has nothing to do."""
    site(everywhere=True, **SETTINGS)
    good = {name: shown(name) for name in BY_HAND}
    for name, commands in BY_HAND.items():
        node(name).check_output(" && ".join(commands))
    bad = {name: shown(name) for name in BY_HAND}
    checked = site(everywhere=True, options=["--check", "--diff"], **SETTINGS)
    assert REPAIRS - changed(checked.stdout) == set()
    assert "+loaded director.nft" in checked.stdout
    assert {name: shown(name) for name in BY_HAND} == bad
    repaired = site(everywhere=True, **SETTINGS)
    assert REPAIRS - changed(repaired.stdout) == set()
    assert {name: shown(name) for name in BY_HAND} == good
    assert changed(site(everywhere=True, **SETTINGS).stdout) == set()


def test_what_leaves_the_description_goes_back(site: Site, director: Host) -> None:
    """The timeout and the daemon: as before us."""
    site()
    assert director.check_output("ipvsadm -L --timeout").split()[-3:] == ["900", "120", "300"]
    assert director.check_output("ipvsadm -L --daemon") == ""


FILES = (
    "find /etc/lvs-cluster /usr/local/sbin /etc/systemd/system /etc/ipvsadm.rules -maxdepth 1"
    " \\( -path '/etc/lvs-cluster/*' -o -name 'lvs-*' -o -name 'ipvsadm.*' \\) ! -type d"
)
FILES_AND_UNITS = (
    f"{FILES} -printf '%p %m %l\\n'; {FILES} -type f -exec sha256sum {{}} +;"
    " for unit in /etc/systemd/system/lvs-*[a-z].service; do unit=${unit##*/};"
    " systemctl show --property=Id,ActiveState,UnitFileState,LoadState,NeedDaemonReload"
    " $unit lvs-watch@${unit#lvs-} ipvsadm; done; ip -o address show | tr -s ' ';"
    " ip route | cut -d' ' -f1-5"
)
# Every file that the roles write, each of them gone, another or unreadable in one way.
SPOILT = {
    "director": [
        "cd /etc/lvs-cluster",
        "rm director.nft director.services director.addresses director.rules",
        "rm director.daemons director.timeouts",
        "sed -i '$d' director.settings",
        "echo '# more' >>director-marks.nft",
        "chmod 600 /usr/local/sbin/lvs-watch",
        "echo '# more' >>/usr/local/sbin/lvs-unit",
        "echo '# more' >>/etc/systemd/system/lvs-watch@.service",
        "rm /etc/systemd/system/lvs-director.service",
        "echo '-A -f 9 -s rr' >>/etc/ipvsadm.rules",
        "rm /etc/systemd/system/ipvsadm.service",
        "systemctl daemon-reload",
    ],
    "rs1": [
        "systemctl disable --now lvs-nat-real-server",
        "rm /etc/lvs-cluster/nat-real-server.gateway",
        "echo '# more' >>/usr/local/sbin/lvs-watch",
    ],
    "rs2": [
        "systemctl disable lvs-dr-real-server",
        "systemctl stop lvs-watch@tun-real-server",
        "rm /usr/local/sbin/lvs-unit /usr/local/sbin/lvs-watch /etc/lvs-cluster/dr-real-server.*",
        "echo '# more' >>/etc/systemd/system/lvs-tun-real-server.service",
        "sed -i '$d' $(grep -l '^[^#]' /etc/lvs-cluster/tun-real-server.*)",
    ],
}


def of_files(name: str) -> str:
    """Return the files and units of the roles on a host, as its own programs show them."""
    return "\n".join(sorted(node(name).run(FILES_AND_UNITS).stdout.splitlines()))


def test_drift_of_files_and_units(site: Site, client: Host, director: Host) -> None:
    """Whatever of ours is gone or another, a check shows it, and one run puts all of it right."""
    good = {name: of_files(name) for name in SPOILT}
    assert " " in good["director"]
    for name, commands in SPOILT.items():
        node(name).check_output(" && ".join(commands))
    bad = {name: of_files(name) for name in SPOILT}
    checked = site(everywhere=True, options=["--check", "--diff"])
    assert {name: of_files(name) for name in SPOILT} == bad
    lost = {
        line.split()[0]
        for name in SPOILT
        for line in {*good[name].splitlines()} ^ {*bad[name].splitlines()}
        if line.startswith("/")
    }
    assert lost
    assert [path for path in sorted(lost) if path not in checked.stdout] == []
    site(everywhere=True)
    repaired = {name: of_files(name) for name in SPOILT}
    assert repaired == good
    assert changed(site(everywhere=True).stdout) == set()
