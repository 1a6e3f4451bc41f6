"""A User-Mode Linux kernel with IPVS, built once from Debian's linux-source package."""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from lvs_lab.cache import built, kept
from lvs_lab.debian import Mirror, PrivateApt
from lvs_lab.errors import LabError
from lvs_lab.paths import DEMO_FRAGMENT, FRAGMENT
from lvs_lab.progress import run_logged, step

SUITES = ("trixie-backports", "forky", "sid")
"""Where a new enough linux-source is looked for."""

VERSION = (7, 2)
"""The series that the lab was measured with. 6.1 and 6.12 panic on CPUs with AMX."""


@dataclass(frozen=True)
class Recipe:
    """What a kernel is built from."""

    fragments: tuple[Path, ...]
    lines: int
    """That its build writes, by which is told how much of it is done."""
    flags: str = ""
    """Of the compiler, after those of the kernel's own."""


WHOLE = Recipe((FRAGMENT,), 1960)
DEMO = Recipe((FRAGMENT, DEMO_FRAGMENT), 1430, "-O1")
"""Less is compiled, and sooner: gcc takes 0.8 times as long for it as for `-O2`."""


def uml_kernel(mirror: Mirror) -> Path:
    """Give the kernel's file, building it where the cache has none (5 to 8 minutes on 2 cores)."""

    def recipe(part: Path) -> None:
        with step("building a kernel with IPVS, once (5 to 8 minutes on 2 cores)"):
            _build(part, mirror, WHOLE)

    return built("kernel", _inputs(), recipe) / "linux"


def demo_kernel(mirror: Mirror) -> Path:
    """Give a kernel that does for the demonstration: that of `uml_kernel` where it is there."""
    whole = kept("kernel", _inputs())
    if whole:
        return whole / "linux"

    def recipe(part: Path) -> None:
        with step("building a kernel with IPVS for the demonstration, once"):
            _build(part, mirror, DEMO)

    inputs = {**_inputs(), "without": DEMO_FRAGMENT.read_text(), "flags": DEMO.flags}
    return built("kernel", inputs, recipe) / "linux"


def _inputs() -> dict[str, object]:
    return {"fragment": FRAGMENT.read_text(), "version": VERSION}


def _build(part: Path, mirror: Mirror, recipe: Recipe) -> None:
    apt_dir = part / "apt"
    apt_dir.mkdir()
    apt = PrivateApt(apt_dir, "".join(f"deb {mirror.main} {s} main\n" for s in SUITES))
    apt.update()
    package = choose(apt.names(r"^linux-source-[0-9.]+$"))
    archive = apt.download(package)
    log = part / "build.log"
    source = part / package
    unpack = (
        f"dpkg-deb --fsys-tarfile {archive} "
        f"| tar --extract --to-stdout ./usr/src/{package}.tar.xz "
        f"| tar --extract --xz --directory {part}"
    )
    run_logged(["bash", "-o", "pipefail", "-c", unpack], log)
    for command in (
        ["make", "ARCH=um", "tinyconfig"],
        ["scripts/kconfig/merge_config.sh", "-m", ".config", *map(str, recipe.fragments)],
        ["make", "ARCH=um", "olddefconfig"],
    ):
        run_logged(command, log, source)
    _check_configuration(source / ".config", recipe.fragments)
    compile_it = ["make", "ARCH=um", f"--jobs={os.cpu_count()}", f"KCFLAGS={recipe.flags}", "linux"]
    run_logged(compile_it, log, source, lines=recipe.lines)
    subprocess.run(["strip", "-o", part / "linux", source / "linux"], check=True)
    subprocess.run(["rm", "-r", source, apt_dir], check=True)


def choose(packages: list[str]) -> str:
    """Give the measured series where it is still there, else the next newer one."""

    def version(package: str) -> tuple[int, ...]:
        return tuple(int(n) for n in package.rsplit("-", 1)[1].split("."))

    fitting = sorted((p for p in packages if version(p) >= VERSION), key=version)
    if not fitting:
        raise LabError(f"no linux-source of {VERSION[0]}.{VERSION[1]} or later in {SUITES}")
    return fitting[0]


def _check_configuration(config: Path, fragments: Sequence[Path]) -> None:
    """Every option that is asked for must be in the result: Kconfig drops in silence."""
    have = set(config.read_text().splitlines())
    asked = wanted([fragment.read_text() for fragment in fragments])
    missing = [option for option in asked if option not in have]
    if missing:
        raise LabError(f"the kernel's configuration lacks {', '.join(missing)}")


def wanted(fragments: list[str]) -> list[str]:
    """Give the options that fragments ask for together; of one option the last word counts."""
    words = {
        name: value
        for fragment in fragments
        for name, value in re.findall(r"^(CONFIG_\w+)=(\S+)$", fragment, re.MULTILINE)
    }
    return [f"{name}=y" for name, value in words.items() if value == "y"]
