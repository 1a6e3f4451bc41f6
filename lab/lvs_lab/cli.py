"""The words of the lab's command, and what each does."""

from __future__ import annotations

import argparse
import json
import os
import shlex
import shutil
import signal
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from lvs_lab import engine, lab, machine
from lvs_lab.errors import BootError, LabError
from lvs_lab.keeper import Keeping
from lvs_lab.parts import make_parts
from lvs_lab.paths import CHECKOUT, cache_dir, run_dir, state_dir
from lvs_lab.progress import say, step
from lvs_lab.topology import Topology, from_inventory

DESCRIPTION = """\
Real Linux hosts with a real IPVS kernel, in a network namespace of their own.

  lab/lab setup              install the packages that the lab needs and the machine lacks
  lab/lab build              make what every lab is made of, where the cache does not have it
  lab/lab up INVENTORY       make the networks and nodes that an inventory declares
  lab/lab run CMD...         run CMD where the nodes can be reached
  lab/lab exec NODE CMD...   run CMD on a node, with its exit status
  lab/lab reboot NODE...     restart nodes, and wait until they are up again
  lab/lab cut NODE           power a node off at once
  lab/lab start NODE         start a node that was cut
  lab/lab status             say what is up
  lab/lab down               end it all

Where a kernel has to be built, build and up with --demo build one that has no more than the
demonstration needs, which is sooner there.
"""


def main(arguments: Sequence[str]) -> int:
    """Run one command of the lab; gives the exit status."""
    options = _parser().parse_args(arguments)
    signal.signal(signal.SIGTERM, _interrupted)
    signal.signal(signal.SIGHUP, _interrupted)
    try:
        machine.require_root()
        status: int = options.command(options)
    except LabError as error:
        say(f"error: {error}")
        return 1
    except KeyboardInterrupt:
        say("interrupted")
        return 130
    return status


def _interrupted(*_: object) -> None:
    raise KeyboardInterrupt


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="lab/lab", description=DESCRIPTION, formatter_class=argparse.RawTextHelpFormatter
    )
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    commands.add_parser("setup").set_defaults(command=setup)
    up_words = commands.add_parser("up")
    up_words.add_argument("inventory", type=Path)
    build_words = commands.add_parser("build")
    build_words.set_defaults(command=build)
    for words in (build_words, up_words):
        words.add_argument("--demo", action="store_true")
    up_words.set_defaults(command=up)
    run_words = commands.add_parser("run")
    run_words.add_argument("words", nargs=argparse.REMAINDER)
    run_words.set_defaults(command=run)
    exec_words = commands.add_parser("exec")
    exec_words.add_argument("node")
    exec_words.add_argument("words", nargs=argparse.REMAINDER)
    exec_words.set_defaults(command=execute)
    reboot_words = commands.add_parser("reboot")
    reboot_words.add_argument("nodes", nargs="+", metavar="node")
    reboot_words.set_defaults(command=reboot)
    for word, command in (("cut", cut), ("start", start)):
        words = commands.add_parser(word)
        words.add_argument("node")
        words.set_defaults(command=command)
    connect_words = commands.add_parser("connect", help="for ssh: a stream to a node's port")
    connect_words.add_argument("address")
    connect_words.add_argument("port")
    connect_words.set_defaults(command=connect)
    commands.add_parser("status").set_defaults(command=status)
    commands.add_parser("down").set_defaults(command=down)
    return parser


def setup(_: argparse.Namespace) -> int:
    """Install what is missing."""
    machine.install(machine.has_ipvs())
    return 0


def build(options: argparse.Namespace) -> int:
    """Make what every lab is made of."""
    make_parts((), demo=options.demo)
    return 0


def up(options: argparse.Namespace) -> int:
    """Make the networks and nodes of an inventory."""
    topology = from_inventory(_inventory(options.inventory), os.environ.get("LVS_LAB_SUITE", ""))
    there = lab.running()
    if there is not None and there.topology == topology.as_json():
        say("already up")
        return 0
    lab.stop()
    try:
        _up_whole(topology, options.demo)
    except BootError as error:
        say(f"{error}\ntrying once more")
        _up_whole(topology, options.demo)
    return status(options)


def _up_whole(topology: Topology, demo: bool) -> None:
    """Make the lab, or leave nothing of it."""
    try:
        _up(topology, demo)
    except BootError as error:
        # The logs go with the lab.
        reason = f"{error}{lab.last_words()}"
        lab.stop()
        raise BootError(reason) from error
    except BaseException:
        lab.stop()
        raise


def _inventory(path: Path) -> dict[str, object]:
    tool = shutil.which(
        "ansible-inventory", path=f"{CHECKOUT / '.venv' / 'bin'}:{os.environ['PATH']}"
    )
    if tool is None:
        raise LabError("ansible-inventory is missing; make the virtual environment: make .venv")
    if not path.is_dir():
        raise LabError(f"{path} is not a directory; name one of inventories/")
    listing = subprocess.run(
        [tool, "--inventory", path, "--list"], check=False, capture_output=True, text=True
    )
    if listing.returncode != 0:
        raise LabError(f"the inventory cannot be read: {listing.stderr.strip()}")
    parsed: dict[str, object] = json.loads(listing.stdout)
    return parsed


def _up(topology: Topology, demo: bool) -> None:
    parts = make_parts(topology.other_roots(), demo=demo)
    uml = parts.kernel
    if uml is None:
        machine.load_schedulers()
    state_dir().mkdir(parents=True)
    run_dir().mkdir(parents=True, mode=0o700)
    lab.write_ssh_config(topology, parts.guest / "key", parts.guest / "known_hosts")
    with step("booting the kernel" if uml else "making namespaces on the machine's own kernel"):
        started = lab.start(
            Keeping(
                state=str(state_dir()),
                run=str(run_dir()),
                apt_caches=str(cache_dir()),
                guest_root=str(parts.guest / "root"),
                other_roots={name: str(root / "root") for name, root in parts.others.items()},
                kernel=str(uml) if uml else None,
                disks=[str(disk) for disk in parts.disks],
                memory_mib=machine.memory_mib(),
                processors=topology.processors,
                upstream_proxy=machine.upstream_proxy(),
            )
        )
        running = lab.Lab.of(started, topology, own_kernel=uml is None)
        running.save()
        lab.wait_for_guest(started)
    with step(f"starting {', '.join(node.name for node in topology.nodes)}"):
        _engine(running, "up", topology.as_json())
        for node in topology.nodes:
            lab.wait_for_node(node.name)
    started.release()


def _engine(running: lab.Lab, *words: str) -> None:
    source = Path(engine.__file__).read_text()
    command = [*running.at_nodes(), *_quoted(running, ["python3", "-", *words])]
    done = subprocess.run(command, input=source, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise BootError(f"the nodes could not be made: {done.stderr.strip()}")


def _quoted(running: lab.Lab, words: Sequence[str]) -> list[str]:
    """Over SSH the words go through a shell on the other side."""
    return [shlex.join(words)] if running.kernel == "uml" else list(words)


def _podman(running: lab.Lab, *words: str) -> None:
    _at_nodes(running, "podman", *words)


def _at_nodes(running: lab.Lab, *words: str) -> str:
    command = [*running.at_nodes(), *_quoted(running, words)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise LabError(f"{words[0]}: {done.stderr.strip()}")
    return done.stdout


def _node(running: lab.Lab, name: str) -> str:
    topology = json.loads(running.topology)
    names = [node["name"] for node in topology["nodes"]]
    if name not in names:
        raise LabError(f"the lab has no node {name!r}; it has {', '.join(names)}")
    return name


def run(options: argparse.Namespace) -> int:
    """Run a command where the nodes can be reached."""
    words = [*lab.required().inside(), *options.words]
    os.execvp(words[0], words)


def execute(options: argparse.Namespace) -> int:
    """Run a command on a node."""
    name = _node(lab.required(), options.node)
    terminal = ["-t"] if sys.stdin.isatty() and sys.stdout.isatty() else []
    words = ["ssh", "-F", str(lab.ssh_config()), *terminal, name, "--", shlex.join(options.words)]
    os.execvp(words[0], words)


def connect(options: argparse.Namespace) -> int:
    """Be a stream to a node's port: ssh's ProxyCommand."""
    stream = ["socat", "-", f"TCP:{options.address}:{options.port}"]
    words = [*lab.required().inside(), *stream]
    os.execvp(words[0], words)


def reboot(options: argparse.Namespace) -> int:
    """Restart nodes; the first comes up when the last is down, or it would ask who goes down."""
    running = lab.required()
    names = [_node(running, name) for name in options.nodes]
    with step(f"rebooting {', '.join(names)}"):
        for name in names:
            lab.hang_up(name)
            _podman(running, "stop", name)
        _podman(running, "start", *names)
        for name in names:
            lab.wait_for_node(name)
    return 0


# The kernel would answer for a node's addresses, and direct packets, until its network is taken
# down, which podman takes seconds for. What comes after the end is not in the others' way. The
# node's NFS clients would hold up its end for minutes: their servers are out of reach by then.
CUT = r"""
set -eu
init=$(nice -n 19 podman inspect --format '{{.State.Pid}}' "$1")
exec 9<"/proc/$init/ns/net"
nsenter --target "$init" --net ip -o link show |
    sed -nE 's/^[0-9]+: eth[0-9]+@if([0-9]+):.*/\1/p' >"/run/cut.$1"
ip -o link show | awk -F ': ' -v file="/run/cut.$1" '
    BEGIN { while ((getline number < file) > 0) cut[number] = 1 }
    $1 in cut { sub(/@.*/, "", $2); print "link set dev " $2 " down" }
' >"/run/cut.$1.links"
ip -batch "/run/cut.$1.links"
kill -KILL "$init"
date +%s.%N
nsenter --net=/proc/$$/fd/9 unshare --mount sh -c '
    mount -t sysfs sysfs /sys
    for shutdown in /sys/fs/nfs/*/shutdown; do
        [ ! -e "$shutdown" ] || echo 1 >"$shutdown"
    done
'
exec 9<&-
rm "/run/cut.$1" "/run/cut.$1.links"
nice -n 19 podman wait "$1" >/dev/null
nice -n 19 podman container cleanup "$1" >/dev/null
"""


def cut(options: argparse.Namespace) -> int:
    """Power a node off at once, and say when that was, in seconds by the nodes' clock."""
    running = lab.required()
    name = _node(running, options.node)
    print(_at_nodes(running, "sh", "-c", CUT, "cut", name).strip())
    lab.hang_up(name)
    return 0


def start(options: argparse.Namespace) -> int:
    """Start a node that was cut."""
    running = lab.required()
    name = _node(running, options.node)
    _podman(running, "start", name)
    lab.wait_for_node(name)
    return 0


def status(_: argparse.Namespace) -> int:
    """Say what is up; the exit status is 3 where nothing is."""
    running = lab.running()
    if running is None:
        print("no lab is up")
        return 3
    kind = "a kernel of its own (User-Mode Linux)" if running.kernel == "uml" else "this kernel"
    print(f"up, on {kind}; lab/lab exec NODE CMD...; lab/lab down ends it")
    for node in json.loads(running.topology)["nodes"]:
        links = [
            f"{link['name']} ({link['network']}) {', '.join(link['addresses']) or 'no address'}"
            for link in node["interfaces"]
        ]
        print(f"  {node['name']:<12} {'; '.join(links)}")
    return 0


def down(_: argparse.Namespace) -> int:
    """End the lab, or what is left of one."""
    say("the lab is down" if lab.stop() else "no lab was up")
    return 0
