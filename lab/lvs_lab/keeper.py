"""The process that a running lab hangs on.

It is PID 1 of a PID namespace, and has a network and a mount namespace of its
own. Whatever way it ends, the kernel ends all its children and takes back the
namespaces with every mount and interface in them: nothing of the lab is left.

Run as `python3 -m lvs_lab.keeper JSON` by lab.py, which holds the write end of
a pipe until the lab is up: should it end before, so does the keeper.
"""

from __future__ import annotations

import fcntl
import itertools
import json
import os
import select
import shutil
import signal
import socket
import string
import subprocess
import sys
from dataclasses import asdict, dataclass
from pathlib import Path

from lvs_lab.debian import SUITE
from lvs_lab.topology import MACHINE, MANAGEMENT

PROXY_PORT = 3142

NICE = "-10"
"""Hosts go on while whoever asks them is busy: else one takes another for dead."""

LINK_DEPTH = 512
"""Packets that the guest may have to send; with the driver's own 64 a burst overruns it."""

LINK_BUFFER = 32 << 20
"""Octets that may wait for the guest."""

# asm-generic/socket.h and linux/if_ether.h; Python's socket does not know them.
SO_SNDBUFFORCE = 32
SO_RCVBUFFORCE = 33
ETH_P_ALL = 3

CONSOLE = "console.log"

READY = "guest ready"
"""What guest-init says when it is done."""

OFFLOADS = ("tx", "rx", "gro", "gso", "tso")

FREE_PORT = """
import random, socket
while True:
    port = random.randrange(20000, 30000)
    with socket.socket() as probe:
        if probe.connect_ex(("127.0.0.1", port)) != 0:
            print(port)
            break
"""
"""A program that prints a port nobody listens on; apt-cacher-ng takes none above 32767."""


@dataclass(frozen=True)
class Keeping:
    """What the keeper has to run."""

    state: str
    run: str
    apt_caches: str
    """The directory in which the caches of packages lie."""
    guest_root: str
    other_roots: dict[str, str]
    """The file systems of nodes that the guest's own does not hold, by their names."""
    kernel: str | None
    """The User-Mode Linux to boot; None where the machine's own kernel has IPVS."""
    disks: list[str]
    """The guest's own, and those of `other_roots`."""
    memory_mib: int
    processors: int
    """Of the guest. One is the rule; with more it moves between as many of the machine's."""
    upstream_proxy: str | None
    outside: int = -1
    """A descriptor of the machine's own network namespace, for the package cache alone."""
    lifeline: int = -1
    """The read end of the pipe: a byte means that the lab is up, the end that its maker died."""

    def as_json(self) -> str:
        """Give the keeper's argument."""
        return json.dumps(asdict(self))


def keep(keeping: Keeping) -> int:
    """Start what the lab needs and wait for its end; gives the exit status."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    number, packages = _free_cache(keeping.apt_caches)
    children = _package_cache(keeping, packages)
    if keeping.kernel is None:
        _link_to_own_kernel()
        _shelter_podman(Path(keeping.state) / "own", Path(keeping.guest_root), keeping.other_roots)
        # Where a guest's console would say it.
        (Path(keeping.state) / CONSOLE).write_text(READY)
    else:
        _link_to_guest()
        children.append(_guest(keeping, _processors(number, keeping.processors)))
    return _wait(keeping.lifeline, children)


def _wait(lifeline: int, children: list[subprocess.Popen[bytes]]) -> int:
    """Wait until a child ends or the lab's maker dies unfinished. Reaps everybody's orphans."""
    maker = [lifeline]
    wakeup, signalled = os.pipe()
    os.set_blocking(signalled, False)
    signal.set_wakeup_fd(signalled)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    while True:
        for ready in select.select([wakeup, *maker], [], [])[0]:
            if ready == wakeup:
                os.read(wakeup, 512)
                gone = _reap()
                ended = [child for child in children if child.pid in gone]
                if ended:
                    print(f"{ended[0].args!r} has ended", flush=True)
                    return 1
            elif os.read(lifeline, 1):
                maker = []
            else:
                return 1


def _reap() -> set[int]:
    gone: set[int] = set()
    while True:
        try:
            pid, _status = os.waitpid(-1, os.WNOHANG)
        except ChildProcessError:
            return gone
        if pid == 0:
            return gone
        gone.add(pid)


def _ip(arguments: str) -> None:
    subprocess.run(["ip", *arguments.split()], check=True)


def _link_to_guest() -> None:
    """A veth pair: the guest's raw socket sits on one end, the machine's address on the other."""
    _ip("link set lo up")
    _ip("link add lab type veth peer name guest")
    for end in ("lab", "guest"):
        # The guest sees frames as they are on the wire: nothing may be left for hardware to do.
        subprocess.run(
            ["ethtool", "-K", end, *(word for o in OFFLOADS for word in (o, "off"))],
            check=True, stdout=subprocess.DEVNULL,
        )  # fmt: skip
        _ip(f"link set {end} addrgenmode none up")
    _ip(f"address add {MACHINE}/{MANAGEMENT.prefixlen} dev lab")


def _link_to_own_kernel() -> None:
    _ip("link set lo up")
    # An address of its own, for it would change with the nodes that come and go.
    _ip("link add mgmt address 02:4c:56:53:00:01 type bridge mcast_snooping 0")
    _ip("link set mgmt addrgenmode none up")
    _ip(f"address add {MACHINE}/{MANAGEMENT.prefixlen} dev mgmt")


def _package_cache(keeping: Keeping, packages: str) -> list[subprocess.Popen[bytes]]:
    """apt-cacher-ng, from the guest's file system, in the machine's own network namespace.

    It listens on the machine's loopback, and a Unix socket, which does not care
    for network namespaces, carries its port into the lab.
    """
    root = Path(keeping.guest_root)
    for source, target in (
        (packages, "var/cache/apt-cacher-ng"),
        ("/etc/resolv.conf", "etc/resolv.conf"),
    ):
        subprocess.run(["mount", "--bind", source, root / target], check=True)
    outside = ["nsenter", f"--net=/proc/self/fd/{keeping.outside}", "--"]
    port = subprocess.run(
        [*outside, sys.executable, "-c", FREE_PORT],
        check=True, capture_output=True, text=True, pass_fds=[keeping.outside],
    ).stdout.strip()  # fmt: skip
    settings = [
        "BindAddress=127.0.0.1", f"Port={port}", "ForeGround=1",
        "CacheDir=/var/cache/apt-cacher-ng", "LogDir=/var/cache/apt-cacher-ng",
    ]  # fmt: skip
    if keeping.upstream_proxy:
        settings.append(f"Proxy={keeping.upstream_proxy}")
    cacher = ["chroot", str(root), "/usr/sbin/apt-cacher-ng", "-c", "/etc/apt-cacher-ng"]
    carrier = f"{keeping.run}/packages"
    return [
        subprocess.Popen([*outside, *cacher, *settings], pass_fds=[keeping.outside]),
        subprocess.Popen(
            [*outside, "socat", f"UNIX-LISTEN:{carrier},fork", f"TCP:127.0.0.1:{port}"],
            pass_fds=[keeping.outside],
        ),
        subprocess.Popen(
            ["socat", f"TCP-LISTEN:{PROXY_PORT},fork,reuseaddr", f"UNIX-CONNECT:{carrier}"]
        ),
    ]


def _shelter_podman(own: Path, guest_root: Path, other_roots: dict[str, str]) -> None:
    """Keep the lab's containers and podman's records of them apart from the machine's own.

    The mounts are in the keeper's mount namespace only, in which the engine runs.
    """
    (own / "nodes").mkdir(parents=True)
    for name, root in {SUITE: f"{guest_root}/lab/{SUITE}", **other_roots}.items():
        (own / name).symlink_to(root)
    for name, target in (("storage", "/var/lib/containers"), ("configuration", "/etc/containers")):
        (own / name).mkdir()
        subprocess.run(["mount", "--bind", own / name, target], check=True)
    for file in (guest_root / "etc" / "containers").iterdir():
        if file.is_file():
            shutil.copy(file, own / "configuration")
    subprocess.run(["mount", "-t", "tmpfs", "tmpfs", "/run/containers", "--mkdir"], check=True)
    subprocess.run(["mount", "-t", "tmpfs", "tmpfs", "/run/libpod", "--mkdir"], check=True)


def _free_cache(caches: str) -> tuple[int, str]:
    """Give the first cache of packages that no other running lab writes to, and its number."""
    for number in itertools.count():
        path = Path(caches) / f"packages-{number}"
        path.mkdir(parents=True, exist_ok=True)
        lock = os.open(path, os.O_RDONLY)  # held until the keeper ends
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(lock)
        else:
            return number, str(path)
    raise AssertionError("a count has no end")


def _processors(number: int, count: int) -> list[int]:
    """Give the processors of the machine that a guest runs on; labs side by side share them out.

    A system call in the guest is handed from one process of the machine to another and back. On
    one processor that took 14 microseconds, and 87 where the two were free to move.
    """
    processors = sorted(os.sched_getaffinity(0), reverse=True)
    return [processors[(number + i) % len(processors)] for i in range(min(count, len(processors)))]


def _link_socket() -> int:
    """Give a raw socket on the guest's end of the link.

    The guest could open one itself (transport=raw), with the default buffer, which a burst
    overruns: the packets lost then cost seconds of retransmission.
    """
    link = socket.socket(socket.AF_PACKET, socket.SOCK_RAW | socket.SOCK_NONBLOCK)
    link.setsockopt(socket.SOL_SOCKET, SO_RCVBUFFORCE, LINK_BUFFER)
    link.setsockopt(socket.SOL_SOCKET, SO_SNDBUFFORCE, LINK_BUFFER)
    link.bind(("guest", ETH_P_ALL))
    return link.detach()


def _guest(keeping: Keeping, processors: list[int]) -> subprocess.Popen[bytes]:
    """The kernel, on a copy-on-write layer of its own over the common disk."""
    state = Path(keeping.state)
    disk, *others = keeping.disks
    link = _link_socket()
    with (state / CONSOLE).open("wb") as console:
        guest = subprocess.Popen(
            ["nice", "-n", NICE, "taskset", "--cpu-list", ",".join(map(str, processors)),
             str(keeping.kernel), f"mem={keeping.memory_mib}M", f"ncpus={keeping.processors}",
             "seccomp=on",
             f"ubda={state / 'disk.cow'},{disk}", "root=/dev/ubda", "rw",
             *(f"ubd{letter}r={path}" for letter, path in zip(string.ascii_lowercase[1:], others)),
             # What the kernel does not know is its init's.
             f"LAB_ROOTS={','.join(keeping.other_roots)}",
             f"vec0:transport=fd,fd={link},depth={LINK_DEPTH}",
             f"uml_dir={state / 'uml'}", "umid=guest",
             "con=none", "con0=fd:0,fd:1", "quiet", "init=/lab/init"],
            stdin=subprocess.DEVNULL, stdout=console, stderr=console, start_new_session=True,
            pass_fds=[link],
        )  # fmt: skip
    _put_first(guest.pid)
    return guest


def _put_first(leader: int) -> None:
    """Let a session's processes go before others.

    A kernel that groups processes by session looks at nice values only within one: sched(7),
    autogroup.
    """
    group = Path(f"/proc/{leader}/autogroup")
    if group.exists():
        group.write_text(NICE)


if __name__ == "__main__":
    sys.exit(keep(Keeping(**json.loads(sys.argv[1]))))
