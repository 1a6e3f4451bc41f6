"""A director dies, comes back, is taken out, and what else may happen to two; in this order."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.lvs.cluster.plugins.plugin_utils._cluster.check_fields import PROGRAM
from ansible_collections.lvs.cluster.plugins.plugin_utils._cluster.check_types import CHECK_TYPES
from ansible_collections.lvs.cluster.plugins.plugin_utils._views import keepalived as _keepalived
from check_examples import check_of, had_by
from described import cluster, service
from load import Load
from nodes import Site, dropped, fetch, lab, node, table, until
from pair import (
    BACK,
    FRONT,
    TUNNELLED,
    VIPS,
    addresses_of,
    became_master,
    has_addresses,
    name_of,
    serving,
    takes_over_from_lower,
    tunnelled,
)
from testinfra.host import Host

ADVERT_INT = 0.1  # of the inventory
DOWNLOADS = 300


def load(client: Host, requests: int = 0) -> Load:
    """Clients of all services, many at once."""
    return Load(client, VIPS, requests=requests, rate=100, downloads=DOWNLOADS)


def until_heard(clients: Load, backup: Host) -> None:
    """Wait until the backup has heard of all downloads."""
    until("the backup knows them", lambda: clients.known_to(backup), 60)


def all_answer(client: Host) -> bool:
    """Tell whether every service gives both of its servers."""
    return all(len(set(fetch(client, f"[{vip}]" if ":" in vip else vip, 2))) == 2 for vip in VIPS)


def test_the_master_is_cut_off_and_comes_back(client: Host) -> None:
    """Who asks once the other one serves is served; downloads go on; the return is not noticed.

    It takes nothing back from one that it hears. On a busy machine that one may say nothing for
    0.3 seconds, and then it serves as it must.
    """
    master, backup = serving()
    name = name_of(master)
    with load(client, requests=10_000) as clients:
        until_heard(clients, backup)
        cut = float(lab("cut", name))
        until("the other one serves", lambda: addresses_of(backup) == {*FRONT, BACK})
        taken_over = became_master(backup)
        lab("start", name)
        until("the table is there", lambda: table(node(name)) == table(backup), 60)
        until_heard(clients, node(name))
    assert len(clients.requests) >= 10_000
    assert clients.failed(after=taken_over) == []
    assert clients.broken() == []
    assert not takes_over_from_lower(node(name))
    bound = 3 * ADVERT_INT + (256 - 190) / 256 * ADVERT_INT
    print(f"VRRP's bound {bound:.3f} s, taken over after {taken_over - cut:.3f} s;")
    for vip in VIPS:
        print(f"without an answer by {vip}: {clients.without_service(vip):.3f} s")
    print(f"{len(clients.failed())} requests failed that had begun before")


def test_the_backup_reboots_and_the_master_is_taken_out(client: Host) -> None:
    """No request fails: not by a stop of keepalived, and not by an orderly reboot."""
    master, backup = serving()
    with load(client) as clients:
        until_heard(clients, backup)
        lab("reboot", name_of(backup))
        until_heard(clients, backup)
        master.check_output("systemctl stop keepalived")
        assert serving() == (backup, master)
        master.check_output("systemctl start keepalived")
        until_heard(clients, master)
        lab("reboot", name_of(backup))
        assert serving() == (master, backup)
    assert clients.failed() == []
    assert clients.broken() == []


def test_every_type_of_check_is_valid() -> None:
    """keepalived takes what is written for each that it has, and does not take what it has not."""
    director = node("director1")
    described = [
        service(port=1000 + number, check=check_of(name, "keepalived"))
        for number, name in enumerate(had_by("keepalived"))
    ]
    described += [
        service(port=2000 + number, forward="dr", check={"type": name, "clients_way": True})
        for number, name in enumerate(had_by("keepalived"))
        if "clients_way" in CHECK_TYPES[name].fields_for("keepalived")
    ]
    blocks = _keepalived.virtual_servers(cluster(*described))
    secure = ["global_defs {", "script_user root", "enable_script_security", "}"]
    text = "\n".join(line for block in [secure, *blocks] for line in block)
    # keepalived looks whether it is there.
    text = text.replace(PROGRAM.example, "/usr/bin/true")
    check = "keepalived --config-test -f /root/all.conf"
    director.check_output(f"cat >/root/all.conf <<'END'\n{text}\nEND\n{check}")
    assert "MISC_CHECK" in text
    assert "connect_ip" in text
    worse = text.replace("MISC_CHECK", "MISC_CHECKS")
    director.check_output(f"cat >/root/all.conf <<'END'\n{worse}\nEND")
    assert director.run(check).failed


def test_a_wrong_configuration(site: Site, client: Host) -> None:
    """keepalived refuses it on the first director, and the second one never sees it."""
    pair = [node("director1"), node("director2")]
    conf = "/etc/keepalived/lvs-cluster.conf"
    before = [director.file(conf).content_string for director in pair]
    missing = {"name": "watch", "command": "/usr/local/bin/missing"}
    done = site(keepalived_track_scripts=[missing], check=False)
    assert done.returncode != 0
    assert "Disabling track script watch since not found" in done.stdout
    assert [director.file(conf).content_string for director in pair] == before
    until("every service answers", lambda: all_answer(client))


def test_split_brain(client: Host) -> None:
    """Neither hears the other: both serve. What is routed directly goes on; then one gives way."""
    master, backup = serving()
    with dropped("meta l4proto 112", master, backup):
        until("both serve", lambda: addresses_of(backup) == addresses_of(master) == {*FRONT, BACK})
        for vip in VIPS[1:]:
            assert len(set(fetch(client, f"[{vip}]" if ":" in vip else vip, 4))) == 2
    serving()
    until("every service answers", lambda: all_answer(client))


def test_the_sync_link_is_cut(client: Host) -> None:
    """Connections that began since are lost with the master, and nothing else."""
    master, backup = serving()
    name = name_of(master)
    with dropped("udp dport 8848", backup), load(client) as clients:
        assert clients.known_to(master)
        assert not clients.known_to(backup)
        lab("cut", name)
        until("the other one serves", lambda: addresses_of(backup) == {*FRONT, BACK})
        taken_over = became_master(backup)
        lab("start", name)
    assert clients.failed(after=taken_over) == []
    assert clients.broken() != []


def test_settings_change(site: Site, client: Host, services: list[dict[str, Any]]) -> None:
    """keepalived reads them again, on one director after the other.

    Schedulers are changed before it does, by a module that holds back what would refuse clients.
    """
    # As when it is operated: a director that says nothing for 0.3 seconds need not be dead.
    slowly = {"keepalived_advert_int": 1}
    site(**slowly)
    first, second = node("director1"), node("director2")
    second.check_output("systemctl restart keepalived")
    assert serving() == (first, second)
    for director in (first, second):
        director.check_output("systemd-run --unit lab-rules stdbuf -oL nft monitor tables")
    with load(client) as clients:
        site(
            *({**one, "scheduler": "wrr"} for one in services),
            keepalived_preempt=True,
            keepalived_preempt_delay=20,
            **slowly,
        )
    for director in (first, second):
        assert {row[2] for row in table(director) if row[0] == "TCP"} == {"wrr"}
        director.check_output("systemctl stop lab-rules")
        assert "lvs_scheduler" in director.check_output("journalctl --unit lab-rules")
    assert clients.failed() == []
    assert clients.broken() == []


def test_the_first_one_takes_over_again(client: Host) -> None:
    """Where it is to, after it has heard of the connections: downloads go on."""
    first, second = node("director1"), node("director2")
    with load(client) as clients:
        until_heard(clients, second)
        first.check_output("systemctl restart keepalived")
        assert serving() == (second, first)
        until_heard(clients, first)
        until("the first one serves", lambda: has_addresses(first), 60)
        taken_over = became_master(first)
    assert serving() == (first, second)
    assert takes_over_from_lower(first)
    assert clients.failed(after=taken_over) == []
    assert clients.broken() == []


# rs3 and rs4 by tunnel, too; and each way once more with a check of the servers' own addresses.
def more_services(services: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Services of the inventory, and others of the same real servers."""
    tunnels = tunnelled(services)
    own = {"port": 8080, "check": {"type": "connect", "port": 80, "interval": 2, "failures": 3}}
    ipv4 = (services[1], tunnels[0])
    return [
        *services,
        *tunnels,
        *({**one, **own, "name": f"{one['name']}, at its own"} for one in ipv4),
    ]


def test_other_settings(site: Site, services: list[dict[str, Any]]) -> None:
    """keepalived switches the daemons itself, speaks to addresses, and watches by a program."""

    def daemons(director: Host) -> list[str]:
        told = director.check_output("ipvsadm -L --daemon")
        return [line.split(" (")[0] for line in told.splitlines()]

    for name in ("director1", "director2"):
        node(name).check_output(
            "touch /root/well; printf '#!/bin/sh\\necho $* >>/root/told\\n' >/usr/local/bin/tell;"
            " chmod +x /usr/local/bin/tell"
        )
    well = {"name": "well", "command": "/usr/bin/test -e /root/well", "interval": 1, "fall": 1}
    site(
        *more_services(services),
        everywhere=True,
        keepalived_sync_daemon={"interface": "eth2", "sync_id": 7},
        director_sync_daemons=[],
        keepalived_unicast=True,
        keepalived_track_scripts=[well],
        keepalived_notify="/usr/local/bin/tell",
    )
    master, backup = serving()
    both = (["master sync daemon"], ["backup sync daemon"])
    until("each has its daemon", lambda: (daemons(master), daemons(backup)) == both)
    master.check_output("rm /root/well")
    until("the other one serves", lambda: serving() == (backup, master))
    until("they are switched", lambda: (daemons(backup), daemons(master)) == both)
    told = backup.file("/root/told")
    until("it is told", lambda: "GROUP lvs MASTER" in told.content_string)
    conf = backup.file("/etc/keepalived/lvs-cluster.conf").content_string
    assert "unicast_peer" in conf


@pytest.mark.parametrize(
    ("owner", "vips", "take"),
    [
        (
            "dr-real-server",
            VIPS[1:],
            f"ip address del {VIPS[1]}/32 dev lo; ip address del {VIPS[2]}/128 dev lo",
        ),
        ("tun-real-server", TUNNELLED, "ip link set tunl0 down; ip link set ip6tnl0 down"),
    ],
    ids=["dr", "tun"],
)
def test_a_server_loses_its_address(client: Host, owner: str, vips: list[str], take: str) -> None:
    """Both directors take it out, though it answers at its own address, until it has it again."""
    directors, server = [node("director1"), node("director2")], node("rs3")

    def where(port: int = 80) -> list[bool]:
        """Whether it is in each service, on each director."""
        rules = [director.check_output("ipvsadm -Sn") for director in directors]
        return [
            f"-a -t {vip}:{port} -r {rip}:{port} " in told
            for told in rules
            for vip, rip in ((vips[0], "192.168.0.133"), (f"[{vips[1]}]", "[fd00::133]"))
        ]

    until("it is in", lambda: all(where()), 60)
    # Or else it would be put back at once.
    server.check_output(f"systemctl stop lvs-watch@{owner}")
    try:
        server.check_output(take)
        until("it is out", lambda: not any(where()), 60)
        for director in directors:
            assert fetch(director, "192.168.0.133", 1) == ["rs3"]
        for vip in vips:
            assert fetch(client, f"[{vip}]" if ":" in vip else vip, 10) == ["rs4"] * 10
        # By a check at its own address it is well: of IPv4 there is such a service, too.
        assert where(8080)[::2] == [True, True]
    finally:
        server.check_output(f"systemctl reload lvs-{owner}; systemctl start lvs-watch@{owner}")
    until("it is in again", lambda: all(where()), 60)
    for vip in vips:
        assert "rs3" in fetch(client, f"[{vip}]" if ":" in vip else vip, 2)


def test_back_to_the_start(site: Site, client: Host) -> None:
    """The inventory as it is."""
    site()
    serving()
    until("every service answers", lambda: all_answer(client))
