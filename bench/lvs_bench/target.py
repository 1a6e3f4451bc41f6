"""The lab's node that is measured on, and what is put there."""
# Copyright (c) 2025, The lvs.cluster authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import io
import platform
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path

import pyroute2
import yaml
from node import INVENTORY, LAB, NODE, ON_NODE, Node

BENCH = Path(__file__).resolve().parents[1]
PACKAGES = ("keepalived",)
WORK = "/var/tmp/lvs-bench"


def on_node(*words: str, given: bytes = b"") -> str:
    """Run a command on the node and return what it printed."""
    done = subprocess.run(
        [LAB, "exec", NODE, *words], input=given, stdout=subprocess.PIPE, check=True
    )
    return done.stdout.decode()


def prepare() -> None:
    """Bring up the node, with the rivals and the code on it."""
    _bring_up()
    with Node():
        pass
    install = ("apt-get", "-qqy", "install", "--no-install-recommends", *PACKAGES)
    on_node("env", "DEBIAN_FRONTEND=noninteractive", *install)
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as archive:
        for name in ("on_node.py", "pyroute2_calls.py"):
            archive.add(BENCH / name, name)
        for path in sorted((BENCH / "lvs_bench").glob("*.py")):
            archive.add(path, f"lvs_bench/{path.name}")
        archive.add(Path(pyroute2.__file__).parent, "pypi/pyroute2", filter=_source_only)
    on_node("mkdir", "-p", WORK)
    on_node("tar", "-xzC", ON_NODE, given=buffer.getvalue())
    on_node("rm", "-rf", f"{WORK}/pypi")
    on_node("mv", f"{ON_NODE}/pypi", WORK)


def _bring_up() -> None:
    """Bring up the kernel's tests' node with one processor, where times are far steadier."""
    inventory = yaml.safe_load((INVENTORY / "lab.yml").read_text())
    inventory["all"]["vars"].pop("lab_processors", None)
    with tempfile.TemporaryDirectory(prefix="lvs-bench-") as directory:
        (Path(directory) / "lab.yml").write_text(yaml.safe_dump(inventory))
        subprocess.run([LAB, "up", directory], check=True, stdout=sys.stderr)


def _source_only(member: tarfile.TarInfo) -> tarfile.TarInfo | None:
    return None if "__pycache__" in member.name else member


def machine() -> dict[str, str]:
    """Return what was measured on."""
    models = [
        line.partition(":")[2].strip()
        for line in Path("/proc/cpuinfo").read_text().splitlines()
        if line.startswith("model name")
    ]
    versions = on_node("dpkg-query", "--show", "ipvsadm", "keepalived")
    return {
        "processor": models[0] if models else platform.processor(),
        "processors": str(len(models)),
        "kernel": on_node("uname", "-r").strip(),
        "kernel's processors": on_node("nproc").strip(),
        "python": on_node("python3", "--version").split()[1],
        "pyroute2": pyroute2.__version__,
        **dict(line.split("\t") for line in versions.splitlines()),
    }
