"""What the scenarios' tests ask the nodes with."""

from __future__ import annotations

import os
import re
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import testinfra
import yaml
from testinfra.host import Host

CHECKOUT = Path(__file__).resolve().parents[1]
LAB = CHECKOUT / "lab" / "lab"
STATE = Path(os.environ.get("LVS_LAB_STATE") or CHECKOUT / ".lab")
INVENTORY = CHECKOUT / "inventories" / os.environ.get("MOLECULE_SCENARIO_NAME", "nat")

# By these a director asks one real server alone (docs/description.md).
CHECK_MARKS = range(1281359872, 1282408448)

Site = Callable[..., "subprocess.CompletedProcess[str]"]
"""Runs site.yml with other services."""


def lab(*words: str) -> str:
    """Have the lab do something, such as reboot a node, and return what it says."""
    return subprocess.run([LAB, *words], capture_output=True, text=True, check=True).stdout


def environment(*, alone: bool = False) -> dict[str, str]:
    """Return what a playbook is run with; alone, it shares nothing with those before it."""
    given = {
        **os.environ,
        "LVS_LAB_STATE": str(STATE),
        "ANSIBLE_CONFIG": str(CHECKOUT / "ansible.cfg"),
        # Molecule asks for colours, whose codes would stand in the middle of sentences.
        "ANSIBLE_FORCE_COLOR": "false",
        "ANSIBLE_NOCOLOR": "true",
    }
    if alone:
        given.pop("LVS_PLAYBOOKS", None)
    return given


def ansible_playbook(*words: str | Path) -> subprocess.CompletedProcess[str]:
    """Run a playbook of the checkout as its users do, and return how it ended."""
    return subprocess.run(
        ["ansible-playbook", *words],
        cwd=CHECKOUT,
        env=environment(),
        capture_output=True,
        text=True,
        check=False,
    )


def node(name: str) -> Host:
    """Connect to a node of the lab."""
    return testinfra.get_host(f"ssh://root@{name}?ssh_config={STATE / 'ssh_config'}")


def variable(name: str) -> str:
    """Return a variable that the lab's own file of the inventory gives to all hosts."""
    return str(yaml.safe_load((INVENTORY / "lab.yml").read_text())["all"]["vars"][name])


def fetch(client: Host, vip: str, count: int, options: str = "") -> list[str]:
    """Return the client's answers to so many requests, one after the other.

    Options are curl's; an address with a protocol before it is asked by that.
    """
    url = vip if "//" in vip else f"http://{vip}"
    loop = f"for i in $(seq {count}); do curl -sS --max-time 10 {options} {url}/; done"
    return str(client.check_output(loop)).split()


ASK = """
import socket
family = socket.AF_INET6 if ":" in "{address}" else socket.AF_INET
for number in range({count}):
    with socket.socket(family, socket.SOCK_DGRAM) as asked:
        asked.settimeout(10)
        asked.connect(("{address}", 5300))
        asked.send(b"who")
        print(asked.recv(64).decode())
"""


def ask(client: Host, address: str, count: int) -> list[str]:
    """Return the answers by UDP; one that comes from another address does not count."""
    script = ASK.replace("{address}", address).replace("{count}", str(count))
    return str(client.check_output(f"python3 -c '{script}'")).split()


def hardware_address(host: Host, interface: str) -> str:
    """Return the hardware address of an interface."""
    return str(host.check_output(f"cat /sys/class/net/{interface}/address"))


def answerers(host: Host, interface: str, address: str) -> set[str]:
    """Ask a link who has an address, by ARP or neighbour discovery; return all that answer."""
    if ":" in address:
        told = host.run(f"ndisc6 -m -r 2 -w 1000 {address} {interface}").stdout
        found = re.findall(r"link-layer address: +(\S+)", told)
    else:
        told = host.run(f"arping -b -c 3 -w 3 -I {interface} {address}").stdout
        found = re.findall(r"\[(\S+)\]", told)
    return {entry.lower() for entry in found}


class Capture:
    """What a host sees of some packets while the body runs."""

    def __init__(self, host: Host, expression: str) -> None:
        """Take tcpdump's expression."""
        self._host = host
        self._expression = expression

    def __enter__(self) -> Capture:
        """Begin, and wait until packets are seen."""
        self._host.check_output("rm -f /tmp/capture /tmp/told")
        self._host.check_output(
            "tcpdump -i any -n -U --immediate-mode -Z root -w /tmp/capture"
            f" '{self._expression}' </dev/null >/dev/null 2>/tmp/told &"
        )
        told = self._host.file("/tmp/told")
        until("tcpdump listens", lambda: "listening" in told.content_string)
        return self

    def __exit__(self, *_exception: object) -> None:
        """End."""
        self._host.check_output("pkill -x tcpdump")

    def lines(self) -> list[str]:
        """Return the packets as tcpdump prints them."""
        return str(self._host.run("tcpdump -n -v -r /tmp/capture").stdout).splitlines()


def sent_back(director: Host) -> int:
    """Return how many bytes of answers went through the director, by ipvsadm's counters."""
    lines = director.check_output("ipvsadm -Ln --stats --exact").splitlines()[3:]
    return sum(int(line.split()[-1]) for line in lines)


def taken_in(director: Host) -> int:
    """Return how many connections the director has given to real servers."""
    lines = director.check_output("ipvsadm -Ln --stats --exact").splitlines()[3:]
    return sum(int(line.split()[2]) for line in lines if "->" not in line)


def table(director: Host) -> list[list[str]]:
    """Return ipvsadm's own listing, without its head and without the connections' counts.

    And without what is there for checks by the clients' way.
    """
    found, of_check = [], False
    for line in director.check_output("ipvsadm -Ln").splitlines()[3:]:
        words = line.split()
        if words[0] != "->":
            of_check = words[0] == "FWM" and int(words[1]) in CHECK_MARKS
        if not of_check:
            found.append(words[:4] if words[0] == "->" else words)
    return found


def established(director: Host) -> list[str]:
    """Return the established connections: client, virtual address and real server of each."""
    lines = director.check_output("ipvsadm -Lnc").splitlines()
    return [" ".join(line.split()[3:]) for line in lines if " ESTABLISHED " in line]


@contextmanager
def dropped(expression: str, *hosts: Host) -> Iterator[None]:
    """Have hosts drop some packets, as a link would that is cut, while the body runs."""
    rules = "; ".join(
        f"add chain inet cut {hook} {{ type filter hook {hook} priority -300; }};"
        f" add rule inet cut {hook} {expression} drop"
        for hook in ("input", "output")
    )
    for host in hosts:
        host.check_output(f"nft 'add table inet cut; {rules}'")
    try:
        yield
    finally:
        for host in hosts:
            host.check_output("nft delete table inet cut")


def mount_at(host: Host, path: str) -> dict[str, str]:
    """Return the NFS mount at a path, as the kernel tells it: id, mount, source and options."""
    for line in host.check_output("cat /proc/self/mountinfo").splitlines():
        fields = line.split()
        if fields[4] == path and fields[-3].startswith("nfs"):
            return {
                "id": fields[0],
                "mount": f",{fields[5]},",
                "source": fields[-2],
                "options": f",{fields[-1]},",
            }
    return {}


def until(what: str, condition: Callable[[], Any], seconds: float = 20) -> Any:
    """Wait until the condition holds, and return what it gave."""
    end = time.monotonic() + seconds
    while True:
        found = condition()
        if found:
            return found
        assert time.monotonic() < end, f"not within {seconds} s: {what}"
        time.sleep(0.2)


DOWNLOAD = """
import http.client, os, time
connection = http.client.HTTPConnection("{vip}", timeout=30)
connection.request("GET", "/large")
answer, size = connection.getresponse(), 0
while data := answer.read(65536):
    size += len(data)
    if not os.path.exists("/tmp/hurry"):
        time.sleep(2)
print(size)
"""


class Download:
    """A download by the client that takes its time until it is told to hurry."""

    def __init__(self, client: Host, vip: str) -> None:
        """Begin; there are 320 pauses, of two seconds: longer than any run of site.yml."""
        self._client = client
        script = DOWNLOAD.replace("{vip}", vip)
        client.check_output("rm -f /tmp/hurry /tmp/size")
        client.check_output(f"python3 -c '{script}' >/tmp/size 2>&1 </dev/null &")

    def size(self) -> int:
        """Hurry to the end, and return how much there was."""
        self._client.check_output("touch /tmp/hurry")
        text = until("the download has ended", lambda: self._client.check_output("cat /tmp/size"))
        return int(text)
