"""The file systems of the lab: the guest that carries the nodes, and the nodes' own."""

from __future__ import annotations

import os
import shutil
import subprocess
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict
from pathlib import Path

from lvs_lab.cache import built
from lvs_lab.debian import KEYRING, SUITE, SUITES, Mirror
from lvs_lab.paths import GUEST_INIT
from lvs_lab.progress import nothing_left_running, run_logged, step

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
    "acl", "apache2", "bird2", "ipvsadm", "keepalived", "ldirectord", "libnet-inet6glue-perl",
    "mariadb-server", "nfs-kernel-server", "nftables", "php", "php-fpm", "php-gd", "php-mysql",
    "php-xml", "python3-pymysql", "python3-pyroute2", "wordpress",
    "wordpress-theme-twentytwentyfive",
)  # fmt: skip
"""What the roles install, for a node that has it already: to install takes minutes in the guest."""

ROLE_UNITS = (
    "apache2", "apache-htcacheclean", "bird", "keepalived", "ldirectord", "mariadb", "nfs-server",
    "nftables", "php{php}-fpm", "phpsessionclean.timer",
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

IDLE_GENERATORS = (
    "debug", "getty", "gpt-auto", "hibernate-resume", "rc-local", "run", "ssh", "system-update",
    "tpm2",
)  # fmt: skip
"""Of systemd's, those that find nothing in a node: they run at each boot and each daemon-reload."""

DISK_SIZE = "16G"
"""Of the guest's sparse disk, in mke2fs's words."""


def guest_root(mirror: Mirror) -> Path:
    """Give the directory with the guest's file system.

    It holds `root` (with the file system of most nodes in root/lab/trixie), `key` and
    `known_hosts`, by which the lab's hosts are reached, and `host_key`, which they have.
    """

    def recipe(part: Path) -> None:
        with step("making the file systems of the guest and of the nodes, once (about 2 minutes)"):
            node = part / "node"
            with ThreadPoolExecutor(1) as beside, nothing_left_running():
                nodes = (node, SUITE, NODE_PACKAGES + TEST_PACKAGES, mirror, part / "node.log")
                making = beside.submit(_bootstrap, *nodes)
                _bootstrap(part / "root", SUITE, GUEST_PACKAGES, mirror, part / "build.log")
                making.result()
            _prepare_node(node)
            (part / "root" / "lab").mkdir()
            node = node.rename(part / "root" / "lab" / SUITE)
            _prepare_guest(part / "root")
            _make_keys(part)
            for root in (part / "root", node):
                _let_in(root, SUITE, part)

    inputs = {
        "suite": SUITE,
        "mirror": [mirror.main, mirror.security, mirror.may_be_old],
        "packages": [GUEST_PACKAGES, NODE_PACKAGES, TEST_PACKAGES],
        "init": GUEST_INIT.read_text(),
        "recipe": Path(__file__).read_text(),
    }
    return built("guest", inputs, recipe)


def node_root(name: str, mirror: Mirror, guest: Path) -> Path:
    """Give the directory whose `root` is a file system of nodes that the guest itself lacks.

    It is named as in the topology: by its suite, and whether it has the roles' packages. The keys
    are the guest's.
    """
    suite, _, installed = name.partition("-")

    def recipe(part: Path) -> None:
        what = "nodes with the roles' packages" if installed else "nodes"
        with step(f"making the file system of {what} on {suite}, once (about 2 minutes)"):
            root, log = part / "root", part / "build.log"
            packages = role_packages(suite) if installed else ()
            _bootstrap(root, suite, NODE_PACKAGES + TEST_PACKAGES + packages, mirror, log)
            _prepare_node(root)
            if installed:
                run_logged(["chroot", str(root), "systemctl", "disable", *role_units(suite)], log)
            _let_in(root, suite, guest)

    inputs = {"guest": guest.name, "name": name, "suite": asdict(SUITES[suite])}
    return built("nodes", inputs, recipe)


def role_packages(suite: str) -> tuple[str, ...]:
    """Give those of the roles' packages that a distribution has."""
    return tuple(package for package in ROLE_PACKAGES if package not in SUITES[suite].lacks)


def role_units(suite: str) -> tuple[str, ...]:
    """Give what those packages would start at boot, by its names in a distribution."""
    return tuple(unit.format(php=SUITES[suite].php) for unit in ROLE_UNITS)


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


def bootstrap_command(
    root: Path, suite: str, packages: tuple[str, ...], mirror: Mirror
) -> list[str]:
    """Give the command that makes a file system of Debian."""
    return [
        "mmdebstrap", "--verbose", "--mode=root", "--variant=minbase",
        f"--keyring={KEYRING}",
        "--dpkgopt=path-exclude=/usr/share/doc/*", "--dpkgopt=path-exclude=/usr/share/locale/*",
        "--dpkgopt=path-exclude=/usr/share/man/*", '--aptopt=Acquire::Languages "none"',
        # Not in sources.list: apt-cacher-ng has its mirror from there, and no line with an option.
        *(['--aptopt=Acquire::Check-Valid-Until "false"'] if mirror.may_be_old else []),
        # A node that has the lists need not fetch and read them before it can install anything.
        "--skip=cleanup/apt/lists",
        f"--include={','.join(packages)}", suite, str(root), *mirror.sources(suite).splitlines(),
    ]  # fmt: skip


def _bootstrap(
    root: Path, suite: str, packages: tuple[str, ...], mirror: Mirror, log: Path
) -> None:
    # A clean environment: a PYTHONDONTWRITEBYTECODE of the user's would reach the
    # packages' scripts, and every Python start in the guest would pay for it.
    env = {name: os.environ[name] for name in ("PATH", "http_proxy") if name in os.environ}
    command = bootstrap_command(root, suite, packages, mirror)
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
    generators = node / "etc" / "systemd" / "system-generators"
    generators.mkdir()
    for name in IDLE_GENERATORS:
        (generators / f"systemd-{name}-generator").symlink_to("/dev/null")
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


def _make_keys(part: Path) -> None:
    """One key opens every host of the lab, and one key is theirs: none is reached from outside."""
    for name in ("key", "host_key"):
        subprocess.run(
            ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "lvs-lab", "-f", part / name],
            check=True,
        )
    (part / "known_hosts").write_text(f"* {(part / 'host_key.pub').read_text()}")


def _let_in(root: Path, suite: str, keys: Path) -> None:
    """Let the lab's key in, and give the host the key that all of them have."""
    ssh = root / "etc" / "ssh"
    for stale in ssh.glob("ssh_host_*"):
        stale.unlink()
    for suffix in ("", ".pub"):
        shutil.copy(keys / f"host_key{suffix}", ssh / f"ssh_host_ed25519_key{suffix}")
    (ssh / "sshd_config.d" / "lab.conf").write_text(
        "PermitRootLogin prohibit-password\nUseDNS no\nMaxSessions 50\nMaxStartups 100\n"
        + SUITES[suite].sshd  # an sshd that does not know a line does not start
    )
    authorized = root / "root" / ".ssh"
    authorized.mkdir(mode=0o700, parents=True, exist_ok=True)
    shutil.copy(keys / "key.pub", authorized / "authorized_keys")
