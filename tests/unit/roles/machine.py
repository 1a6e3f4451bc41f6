# Copyright (c) 2026, The lvs.cluster authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A host on which the programs of the roles run, beside stand-ins for the commands they run."""

from __future__ import annotations

import subprocess
from pathlib import Path

ROLES = Path(__file__).parents[3] / "roles"
STAND_INS = Path(__file__).with_name("stand-ins")
COMMANDS = [
    "bird",
    "birdc",
    "ip",
    "ipvsadm",
    "keepalived",
    "ldirectord",
    "modprobe",
    "nft",
    "sleep",
    "systemctl",
    "unshare",
]
ARP = "net/ipv4/conf/all/arp_ignore"
FORWARD, CONNTRACK = "net/ipv4/ip_forward", "net/ipv4/vs/conntrack"
ALL_STRICT, DEVICE_STRICT = (f"net/ipv4/conf/{name}/rp_filter" for name in ("all", "tunl0"))
RULES = ["-A -t 192.0.2.1:80 -s rr", "-a -t 192.0.2.1:80 -r 10.0.0.1:80 -m -w 1"]
MARKED = ["-A -f 1 -6 -s rr", "-a -f 1 -6 -r [fd00::1]:0 -g -w 1"]
MASTER = "--start-daemon master --mcast-interface eth2 --syncid 7"
BACKUP = "--start-daemon backup --mcast-interface eth1"
CHAINS = """table inet {table} {{
	chain {chain} {{
	}}
}}
"""


class Machine:
    """A host: its files, what the commands keep of it, and what the programs say."""

    def __init__(self, root: Path) -> None:
        """Have the directories that every host has."""
        self.root = root
        self.environment = {"LVS_ROOT": str(root)}
        for name in ("etc/lvs-cluster", "run", "proc/sys", "bin", "state"):
            (root / name).mkdir(parents=True)
        for name in COMMANDS:
            (root / "bin" / name).symlink_to(STAND_INS)
        self.state("up-of-itself", "eth1", "lo")

    def etc(self, name: str, *lines: str) -> None:
        """Write one of the files that a role writes."""
        self.root.joinpath("etc/lvs-cluster", name).write_text("".join(f"{x}\n" for x in lines))

    def state(self, name: str, *lines: str) -> None:
        """Make a part of the host be so."""
        self.root.joinpath("state", name).write_text("".join(f"{x}\n" for x in lines))

    def has(self, name: str, where: str = "state") -> list[str]:
        """Return a part of the host, or of what is written down about it."""
        path = self.root / where / name
        return path.read_text().splitlines() if path.exists() else []

    def ours(self, name: str) -> list[str]:
        """Return what is written down as ours."""
        return self.has(name, "run/lvs-cluster")

    def sysctl(self, path: str, value: str | None = None) -> str:
        """Set one of the kernel's settings, or read it."""
        file = self.root / "proc/sys" / path
        if value is not None:
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(f"{value}\n")
        return file.read_text().strip()

    def run(self, program: str, *words: str, status: int | None = 0) -> str:
        """Run a program of a role, and return what it says; without a status, it has to fail."""
        (path,) = ROLES.glob(f"*/files/{program}")
        done = subprocess.run(
            ["sh", path, *words],
            env=self.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        ended = done.returncode != 0 if status is None else done.returncode == status
        assert ended, done.stdout
        return done.stdout

    def unit(self, *words: str, status: int = 0) -> str:
        """Run lvs-unit."""
        return self.run("lvs-unit", *words, status=status)
