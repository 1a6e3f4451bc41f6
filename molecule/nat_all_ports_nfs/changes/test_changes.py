"""What changes on the running cluster, on its servers and on its client; in this order."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from nodes import LAB, Site, lab, mount_at, until
from testinfra.host import Host

VIP = "219.223.199.164"
EXPORT = "/mnt/cephfs"
SOURCE = f"{VIP}:{EXPORT}"
CEPH, CEPH3 = "/mnt/ceph", "/mnt/ceph3"


def mounts(ceph: list[str], ceph3: list[str]) -> list[dict[str, Any]]:
    """The inventory's two mounts with other options."""
    return [
        {"source": SOURCE, "path": CEPH, "options": ceph},
        {"source": SOURCE, "path": CEPH3, "version": "3", "options": ["nolock", *ceph3]},
    ]


def at_boot(client: Host) -> list[list[str]]:
    """What fstab has: path and options."""
    lines = client.file("/etc/fstab").content_string.splitlines()
    return [line.split()[1:4:2] for line in lines if " nfs " in line]


@contextmanager
def in_use(client: Host, path: str) -> Iterator[None]:
    """Somebody is in the directory."""
    client.check_output(
        f"systemd-run --unit in-use --uid archive --working-directory {path} sleep infinity"
    )
    until("it is in use", lambda: client.run("systemctl is-active in-use").succeeded)
    try:
        yield
    finally:
        client.check_output("systemctl stop in-use")


def refused(site: Site, *services: dict[str, Any], limit: str, **variables: Any) -> str:
    """Return what is told of what cannot work; nothing may be changed."""
    done = site(*services, check=False, limit=limit, **variables)
    assert done.returncode != 0
    assert " changed=0 " in done.stdout
    return " ".join(done.stdout.split())


def test_bad_exports(site: Site, rs1: Host) -> None:
    """All of it is told at once, and nothing is changed."""
    before = rs1.check_output("exportfs -s")
    told = refused(
        site,
        limit="rs1",
        nfs_server_versions=["3", "5"],
        nfs_server_exports=[
            {"path": "/srv/open", "clients": ["0.0.0.0/1", "128.0.0.0/1"]},
            {"path": "/srv/typo", "clients": ["192.0.2.1"], "options": ["no_subtree_chek"]},
            {"path": "/srv/owned", "clients": ["192.0.2.1"], "owner": "nemo"},
        ],
    )
    for problem in (
        "nfs_server_versions '5' is not a version of NFS; use one of 3, 4.0, 4.1, 4.2.",
        "export /srv/open of host rs1: clients ['0.0.0.0/1', '128.0.0.0/1'] are the whole world;",
        "export /srv/typo of host rs1: options 'no_subtree_chek' is not an option of exports(5);"
        " give one of its options, such as no_subtree_check.",
        "export /srv/owned of host rs1: owner 'nemo' is no user of this host; give one that is",
    ):
        assert problem in told
    assert rs1.check_output("exportfs -s") == before


def test_bad_mounts(site: Site, client: Host) -> None:
    """So with what a client mounts."""
    before = at_boot(client)
    told = refused(
        site,
        limit="client",
        nfs_client_mounts=[
            {"source": "/mnt/cephfs", "path": CEPH},
            {"source": SOURCE, "path": "/proc"},
        ],
    )
    for problem in (
        "mount /mnt/ceph of host client: source '/mnt/cephfs' is not a host and the path of its"
        " export; give one",
        "mount /proc of host client: path '/proc' is where proc (proc) is mounted; give another"
        " path, or unmount it first.",
    ):
        assert problem in told
    assert at_boot(client) == before


def test_all_ports_of_the_address_that_ansible_is_connected_to(
    site: Site, director: Host, services: list[dict[str, Any]]
) -> None:
    """They would lead to a real server, and the next run with them."""
    address = director.check_output("ip -4 -o address show dev eth0").split()[3].split("/")[0]
    told = refused(
        site, *services, {**services[0], "name": "all", "address": address}, limit="director"
    )
    assert (
        f"service all: it takes port 22 of {address} too, by which Ansible is connected to"
        " director, and which would lead to a real server from then on; connect to another address"
        " of director (ansible_host), or leave the port out."
    ) in told


def test_server_that_refuses_its_client_at_first(
    client: Host, real_servers: dict[str, Host]
) -> None:
    """The mount fails, and is there when the server lets it; what is stopped stays so."""
    unit, again = "mnt-ceph3.mount", client.service("lvs-mount-again@mnt-ceph3")
    client.check_output(f"umount {CEPH3}")
    for server in real_servers.values():
        server.check_output("exportfs -ua")
    try:
        assert client.run(f"systemctl start {unit}").failed
        assert again.is_running
        client.check_output(f"systemctl stop {unit}")
        assert not again.is_running
        assert client.run(f"systemctl start {unit}").failed
    finally:
        for server in real_servers.values():
            server.check_output("exportfs -r")
    until("it is mounted", lambda: mount_at(client, CEPH3), 60)
    until("nobody tries any more", lambda: not again.is_running)
    assert client.check_output("systemctl list-units --failed --quiet --plain") == ""


def test_options_of_a_mount(site: Site, client: Host) -> None:
    """Those of the mount change under who uses it, others by mounting again; and once."""
    before = mount_at(client, CEPH)
    wanted = mounts(["ro"], ["rsize=65536"])
    with in_use(client, CEPH):
        site(limit="client", nfs_client_mounts=wanted)
    after = mount_at(client, CEPH)
    assert after["id"] == before["id"]
    assert ",ro," in after["mount"]
    assert ",rsize=65536," in mount_at(client, CEPH3)["options"]
    assert at_boot(client) == [
        [CEPH, "nfsvers=4.2,ro,_netdev,bg"],
        [CEPH3, "nfsvers=3,proto=tcp,mountproto=tcp,nolock,rsize=65536,_netdev,bg"],
    ]
    assert " changed=0 " in site(limit="client", nfs_client_mounts=wanted).stdout


def test_mount_in_use_is_left(site: Site, client: Host) -> None:
    """What cannot be changed under who uses it is not, and that is said."""
    before = (mount_at(client, CEPH3), at_boot(client))
    with in_use(client, CEPH3):
        done = site(check=False, limit="client", nfs_client_mounts=mounts(["ro"], ["rsize=32768"]))
    assert done.returncode != 0
    told = " ".join(done.stdout.split())
    assert "mount /mnt/ceph3: Error unmounting /mnt/ceph3:" in told
    assert "the change needs it unmounted: end what uses it" in told
    assert (mount_at(client, CEPH3), at_boot(client)) == before


def test_mount_is_taken_out(site: Site, client: Host) -> None:
    """It is gone, also from fstab; its directory stays. The other one is writable again."""
    absent = {"path": CEPH3, "state": "absent"}
    site(limit="client", nfs_client_mounts=[mounts([], [])[0], absent])
    assert mount_at(client, CEPH3) == {}
    assert client.file(CEPH3).is_directory
    assert not client.file("/etc/systemd/system/mnt-ceph3.mount.d").exists
    assert at_boot(client) == [[CEPH, "nfsvers=4.2,_netdev,bg"]]
    assert ",rw," in mount_at(client, CEPH)["mount"]


def jobs() -> str:
    """What the client's systemd still has to do; nothing where it does not answer yet."""
    command = [str(LAB), "exec", "client", "systemctl", "list-jobs", "--no-legend"]
    return subprocess.run(command, capture_output=True, text=True, check=False).stdout


def test_server_that_boots_after_its_client(client: Host) -> None:
    """The client boots, tries on, and mounts when the server is there."""
    for node in ("client", "director"):
        lab("cut", node)
    # It waits for the end of the boot, to which the mount belongs.
    boot = subprocess.Popen([LAB, "start", "client"])
    try:
        until("it tries", lambda: re.search("mnt-ceph.mount +start +running", jobs()), 60)
        until("all else is up", lambda: client.service("multi-user.target").is_running, 60)
        assert mount_at(client, CEPH) == {}
    finally:
        lab("start", "director")
        assert boot.wait(120) == 0
    assert mount_at(client, CEPH)["source"] == SOURCE
    client.check_output(f"runuser -u archive -- touch {CEPH}/late")


def test_server_that_boots_under_its_client(client: Host, real_servers: dict[str, Host]) -> None:
    """The client waits for it, and goes on."""
    (number,) = [
        n for n, s in enumerate(real_servers.values(), 1) if s.file(f"{EXPORT}/late").exists
    ]
    lab("reboot", f"rs{number}")
    until(
        "the client reads again",
        lambda: client.run("timeout 20 runuser -u archive -- ls -l /mnt/ceph/late").succeeded,
        120,
    )


def test_what_somebody_did_by_hand(site: Site, client: Host, rs1: Host) -> None:
    """An export that was taken out, a mount that was, and one with other options come back."""
    site(limit="client")
    exported, mounted = rs1.check_output("exportfs -s"), mount_at(client, CEPH3)
    rs1.check_output(f"exportfs -u 219.223.199.0/24:{EXPORT}")
    client.check_output(f"umount {CEPH} && mount -o remount,noatime {CEPH3}")
    site(limit="client,rs1")
    assert rs1.check_output("exportfs -s") == exported
    assert mount_at(client, CEPH)["source"] == SOURCE
    assert mount_at(client, CEPH3) == mounted
    assert " changed=0 " in site(limit="client").stdout


def test_exports_that_a_killed_run_has_written(site: Site, rs1: Host) -> None:
    """They are in the file, as they should be, and nobody has read it."""
    written = rs1.file("/etc/exports.d/lvs-cluster.exports").content_string
    site(limit="rs1", nfs_server_exports=[])
    assert EXPORT not in rs1.check_output("exportfs -s")
    rs1.check_output(f"cat >/etc/exports.d/lvs-cluster.exports <<'END'\n{written}END")
    site(limit="rs1")
    assert EXPORT in rs1.check_output("exportfs -s")


def test_exports_that_are_written_as_they_were(site: Site, rs1: Host) -> None:
    """They are read, and the run after that knows so, although the server's list is as it was."""
    rs1.check_output("touch /etc/exports.d/lvs-cluster.exports")
    assert " changed=0 " not in site(limit="rs1").stdout
    assert " changed=0 " in site(limit="rs1").stdout


def test_exports(site: Site, rs1: Host) -> None:
    """One that cannot be made leaves those that are; one that is taken out is gone.

    What the host's own file exports stays throughout.
    """
    rs1.check_output("echo '/srv 192.168.1.0/24(ro,fsid=9)' >> /etc/exports && exportfs -r")
    own = rs1.file("/etc/exports").content_string
    before = rs1.check_output("exportfs -s")
    unknown = {"path": EXPORT, "clients": ["nobody.invalid"], "fsid": 1}
    done = site(check=False, limit="rs1", nfs_server_exports=[unknown])
    assert done.returncode != 0
    told = " ".join(done.stdout.split())
    assert "exports: exportfs: Failed to resolve nobody.invalid" in told
    assert rs1.check_output("exportfs -s") == before
    site(limit="rs1", nfs_server_exports=[])
    (line,) = rs1.check_output("exportfs -s").splitlines()
    assert line.startswith("/srv ")
    assert rs1.file("/etc/exports").content_string == own
