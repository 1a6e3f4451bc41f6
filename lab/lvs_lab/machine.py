"""What the machine has, and what it lacks."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path

from lvs_lab.errors import LabError
from lvs_lab.progress import say

TOOLS = {
    "ethtool": "ethtool",
    "ip": "iproute2",
    "mke2fs": "e2fsprogs",
    "mmdebstrap": "mmdebstrap",
    "nsenter": "util-linux",
    "socat": "socat",
    "ssh": "openssh-client",
}
"""Commands that every lab needs, and the packages that have them."""

BUILD_TOOLS = {
    "bc": "bc",
    "bison": "bison",
    "flex": "flex",
    "gcc": "gcc",
    "make": "make",
    "xz": "xz-utils",
}
"""What the kernel's build needs besides."""

OWN_KERNEL_TOOLS = {"crun": "crun", "podman": "podman"}
"""What carries the nodes on the machine's own kernel."""


def has_ipvs() -> bool:
    """Tell whether the machine's own kernel has IPVS, loading its module where there is one."""
    if not Path("/proc/net/ip_vs").exists() and shutil.which("modprobe"):
        subprocess.run(["modprobe", "--quiet", "ip_vs"], check=False, capture_output=True)
    return Path("/proc/net/ip_vs").exists()


def load_schedulers() -> None:
    """Load what a node in a container cannot load for itself; nothing where all is built in."""
    if not Path("/proc/modules").exists():
        return
    release = os.uname().release
    directory = Path(f"/lib/modules/{release}/kernel/net/netfilter/ipvs")
    modules = sorted(path.name.split(".")[0] for path in directory.glob("ip_vs_*"))
    subprocess.run(["modprobe", "--all", *modules, "ipip", "fou"], check=True)


def require_root() -> None:
    """Namespaces, mounts and packages are root's."""
    if os.geteuid() != 0:
        raise LabError("the lab needs root: run it as root or with sudo")


def install(own_kernel: bool) -> None:
    """Install what is missing of the packages that the lab needs, and nothing else."""
    tools = {**TOOLS, **(OWN_KERNEL_TOOLS if own_kernel else BUILD_TOOLS)}
    packages = sorted({package for tool, package in tools.items() if not shutil.which(tool)})
    if not own_kernel and not Path("/usr/include/stdio.h").exists():
        packages.append("libc6-dev")
    if not packages:
        say("all that the lab needs is installed")
        return
    for command in (
        ["apt-get", "update"],
        ["apt-get", "install", "--yes", "--no-install-recommends", *packages],
    ):
        _run_shown(command)


def _run_shown(command: Sequence[str]) -> None:
    say(f"running: {' '.join(command)}")
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise LabError(f"{' '.join(command)} failed:\n{done.stdout}{done.stderr}")


def memory_mib() -> int:
    """Give the guest's memory: 6 GiB, or half of what is free. It is taken as it is touched."""
    found = re.search(r"^MemAvailable:\s+(\d+)", Path("/proc/meminfo").read_text(), re.MULTILINE)
    available = int(found.group(1)) // 1024 if found else 0
    return min(6144, available // 2)


def upstream_proxy() -> str | None:
    """Give the proxy that the machine's own apt uses, if it uses one."""
    dump = subprocess.run(
        ["apt-config", "shell", "PROXY", "Acquire::http::Proxy"],
        check=True, capture_output=True, text=True,
    ).stdout  # fmt: skip
    found = re.search(r"PROXY='([^']+)'", dump)
    return found.group(1) if found and found.group(1) != "DIRECT" else None
