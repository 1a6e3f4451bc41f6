"""The file systems of the lab: the guest that carries the nodes, and the nodes' own."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

from lvs_lab.cache import built
from lvs_lab.debian import KEYRING, SUITE, Mirror
from lvs_lab.paths import GUEST_INIT
from lvs_lab.progress import run_logged, step

GUEST_PACKAGES = (
    "apt-cacher-ng", "ca-certificates", "conmon", "crun", "iproute2", "kmod", "netavark",
    "openssh-server", "podman", "procps", "python3",
)  # fmt: skip
"""What carries the nodes, and the cache of the packages that they install."""

NODE_PACKAGES = (
    "ifupdown", "iproute2", "kmod", "openssh-server", "procps", "python3", "python3-apt",
    "systemd", "systemd-sysv",
)  # fmt: skip
"""A plain, minimal host. The roles install the rest, for real."""

TEST_PACKAGES = (
    "ca-certificates", "curl", "iputils-arping", "ndisc6", "nginx-light", "tcpdump",
)  # fmt: skip
"""What answers in a node, and what it is asked with. Nothing of it runs until it is asked for."""

ROLE_PACKAGES = (
    "acl", "apache2", "ipvsadm", "keepalived", "ldirectord", "libnet-inet6glue-perl",
    "mariadb-server", "nfs-kernel-server", "nftables", "php", "php-fpm", "php-gd", "php-mysql",
    "php-xml", "python3-pymysql", "python3-pyroute2", "wordpress",
    "wordpress-theme-twentytwentyfive",
)  # fmt: skip
"""What the roles install, for a node that has it already: to install takes minutes in the guest."""

ROLE_UNITS = (
    "apache2", "apache-htcacheclean", "keepalived", "ldirectord", "mariadb", "nfs-server",
    "nftables", "php8.4-fpm", "phpsessionclean.timer",
)  # fmt: skip
"""What its packages would start at boot, and the roles start where it is wanted."""

UCF = """\
#!/bin/sh
# In place of Debian's, which asks what to do about a file of /etc by debconf: 3 seconds a file
# here, and PHP has thirty. A file that is there stays, as when nobody answers.
case $1 in --purge | -p) exit ;; esac
while [ $# -gt 2 ]; do shift; done
[ -e "$2" ] || cp -p "$1" "$2"
"""

SHARED_MOUNTS = """\
# What is mounted later is there also for services with a view of their own of the file systems, as
# on any host: systemd leaves that out in a container.
[Unit]
DefaultDependencies=no
Before=sysinit.target
[Service]
Type=oneshot
ExecStart=mount --make-rshared /
[Install]
WantedBy=sysinit.target
"""

IDLE_UNITS = (
    "modprobe@.service", "sys-fs-fuse-connections.mount", "systemd-remount-fs.service",
    "systemd-tmpfiles-setup-dev-early.service", "systemd-tmpfiles-setup-dev.service",
    "apt-daily.timer", "apt-daily-upgrade.timer", "dpkg-db-backup.timer", "e2scrub_all.timer",
    "fstrim.timer",
)  # fmt: skip
"""What a container does not need at boot, and what a day does not need."""

DISK_SIZE = "16G"
"""Of the guest's sparse disk, in mke2fs's words."""


def guest_root(mirror: Mirror) -> Path:
    """Give the directory with the guest's file system.

    It holds `root` (with the nodes' file system in root/lab/node), `key` and
    `known_hosts`, by which the lab's hosts are reached.
    """

    def recipe(part: Path) -> None:
        with step("making the file systems of the guest and of the nodes, once (about 2 minutes)"):
            _bootstrap(part / "root", GUEST_PACKAGES, mirror, part / "build.log")
            node = part / "root" / "lab" / "node"
            node.parent.mkdir()
            _bootstrap(node, NODE_PACKAGES + TEST_PACKAGES, mirror, part / "build.log")
            _prepare_node(node)
            _prepare_guest(part / "root")
            _make_keys(part, (part / "root", node))

    inputs = {
        "suite": SUITE,
        "mirror": [mirror.main, mirror.security],
        "packages": [GUEST_PACKAGES, NODE_PACKAGES, TEST_PACKAGES],
        "init": GUEST_INIT.read_text(),
        "recipe": Path(__file__).read_text(),
    }
    return built("guest", inputs, recipe)


def installed_root(mirror: Mirror, guest: Path) -> Path:
    """Give the directory whose `root` is the file system of nodes that have the roles' packages.

    Their keys are those of the other nodes, in the guest's directory.
    """

    def recipe(part: Path) -> None:
        with step("making the file system of nodes with the roles' packages, once (2 minutes)"):
            root, log = part / "root", part / "build.log"
            _bootstrap(root, NODE_PACKAGES + TEST_PACKAGES + ROLE_PACKAGES, mirror, log)
            _prepare_node(root)
            run_logged(["chroot", str(root), "systemctl", "disable", *ROLE_UNITS], log)
            for directory in ("etc/ssh", "root/.ssh"):
                shutil.rmtree(root / directory, ignore_errors=True)
                shutil.copytree(
                    guest / "root" / "lab" / "node" / directory, root / directory, symlinks=True
                )

    return built("installed", {"guest": guest.name, "packages": ROLE_PACKAGES}, recipe)


def disk_of(root: Path) -> Path:
    """Give the disk made from the `root` in a directory. Nobody writes to it: see keeper.py."""

    def recipe(part: Path) -> None:
        with step("making a disk of it, once"):
            disk = part / "disk"
            run_logged(
                ["mke2fs", "-q", "-t", "ext4", "-d", str(root / "root"), str(disk), DISK_SIZE],
                part / "build.log",
            )

    return built("disk", {"root": root.name, "size": DISK_SIZE}, recipe) / "disk"


def _bootstrap(root: Path, packages: tuple[str, ...], mirror: Mirror, log: Path) -> None:
    sources = mirror.sources(SUITE)
    command = [
        "mmdebstrap", "--mode=root", "--variant=minbase", f"--keyring={KEYRING}",
        "--dpkgopt=path-exclude=/usr/share/doc/*", "--dpkgopt=path-exclude=/usr/share/locale/*",
        "--dpkgopt=path-exclude=/usr/share/man/*", '--aptopt=Acquire::Languages "none"',
        # A node that has the lists need not fetch and read them before it can install anything.
        "--skip=cleanup/apt/lists",
        f"--include={','.join(packages)}", SUITE, str(root), *sources.splitlines(),
    ]  # fmt: skip
    # A clean environment: a PYTHONDONTWRITEBYTECODE of the user's would reach the
    # packages' scripts, and every Python start in the guest would pay for it.
    env = {name: os.environ[name] for name in ("PATH", "http_proxy") if name in os.environ}
    run_logged(command, log, env={**env, "LC_ALL": "C.UTF-8"})


def _prepare_node(node: Path) -> None:
    """Keep background work off a node: many of them share a processor, and one disk."""
    (node / "etc" / "dpkg" / "dpkg.cfg.d" / "lab").write_text("force-unsafe-io\n")
    units = node / "etc" / "systemd" / "system"
    (units / "multi-user.target.wants" / "nginx.service").unlink(missing_ok=True)
    (units / "lab-shared-mounts.service").write_text(SHARED_MOUNTS)
    enable = ["systemctl", "enable", "--quiet", "lab-shared-mounts"]
    subprocess.run(["chroot", node, *enable], check=True)
    ucf = ["dpkg-divert", "--divert", "/usr/bin/ucf.distrib", "--rename", "/usr/bin/ucf"]
    subprocess.run(["chroot", node, *ucf], check=True, capture_output=True)
    (node / "usr" / "bin" / "ucf").write_text(UCF)
    (node / "usr" / "bin" / "ucf").chmod(0o755)
    subprocess.run(["chroot", node, "apt-cache", "gencaches"], check=True)
    for unit in IDLE_UNITS:
        (units / unit).unlink(missing_ok=True)
        (units / unit).symlink_to("/dev/null")
    # Newer than /usr: nothing is left to do at the first boot (systemd-update-done.service(8)).
    for directory in ("etc", "var"):
        (node / directory / ".updated").touch()
    (node / "etc" / "machine-id").write_text("")


def _prepare_guest(root: Path) -> None:
    init = root / "lab" / "init"
    init.write_text(GUEST_INIT.read_text())
    init.chmod(0o755)
    containers = root / "etc" / "containers"
    containers.mkdir(exist_ok=True)
    (containers / "containers.conf").write_text(
        '[engine]\ncgroup_manager = "cgroupfs"\nevents_logger = "none"\n'
        '[network]\nfirewall_driver = "none"\n'
        '[containers]\nlog_driver = "none"\n'
    )


def _make_keys(part: Path, roots: tuple[Path, ...]) -> None:
    """One key opens every host of the lab, and one key is theirs: none is reached from outside."""
    key = part / "key"
    host_key = part / "host_key"
    for path in (key, host_key):
        subprocess.run(
            ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "lvs-lab", "-f", path], check=True
        )
    public = host_key.with_suffix(".pub").read_text()
    (part / "known_hosts").write_text(f"* {public}")
    for root in roots:
        ssh = root / "etc" / "ssh"
        for stale in ssh.glob("ssh_host_*"):
            stale.unlink()
        (ssh / "ssh_host_ed25519_key").write_text(host_key.read_text())
        (ssh / "ssh_host_ed25519_key").chmod(0o600)
        (ssh / "ssh_host_ed25519_key.pub").write_text(public)
        (ssh / "sshd_config.d" / "lab.conf").write_text(
            "PermitRootLogin prohibit-password\nUseDNS no\nMaxSessions 50\nMaxStartups 100\n"
            # A connection given up while a node boots is no attack.
            "PerSourcePenalties no\n"
        )
        authorized = root / "root" / ".ssh"
        authorized.mkdir(mode=0o700, parents=True, exist_ok=True)
        (authorized / "authorized_keys").write_text(key.with_suffix(".pub").read_text())
    host_key.unlink()
    host_key.with_suffix(".pub").unlink()
