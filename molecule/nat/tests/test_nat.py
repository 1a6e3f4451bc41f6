"""The cluster of inventory nat, from the client's, the director's and the real server's side."""

from __future__ import annotations

from nodes import fetch, table, until
from testinfra.host import Host

VIP = "192.168.0.111"
DIP = "192.168.137.129"
SEED_TABLE = [
    ["TCP", f"{VIP}:80", "rr"],
    ["->", "192.168.137.130:80", "Masq", "1"],
    ["->", "192.168.137.131:80", "Masq", "1"],
]


def test_answers_alternate(client: Host) -> None:
    """Round robin: rs2 rs1 rs2 rs1, or from the other one on."""
    answers = fetch(client, VIP, 6)
    assert answers in (["rs2", "rs1"] * 3, ["rs1", "rs2"] * 3)


def test_table_is_the_seeds(director: Host) -> None:
    """What ipvsadm -Ln shows."""
    assert table(director) == SEED_TABLE


def test_connections_are_counted(client: Host, director: Host) -> None:
    """--stats counts each request, both ways; --rate has a line for each."""

    def counted() -> list[int]:
        lines = director.check_output("ipvsadm -Ln --stats --exact").splitlines()
        return [int(number) for number in next(x for x in lines if VIP in x).split()[2:]]

    before = counted()
    fetch(client, VIP, 4)
    # The kernel adds up what each CPU has counted every two seconds.
    now = until("the requests are counted", lambda: counted()[0] >= before[0] + 4 and counted())
    assert all(count > was for count, was in zip(now, before))  # packets and bytes, in and out
    rates = director.check_output("ipvsadm -Ln --rate").splitlines()
    assert [line.split()[1] for line in rates[3:]] == [line[1] for line in SEED_TABLE]


def test_director_forwards(director: Host) -> None:
    """Forwarding, and the settings of IPVS that avoid the known stalls."""
    assert director.sysctl("net.ipv4.ip_forward") == 1
    assert director.sysctl("net.ipv4.vs.expire_nodest_conn") == 1
    assert director.sysctl("net.ipv4.vs.conn_reuse_mode") == 1


def test_director_starts_at_boot(director: Host) -> None:
    """The unit is on; the package's own is out of the way; nothing failed."""
    unit = director.service("lvs-director")
    assert unit.is_running
    assert unit.is_enabled
    assert director.service("ipvsadm").is_masked
    assert director.check_output("systemctl list-units --failed --quiet --plain") == ""


def test_table_is_saved(director: Host) -> None:
    """In the distribution's own file, as the table is, which ipvsadm sorts."""
    saved = director.file("/etc/ipvsadm.rules").content_string.splitlines()
    assert sorted(saved) == sorted(director.check_output("ipvsadm-save -n").splitlines())


def test_vip_is_the_hosts_own(director: Host) -> None:
    """Once, and with the prefix length that the host gave it."""
    shown = director.check_output("ip -o -4 address show dev eth1").split()
    assert shown.count(f"{VIP}/24") == 1
    assert f"{VIP}/32" not in shown


def test_real_server_routes_through_director(rs1: Host, rs2: Host) -> None:
    """The DIP is the one default gateway, now and at boot."""
    for server in (rs1, rs2):
        assert server.check_output("ip route show default").split()[:5] == (
            ["default", "via", DIP, "dev", "eth1"]
        )
        assert len(server.check_output("ip route show default").splitlines()) == 1
        unit = server.service("lvs-nat-real-server")
        assert unit.is_running
        assert unit.is_enabled


def test_real_server_sees_the_client(client: Host, rs1: Host) -> None:
    """NAT changes the destination only."""
    fetch(client, VIP, 2)
    assert rs1.check_output("tail -n 1 /var/log/nginx/access.log").startswith("192.168.0.109 ")


def test_real_server_reaches_outside(rs1: Host, client: Host) -> None:
    """With the director's address: the client knows no way to the real servers' network."""
    assert client.check_output("ip route show 192.168.137.0/24") == ""
    connect = "import socket; socket.create_connection(('192.168.0.109', 22), 5)"
    rs1.check_output(f'python3 -c "{connect}"')


def test_masquerading_is_public_only(director: Host) -> None:
    """Of the real servers' network, out of the public interface, with the virtual address."""
    rules = director.check_output("nft list table inet lvs_cluster")
    assert (rules.count("snat"), rules.count("masquerade")) == (1, 0)
    assert "ip saddr 192.168.137.0/24" in rules
    assert 'oifname "eth1" snat ip to 192.168.0.111' in rules
