"""The cluster of inventory nat_all_ports_nfs: files by NFS, a client's from one real server."""

from __future__ import annotations

import re
import uuid

import pytest
from nodes import Capture, mount_at, table, until
from testinfra.host import Host

CLIENT, OFFICE = "219.223.199.10", "192.168.9.10"
VIP = "219.223.199.164"
EXPORT = "/mnt/cephfs"
MOUNTS = {"/mnt/ceph": "4.2", "/mnt/ceph3": "3"}


def client_connections(director: Host) -> set[tuple[int, str]]:
    """Return port and real server of each connection of the client, as ipvsadm lists them."""
    listed = re.findall(
        rf"^TCP +\S+ +\S+ +{CLIENT}:\d+ +{VIP}:(\d+) +(\S+):\d+",
        director.check_output("ipvsadm -Lnc"),
        re.MULTILINE,
    )
    return {(int(port), server) for port, server in listed}


def test_table_is_the_seeds(director: Host) -> None:
    """One service of all ports, with persistence, and five real servers of weight 1."""
    first, *servers = table(director)
    assert first == ["TCP", f"{VIP}:0", "wrr", "persistent", "30"]
    assert servers == [["->", f"192.168.1.{last}:0", "Masq", "1"] for last in range(21, 26)]


@pytest.mark.parametrize("path", MOUNTS)
def test_client_writes_and_reads(client: Host, real_servers: dict[str, Host], path: str) -> None:
    """What it writes is on one server, by its owner's number; it reads what that one has."""
    mount = until(f"{path} is mounted", lambda: mount_at(client, path), 60)
    assert mount["source"] == f"{VIP}:{EXPORT}"
    assert f",vers={MOUNTS[path]}," in mount["options"]
    name, word = uuid.uuid4().hex, uuid.uuid4().hex
    client.check_output(f"runuser -u archive -- sh -c 'echo {word} > {path}/{name}'")
    (server,) = [s for s in real_servers.values() if s.file(f"{EXPORT}/{name}").exists]
    written = server.file(f"{EXPORT}/{name}")
    assert written.content_string == f"{word}\n"
    assert (written.uid, written.gid) == (2001, 2001)
    server.check_output(f"runuser -u archive -- cp {EXPORT}/{name} {EXPORT}/{name}-back")
    assert client.check_output(f"runuser -u archive -- cat {path}/{name}-back") == word


def test_a_client_stays_with_one_server(
    client: Host, director: Host, real_servers: dict[str, Host]
) -> None:
    """rpcbind, mountd and NFS itself: all connections are to one and the same."""
    options = "nfsvers=3,proto=tcp,mountproto=tcp,nolock"
    client.check_output(f"mkdir -p /mnt/try && mount -o {options} {VIP}:{EXPORT} /mnt/try")
    seen = client_connections(director)
    client.check_output("umount /mnt/try")
    (server,) = {server for _, server in seen}
    listed = real_servers[server].check_output("rpcinfo -p").splitlines()
    mountd = {int(line.split()[3]) for line in listed if line.endswith(" mountd")}
    ports = {port for port, _ in seen}
    assert {111, 2049} <= ports
    assert mountd & ports


def test_rights_are_kept(client: Host) -> None:
    """root of the client is nobody; the list gives www-data reading, and no writing."""
    assert client.run("touch /mnt/ceph/root").failed
    assert client.run("runuser -u www-data -- ls /mnt/ceph").succeeded
    assert client.run("runuser -u www-data -- touch /mnt/ceph/www-data").failed


def test_real_server_reaches_outside(director: Host, rs1: Host) -> None:
    """With the virtual address where that is the way out, and with its own where it is not."""

    def legs() -> set[tuple[str, str]]:
        address = r"(\d+(?:\.\d+){3})\.\d+"
        return set(re.findall(rf"{address} > {address}:", "\n".join(capture.lines())))

    seen = {("192.168.1.21", CLIENT), (VIP, CLIENT), ("192.168.1.21", OFFICE)}
    expression = f"tcp dst port 111 and (dst host {CLIENT} or dst host {OFFICE})"
    with Capture(director, expression) as capture:
        for address in (CLIENT, OFFICE):
            assert "ready and waiting" in rs1.check_output(f"rpcinfo -T tcp {address} portmapper")
        until("both are captured", lambda: legs() >= seen)
    assert legs() == seen


def test_server_starts_after_rpcbind(rs1: Host) -> None:
    """Now and at boot, and serves the versions that are asked for."""
    started = {
        unit: int(
            rs1.check_output(f"systemctl show -P ActiveEnterTimestampMonotonic {unit}.service")
        )
        for unit in ("rpcbind", "nfs-server")
    }
    assert 0 < started["rpcbind"] < started["nfs-server"]
    after = rs1.check_output("systemctl show -P After nfs-server.service").split()
    assert "rpcbind.service" in after
    assert rs1.service("nfs-server").is_enabled
    assert rs1.file("/proc/fs/nfsd/versions").content_string.split() == (
        ["+3", "+4", "-4.0", "-4.1", "+4.2"]
    )


def test_nothing_failed(client: Host, rs1: Host) -> None:
    """No unit has."""
    for host in (client, rs1):
        assert host.check_output("systemctl list-units --failed --quiet --plain") == ""
