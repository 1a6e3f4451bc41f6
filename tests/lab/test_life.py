"""The lab's own promises: real hosts that reboot, and nothing left on the machine."""

from __future__ import annotations

import os
import select
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from lvs_lab.paths import CHECKOUT, run_dir

LAB = str(CHECKOUT / "lab" / "lab")

INVENTORY = str(CHECKOUT / "tests" / "lab" / "inventory")

NETWORK_STATE = ("ip -o link", "ip -o address", "ip route show table all", "ip rule", "mount")
"""What of the machine's own must be the same before, under and after a lab."""


def lab(*words: str, given: str = "") -> subprocess.CompletedProcess[str]:
    """Run the lab's command as a user would."""
    return subprocess.run([LAB, *words], input=given, capture_output=True, text=True, check=False)


def machine_state() -> list[str]:
    """Give what the machine's own namespace looks like, without counters of time."""
    outputs = []
    for command in NETWORK_STATE:
        done = subprocess.run(command.split(), capture_output=True, text=True, check=True)
        outputs.append(done.stdout)
    return outputs


def processes_of(state: Path) -> list[str]:
    """Give the command lines of the processes that belong to the lab in a state directory."""
    found = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            line = path.read_bytes().replace(b"\0", b" ").decode(errors="replace")
        except (FileNotFoundError, ProcessLookupError):
            continue
        if str(state) in line or str(run_dir()) in line:
            found.append(line)
    return found


def wait_until_gone(process: int) -> None:
    """Wait for the end of a process that is not our child."""
    try:
        descriptor = os.pidfd_open(process)
    except ProcessLookupError:
        return
    select.select([descriptor], [], [], 30)
    os.close(descriptor)


@pytest.fixture(scope="module")
def state() -> Iterator[Path]:
    """Give a state directory of this test's own."""
    former = os.environ.get("LVS_LAB_STATE")
    with tempfile.TemporaryDirectory(prefix="lvs") as directory:
        os.environ["LVS_LAB_STATE"] = f"{directory}/lab"
        yield Path(directory) / "lab"
        lab("down")
    if former is None:
        del os.environ["LVS_LAB_STATE"]
    else:
        os.environ["LVS_LAB_STATE"] = former


@pytest.fixture(scope="module")
def machine_before() -> list[str]:
    """Give the machine's own state before there was a lab."""
    return machine_state()


@pytest.fixture(scope="module")
def running(state: Path, machine_before: list[str]) -> Path:
    """Give the state directory of a lab that is up."""
    done = lab("up", INVENTORY)
    assert done.returncode == 0, done.stderr
    return state


@pytest.mark.usefixtures("running")
class TestALabThatIsUp:
    """Two hosts, on a kernel that has IPVS."""

    def test_the_kernel_has_ipvs(self) -> None:
        assert "IP Virtual Server" in lab("exec", "one", "cat", "/proc/net/ip_vs").stdout

    def test_each_host_has_the_distribution_that_it_asks_for(self) -> None:
        codename = ("sh", "-c", ". /etc/os-release; echo $VERSION_CODENAME")
        told = [lab("exec", host, *codename).stdout for host in ("one", "two")]
        assert told == ["trixie\n", "bookworm\n"]

    @pytest.mark.parametrize("address", ["192.168.0.2", "fd00:1::2"])
    def test_the_hosts_reach_each_other(self, address: str) -> None:
        banner = f"import socket; print(socket.create_connection(('{address}', 22), 5).recv(7))"
        assert lab("exec", "one", "python3", "-c", banner).stdout == "b'SSH-2.0'\n"

    def test_its_kernel_goes_before_other_sessions(self, running: Path) -> None:
        """Whatever else the machine has to do; a machine that has IPVS runs none."""
        leaders = [
            path.parent
            for path in Path("/proc").glob("[0-9]*/cmdline")
            if path.read_bytes().split(b"\0")[0].endswith(b"/linux")
            and f"ubda={running}/".encode() in path.read_bytes()
        ]
        groups = [leader / "autogroup" for leader in leaders]
        told = [group.read_text().split()[-1] for group in groups if group.exists()]
        assert set(told) <= {"-10"}

    def test_a_command_keeps_its_arguments_its_input_and_its_status(self) -> None:
        program = "import sys; print(sys.argv[1:], sys.stdin.read()); sys.exit(7)"
        done = lab("exec", "one", "python3", "-c", program, "a b", "$HOME", "*", given="input")
        assert (done.returncode, done.stdout) == (7, "['a b', '$HOME', '*'] input\n")

    def test_a_command_can_run_where_the_nodes_are_reached(self) -> None:
        banner = "import socket; print(socket.create_connection(('198.18.0.11', 22), 5).recv(7))"
        assert lab("run", "python3", "-c", banner).stdout == "b'SSH-2.0'\n"

    def test_the_machine_itself_is_as_it_was(self, machine_before: list[str]) -> None:
        assert machine_state() == machine_before

    def test_up_again_leaves_it_alone(self) -> None:
        assert "already up" in lab("up", INVENTORY).stderr

    def test_an_unknown_node_is_named(self) -> None:
        done = lab("exec", "three", "true")
        assert (done.returncode, done.stderr) == (
            1,
            "lab: error: the lab has no node 'three'; it has one, two\n",
        )

    def test_a_reboot_keeps_the_disk_and_the_links_and_nothing_else(self) -> None:
        mark = "touch /root/disk /run/memory; ip address add 192.168.0.9/24 dev eth1"
        links = ("exec", "one", "ip", "-br", "link", "show", "eth1")
        assert lab("exec", "one", "sh", "-c", mark).returncode == 0
        hardware = lab(*links).stdout.split()[2]
        assert lab("reboot", "one").returncode == 0
        assert lab("exec", "one", "ls", "/root/disk", "/run/memory").stdout == "/root/disk\n"
        addresses = lab("exec", "one", "ip", "-br", "address", "show", "eth1").stdout
        assert "192.168.0.1/24" in addresses
        assert "192.168.0.9" not in addresses
        assert lab(*links).stdout.split()[2] == hardware

    def test_a_cut_host_is_gone_until_it_is_started(self) -> None:
        connect = "import socket; socket.create_connection(('192.168.0.2', 22), {})"
        assert lab("cut", "two").returncode == 0
        assert lab("exec", "one", "python3", "-c", connect.format(1)).returncode == 1
        assert lab("start", "two").returncode == 0
        # One packet that is late is sent again after a second.
        assert lab("exec", "one", "python3", "-c", connect.format(20)).returncode == 0

    def test_its_sockets_and_keys_are_for_their_owner_alone(self, running: Path) -> None:
        assert (running / "key").stat().st_mode & 0o077 == 0
        assert (running / "ssh").stat().st_mode & 0o077 == 0
        assert run_dir().stat().st_mode & 0o077 == 0


class TestTheEndOfALab:
    """However it comes, nothing is left."""

    def test_down(self, running: Path, machine_before: list[str]) -> None:
        assert lab("down").returncode == 0
        assert (processes_of(running), running.exists(), run_dir().exists()) == ([], False, False)
        assert machine_state() == machine_before
        assert lab("status").returncode == 3
        assert "no lab is up" in lab("exec", "one", "true").stderr

    @pytest.mark.parametrize("cause", [signal.SIGINT, signal.SIGTERM])
    def test_an_interrupt_on_the_way_up(
        self, state: Path, machine_before: list[str], cause: signal.Signals
    ) -> None:
        process = self.started_until(b"starting one, two")
        process.send_signal(cause)
        assert process.wait(30) == 130
        assert (processes_of(state), state.exists(), run_dir().exists()) == ([], False, False)
        assert machine_state() == machine_before

    def test_a_kill_on_the_way_up_and_another_lab_on_top(
        self, state: Path, machine_before: list[str]
    ) -> None:
        process = self.started_until(b"starting one, two")
        keeper = self.keeper(state)
        process.kill()
        process.wait()
        wait_until_gone(keeper)
        assert machine_state() == machine_before
        assert lab("up", INVENTORY).returncode == 0

    def test_a_killed_lab_takes_everything_with_it(
        self, state: Path, machine_before: list[str]
    ) -> None:
        keeper = self.keeper(state)
        os.kill(keeper, signal.SIGKILL)
        wait_until_gone(keeper)
        assert lab("status").returncode == 3
        assert lab("down").returncode == 0
        assert (processes_of(state), state.exists()) == ([], False)
        assert machine_state() == machine_before

    def test_a_start_that_fails_is_tried_once_more(self, state: Path) -> None:
        process = self.started_until(b"starting one, two")
        os.kill(self.keeper(state), signal.SIGKILL)
        said = process.communicate(timeout=300)[1].decode()
        assert process.returncode == 0, said
        assert "trying once more" in said
        assert lab("exec", "two", "hostname").stdout == "two\n"
        assert lab("down").returncode == 0

    @staticmethod
    def started_until(words: bytes) -> subprocess.Popen[bytes]:
        # Whoever runs the tests in the background has a shell that lets them ignore an interrupt.
        command = ["env", "--default-signal=INT", LAB, "up", INVENTORY]
        process = subprocess.Popen(command, stderr=subprocess.PIPE)
        assert process.stderr is not None
        said = []
        for line in process.stderr:
            said.append(line.decode())
            if words in line:
                return process
        raise AssertionError(f"the lab ended before it got there: {''.join(said)}")

    @staticmethod
    def keeper(state: Path) -> int:
        """Give the process that the lab hangs on: PID 1 of its namespace."""
        found = subprocess.run(
            ["pgrep", "--full", f"^python3 -m lvs_lab.keeper .*{state}"],
            capture_output=True, text=True, check=True,
        )  # fmt: skip
        return int(found.stdout.split()[0])
