# Copyright (c) 2025, The lvs.cluster authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The versions of pyroute2 that hosts may have, and a Python that reads the old ones.

Both are fetched once and kept in the lab's cache.
"""

from __future__ import annotations

import shutil
import sys
from dataclasses import dataclass
from pathlib import Path

from lvs_lab.cache import built
from lvs_lab.debian import PrivateApt, machine_mirror
from lvs_lab.progress import run_logged, step


@dataclass(frozen=True)
class Library:
    """A version of pyroute2, and whether the node's own Python (3.13) is too new for it."""

    version: str
    needs_old_python: bool = False
    package_of: str = ""
    """The suite whose own package it comes from; PyPI's where that is empty."""


LIBRARIES = (
    Library("0.5.14", needs_old_python=True),  # EPEL 9
    Library("0.6.4", needs_old_python=True),  # Ubuntu 22.04
    Library("0.7.2", package_of="bookworm"),  # which does not say its version, as PyPI's does
    Library("0.7.7"),  # Debian 13, Ubuntu 24.04
    Library("0.9.7"),  # the newest
)

OLD_SUITE = "bookworm"
OLD_PYTHON = "usr/bin/python3.11"
"""The last that has distutils, which pyroute2 before 0.7 imports. It runs beside the node's own."""

PYTHON_PACKAGES = ("libpython3.11-minimal", "libpython3.11-stdlib", "python3.11-minimal")


def library_files(library: Library) -> Path:
    """Give the directory that a version of pyroute2 is imported from."""

    def recipe(part: Path) -> None:
        command = [sys.executable, "-m", "pip", "install", "--quiet", "--no-compile"]
        with step(f"fetching pyroute2 {library.version}, once"):
            if library.package_of:
                _unpack_package(library, part)
                return
            run_logged(
                [*command, "--target", str(part), f"pyroute2=={library.version}"],
                part / "build.log",
            )

    origin = {"package_of": library.package_of} if library.package_of else {}
    return built("pyroute2", {"version": library.version, **origin}, recipe)


def _unpack_package(library: Library, part: Path) -> None:
    apt = PrivateApt(part / "apt", machine_mirror().sources(library.package_of))
    apt.update()
    archive = str(apt.download("python3-pyroute2"))
    run_logged(["dpkg-deb", "--extract", archive, str(part / "package")], part / "build.log")
    for path in (part / "package" / "usr/lib/python3/dist-packages").iterdir():
        path.rename(part / path.name)
    for directory in ("apt", "package"):
        shutil.rmtree(part / directory)


def python_files() -> Path:
    """Give the root directory of an old Python, of which OLD_PYTHON is the program."""
    mirror = machine_mirror()

    def recipe(part: Path) -> None:
        with step(f"fetching the Python of {OLD_SUITE}, once"):
            apt = PrivateApt(part / "apt", mirror.sources(OLD_SUITE))
            apt.update()
            for package in PYTHON_PACKAGES:
                archive = str(apt.download(package))
                run_logged(["dpkg-deb", "--extract", archive, str(part)], part / "build.log")
            shutil.rmtree(part / "apt")

    inputs = {"suite": OLD_SUITE, "mirror": mirror.main, "packages": PYTHON_PACKAGES}
    return built("python", inputs, recipe)
