"""A lab that is up: its state, its life and its death."""

from __future__ import annotations

import contextlib
import json
import os
import select
import shutil
import signal
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

from lvs_lab.errors import BootError, LabError
from lvs_lab.keeper import CONSOLE, READY, Keeping
from lvs_lab.paths import CHECKOUT, run_dir, state_dir
from lvs_lab.topology import GUEST, Topology

BOOT_LIMIT = 300.0
"""Seconds after which a guest or node that does not come up is given up."""

KEEPER_LOG = "keeper.log"


@dataclass(frozen=True)
class Lab:
    """A running lab, known by the process that its namespaces hang on."""

    pid: int
    """Of `unshare`, which is in the lab's network namespace and whose child the keeper is."""
    started: int
    """That process's start time, so that another process with its number is not taken for it."""
    kernel: str
    """`uml` or `own`."""
    topology: str
    """The topology, as JSON."""

    @classmethod
    def of(cls, started: Start, topology: Topology, own_kernel: bool) -> Lab:
        """Give the lab that a start has begun."""
        pid = started.process.pid
        began = _start_time(pid)
        if began is None:
            raise BootError("the lab ended at once")
        return cls(pid, began, "own" if own_kernel else "uml", topology.as_json())

    def alive(self) -> bool:
        """Tell whether the lab is up."""
        return _start_time(self.pid) == self.started

    def inside(self) -> list[str]:
        """Give the words before a command that is to run where the nodes can be reached."""
        return ["nsenter", "--target", str(self.pid), "--net", "--"]

    def at_nodes(self) -> list[str]:
        """Give the words before a command that is to run on the kernel that carries the nodes."""
        if self.kernel == "uml":
            return ["ssh", "-F", str(ssh_config()), "lab-guest", "--"]
        nodes = f"LVS_LAB_NODES={state_dir() / 'own'}"
        cgroup = f"LVS_LAB_CGROUP=/{_cgroup().name}"
        keeper = str(_children(self.pid)[0])
        return ["nsenter", "--target", keeper, "--all", "--", "env", nodes, cgroup]

    def save(self) -> None:
        """Write the lab's state, for the commands to come."""
        _state_file().write_text(json.dumps(self.__dict__))


def _cgroup() -> Path:
    """Give the control group of the nodes, on the machine's own kernel."""
    return Path("/sys/fs/cgroup") / f"lvs-lab-{run_dir().name}"


def _state_file() -> Path:
    return state_dir() / "state.json"


def ssh_config() -> Path:
    """Give the ssh configuration by which every node is reached under its own name."""
    return state_dir() / "ssh_config"


def running() -> Lab | None:
    """Give the lab that is up, if one is."""
    try:
        lab = Lab(**json.loads(_state_file().read_text()))
    except FileNotFoundError:
        return None
    return lab if lab.alive() else None


def required() -> Lab:
    """Give the lab that is up; raises LabError where none is."""
    lab = running()
    if lab is None:
        raise LabError("no lab is up; start one with: lab/lab up inventories/nat")
    return lab


def _start_time(pid: int) -> int | None:
    """Give a process's start time in clock ticks since the boot; None where it has ended."""
    fields = _stat(pid)
    return int(fields[19]) if fields and fields[0] != "Z" else None


def _stat(pid: int) -> list[str] | None:
    """Give the fields of /proc/PID/stat from the third, the state, on (proc_pid_stat(5))."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return None
    return stat.rpartition(")")[2].split()


@dataclass
class Start:
    """A lab on its way up."""

    process: subprocess.Popen[bytes]
    lifeline: int

    def ended(self) -> bool:
        """Tell whether the keeper has ended already."""
        return self.process.poll() is not None

    def release(self) -> None:
        """Let the lab live on without its maker."""
        os.write(self.lifeline, b"k")
        os.close(self.lifeline)


def start(keeping_of: Keeping) -> Start:
    """Start the keeper in namespaces of its own. Its lifeline and outside are set here."""
    read, write = os.pipe()
    outside = os.open("/proc/self/ns/net", os.O_RDONLY)
    keeping = Keeping(**{**keeping_of.__dict__, "lifeline": read, "outside": outside})
    with (state_dir() / KEEPER_LOG).open("wb") as log:
        process = subprocess.Popen(
            ["unshare", "--net", "--mount", "--pid", "--fork", "--kill-child", "--mount-proc",
             "python3", "-m", "lvs_lab.keeper", keeping.as_json()],
            pass_fds=[read, outside], stdin=subprocess.DEVNULL, stdout=log, stderr=log,
            env={**os.environ, "PYTHONPATH": str(CHECKOUT / "lab")}, start_new_session=True,
        )  # fmt: skip
    os.close(read)
    os.close(outside)
    return Start(process, write)


def write_ssh_config(topology: Topology, key: Path, known_hosts: Path) -> None:
    """Write the configuration, with the key, by which nodes and guest are reached."""
    state = state_dir()
    sockets = state / "ssh"
    sockets.mkdir(mode=0o700)
    longest = max(len(node.name) for node in topology.nodes)
    if len(str(sockets)) + longest + len("/.0123456789abcdef") > 107:
        raise LabError(f"{sockets} is too long a path for a Unix socket; set LVS_LAB_STATE")
    shutil.copy(key, state / "key")
    (state / "key").chmod(0o600)
    shutil.copy(known_hosts, state / "known_hosts")
    hosts = [("lab-guest", str(GUEST))] + [(node.name, node.management) for node in topology.nodes]
    lines = [f"Host {name}\n    HostName {address}\n" for name, address in hosts]
    lines.append(
        "Host *\n"
        "    User root\n"
        f"    IdentityFile {state / 'key'}\n"
        "    IdentitiesOnly yes\n"
        f"    UserKnownHostsFile {state / 'known_hosts'}\n"
        "    GlobalKnownHostsFile /dev/null\n"
        "    HostKeyAlias lab\n"
        f"    ProxyCommand {CHECKOUT / 'lab' / 'lab'} connect %h %p\n"
        "    ControlMaster auto\n"
        f"    ControlPath {sockets}/%n\n"
        "    ControlPersist 10m\n"
        "    ServerAliveInterval 15\n"
        "    LogLevel ERROR\n"
    )
    ssh_config().write_text("".join(lines))


def hang_up(name: str) -> None:
    """End the shared connection to a node, which would go on waiting for a host that is gone."""
    if (state_dir() / "ssh" / name).exists():
        subprocess.run(
            ["ssh", "-F", ssh_config(), "-O", "exit", name], check=False, capture_output=True
        )


def wait_for_guest(started: Start) -> None:
    """Wait for the line by which the guest's init, or the keeper, says that it is done."""
    console = state_dir() / CONSOLE
    deadline = time.monotonic() + BOOT_LIMIT
    while READY not in (console.read_text(errors="replace") if console.exists() else ""):
        if started.ended() or time.monotonic() > deadline:
            raise BootError("the guest did not come up")
        time.sleep(0.05)


def last_words() -> str:
    """Give the ends of the lab's logs, to be put after what went wrong."""
    found = []
    for name in (KEEPER_LOG, CONSOLE):
        log = state_dir() / name
        lines = log.read_text(errors="replace").splitlines()[-15:] if log.exists() else []
        if lines:
            found.append("\n".join([f"\nthe end of {name}:", *lines]))
    return "".join(found)


def wait_for_node(name: str) -> None:
    """Wait until a node's sshd answers, and then until its boot has ended."""
    deadline = time.monotonic() + BOOT_LIMIT
    ssh = ["ssh", "-F", str(ssh_config()), "-o", "ConnectTimeout=30", name]
    while True:
        tried = subprocess.run(
            [*ssh, "systemctl", "is-system-running", "--wait"],
            check=False, capture_output=True, text=True, stdin=subprocess.DEVNULL,
        )  # fmt: skip
        if tried.stdout.strip() in ("running", "degraded"):
            return
        if time.monotonic() > deadline:
            raise BootError(f"node {name} did not come up: {tried.stdout}{tried.stderr}".strip())
        time.sleep(0.1)


def stop() -> bool:
    """End the lab, or what is left of one; tells whether there was anything."""
    state = state_dir()
    there = state.exists() or run_dir().exists()
    lab = running()
    visitors = _visitors(lab)
    if lab is not None:
        _end([lab.pid, *_children(lab.pid)], first=lab.pid)
    for visitor in visitors:
        _end([visitor], first=visitor)
    for group in sorted(_cgroup().glob("**/"), reverse=True):
        group.rmdir()
    shutil.rmtree(state, ignore_errors=True)
    shutil.rmtree(run_dir(), ignore_errors=True)
    return there


def _visitors(lab: Lab | None) -> list[int]:
    """Give the processes outside that hang on the lab: in its network, or ssh's to its nodes."""
    network = Path(f"/proc/{lab.pid}/ns/net").stat().st_ino if lab else None
    inside = {os.getpid(), *([lab.pid, *_children(lab.pid)] if lab else [])}
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        pid = int(process.name)
        try:
            words = (process / "cmdline").read_bytes().decode(errors="replace")
            visits = (process / "ns" / "net").stat().st_ino == network
        except (FileNotFoundError, PermissionError, ProcessLookupError):
            continue
        connects = words.startswith("ssh") and (
            str(ssh_config()) in words or f"{state_dir()}/ssh/" in words
        )
        if pid not in inside and (visits or connects):
            found.append(pid)
    return found


def _children(parent: int) -> list[int]:
    """Give a process's children. /proc/PID/task/TID/children is not there in every kernel."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        fields = _stat(int(process.name))
        if fields and int(fields[1]) == parent:
            found.append(int(process.name))
    return found


def _end(watched: list[int], first: int) -> None:
    """Kill the first process, and wait until it and the others, which end with it, are gone."""
    descriptors = []
    for pid in watched:
        with contextlib.suppress(ProcessLookupError):
            descriptors.append(os.pidfd_open(pid))
    with contextlib.suppress(ProcessLookupError):
        os.kill(first, signal.SIGKILL)
    for descriptor in descriptors:
        # A pidfd is readable when the process has ended (pidfd_open(2)). PID 1 of a
        # namespace ends last, when everybody in it is gone.
        select.select([descriptor], [], [], BOOT_LIMIT)
        os.close(descriptor)
