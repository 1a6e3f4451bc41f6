# Copyright (c) 2026, The lvs.cluster authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Try each release of ansible-core, and each Python of a host, as far as this machine has them.

What came of it is kept in a file of JSON, so that a run may take one of them only, and is printed
as the tables of docs/versions.md.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import shutil
import subprocess
import sys
import sysconfig
import time
from dataclasses import dataclass
from pathlib import Path

HOUSE = Path(__file__).resolve().parents[2]
LIBRARIES = ("hypothesis>=6.100", "netaddr>=1.0", "pyroute2>=0.7", "pytest>=8", "PyYAML")
COUNTED = re.compile(r"^(\d+ \w+(?:, \d+ \w+)*) in [\d.]+s", re.MULTILINE)
"""What pytest says at its end."""
OK, FAILED, NOT_HERE = "passed", "failed", "not run: Python {} is not on this machine"


@dataclass(frozen=True)
class Core:
    """A release of ansible-core: what pip is asked for, and the Pythons it runs on."""

    wanted: str
    pythons: tuple[str, ...]


CORES = {
    "2.18": Core("~=2.18.0", ("3.11", "3.12", "3.13")),
    "2.19": Core("~=2.19.0", ("3.11", "3.12", "3.13")),
    "2.20": Core("~=2.20.0", ("3.12", "3.13", "3.14")),
    "2.21": Core("~=2.21.0", ("3.12", "3.13", "3.14")),
    "2.22": Core(">=2.22.0rc1,<2.23", ("3.13", "3.14")),
}
TARGETS = ("3.9", "3.10", "3.11", "3.12", "3.13", "3.14")
# The tests of what runs on hosts. Those of metrics read what the controller writes, by its code.
SHIPPED = (
    "tests/unit/plugins/module_utils",
    "tests/unit/plugins/modules",
    "tests/unit/roles/test_watch.py",
)
BESIDE = Path(sysconfig.get_path("purelib"))
"""Where the collections are that this one uses, in the environment of the tests."""
# Those of the lab, the scenarios and the measurements, which have one ansible-core.
NOT_INSTALLED = ("tests/unit/bench", "tests/unit/lab", "tests/unit/molecule")


def python(version: str) -> Path | None:
    """Return an interpreter of a version that can make virtual environments."""
    kept = sorted(Path("~/.pyenv/versions").expanduser().glob(f"{version}.*/bin/python3"))
    for found in (shutil.which(f"python{version}"), *reversed(kept)):
        told = f"import ensurepip, sys; sys.exit('%d.%d' % sys.version_info[:2] != '{version}')"
        if (
            found
            and not subprocess.run([found, "-c", told], check=False, capture_output=True).returncode
        ):
            return Path(found)
    return None


def environment(place: Path, interpreter: Path, *packages: str) -> Path:
    """Make a virtual environment where there is none, and return where its programs are."""
    ready = place / "ready"
    if not ready.exists():
        subprocess.run([interpreter, "-m", "venv", "--clear", place], check=True)
        subprocess.run([place / "bin/pip", "install", "--quiet", *packages], check=True)
        ready.touch()
    return place / "bin"


class Matrix:
    """What is tried, and what came of it."""

    def __init__(self, build: Path) -> None:
        """Take the directory that `make build` has written to."""
        self._build = build
        self._place = build / "versions"
        self._place.mkdir(exist_ok=True)
        self._kept = self._place / "results.json"
        self.results: dict[str, dict[str, str]] = {}
        if self._kept.exists():
            self.results = json.loads(self._kept.read_text())

    def core(self, name: str) -> None:
        """Ansible's own checks, the playbooks' syntax and all unit tests with one ansible-core."""
        core = CORES[name]
        found = next(((v, p) for v in reversed(core.pythons) if (p := python(v))), None)
        if found is None:
            self._came_of(f"core {name}", {"sanity": NOT_HERE.format(" or ".join(core.pythons))})
            return
        version, interpreter = found
        programs = environment(
            self._place / f"core-{name}", interpreter, f"ansible-core{core.wanted}", *LIBRARIES
        )
        # As on a controller that has what the collection uses.
        (packages,) = programs.parent.glob("lib/python*/site-packages")
        used = packages / "ansible_collections"
        if not used.is_symlink():
            used.symlink_to(BESIDE / "ansible_collections")
        home = self._collection(f"core-{name}-collections")
        told = {
            "core": self._core(programs),
            "python": version,
        }
        told["sanity"] = self._try(
            f"core-{name}-sanity", (programs, interpreter.parent), home,
            "ansible-test", "sanity", "--color", "no", "--python", version,
        )  # fmt: skip
        playbooks = [f"lvs.cluster.{path.stem}" for path in sorted(HOUSE.glob("playbooks/*.yml"))]
        told["playbooks"] = self._try(
            f"core-{name}-syntax", (programs,), self._place,
            "ansible-playbook", "--syntax-check", *playbooks, collections=home.parents[2],
        )  # fmt: skip
        told["unit"] = self._unit(
            f"core-{name}-unit", programs, "tests/unit",
            *(f"--ignore={path}" for path in NOT_INSTALLED),
        )  # fmt: skip
        self._came_of(f"core {name}", told)

    def target(self, version: str) -> None:
        """What is shipped, on a host's Python: it compiles, is imported, and passes its tests."""
        interpreter = python(version)
        if interpreter is None:
            self._came_of(f"target {version}", {"shipped": NOT_HERE.format(version)})
            return
        programs = environment(self._place / f"target-{version}", interpreter, *LIBRARIES)
        exact = self._says(interpreter, "-c", "import platform; print(platform.python_version())")
        told = {"python": exact.strip()}
        core = next((c for c in reversed(CORES) if (self._place / f"core-{c}/ready").exists()), "")
        if not core:
            raise SystemExit("try an ansible-core first: its module_utils are what a host is sent")
        at = self._place / f"core-{core}" / "bin"
        home = self._collection(f"target-{version}-collections")
        for test in ("compile", "import"):
            told[test] = self._try(
                f"target-{version}-{test}", (at, interpreter.parent), home,
                "ansible-test", "sanity", "--color", "no", "--test", test, "--python", version,
            )  # fmt: skip
        # A host is sent Ansible's module_utils, and nothing else of Ansible.
        overlay = self._place / f"target-{version}-overlay"
        shutil.rmtree(overlay, ignore_errors=True)
        (overlay / "ansible").mkdir(parents=True)
        (overlay / "ansible" / "__init__.py").touch()
        (module_utils,) = at.parent.glob("lib/python*/site-packages/ansible/module_utils")
        (overlay / "ansible" / "module_utils").symlink_to(module_utils)
        told["shipped"] = self._unit(
            f"target-{version}-unit", programs, *SHIPPED, libraries=overlay
        )  # fmt: skip
        told["core"] = self._core(at)
        self._came_of(f"target {version}", told)

    def _collection(self, name: str) -> Path:
        """Return a copy of the built collection, as a git checkout, which ansible-test wants."""
        home = self._place / name / "ansible_collections" / "lvs" / "cluster"
        shutil.rmtree(home, ignore_errors=True)
        shutil.copytree(
            self._build / "collections/ansible_collections/lvs/cluster", home,
            ignore=shutil.ignore_patterns(".git", "output"),
        )  # fmt: skip
        (home / ".gitignore").write_text("/tests/output/\n")
        for words in (("init", "--quiet"), ("add", "--all")):
            subprocess.run(["git", "-C", home, *words], check=True)
        return home

    def _unit(self, name: str, programs: Path, *words: str, libraries: Path | None = None) -> str:
        """Run unit tests, with a cache of their own."""
        return self._try(
            name, (programs,), HOUSE, "python", "-m", "pytest", "-q",
            "-o", f"cache_dir={self._place / 'pytest'}", *words, libraries=libraries,
        )  # fmt: skip

    def _try(
        self, name: str, programs: tuple[Path, ...], place: Path, *command: str,
        collections: Path | None = None, libraries: Path | None = None,
    ) -> str:  # fmt: skip
        """Run a command, keep what it prints, and say how it ended."""
        surroundings = {
            **os.environ,
            "PATH": ":".join([*map(str, programs), os.environ["PATH"]]),
            "PYTHONDONTWRITEBYTECODE": "1",
        }
        if collections:
            surroundings["ANSIBLE_COLLECTIONS_PATH"] = f"{collections}:{BESIDE}"
        if libraries:
            surroundings["PYTHONPATH"] = str(libraries)
        log = self._place / f"{name}.log"
        began = time.monotonic()
        with log.open("w") as output:
            ended = subprocess.run(
                command, cwd=place, env=surroundings, check=False, stdin=subprocess.DEVNULL,
                stdout=output, stderr=subprocess.STDOUT,
            )  # fmt: skip
        how = OK if ended.returncode == 0 else FAILED
        if counted := COUNTED.search(log.read_text()):
            how = counted[1] if how == OK else f"{FAILED}: {counted[1]}"
        warned = log.read_text().count("DEPRECATION WARNING")
        how += f", {warned} warnings of deprecation" if warned else ""
        print(f"{name}: {how} in {time.monotonic() - began:.0f} s; {log}", flush=True)
        return how

    def _core(self, programs: Path) -> str:
        """Return which ansible-core it is."""
        return self._says(programs / "ansible", "--version").split("]")[0].split()[-1]

    def _says(self, *command: str | Path) -> str:
        """Return what a command prints."""
        return subprocess.run(command, check=True, capture_output=True, text=True).stdout

    def _came_of(self, name: str, told: dict[str, str]) -> None:
        """Write down what came of one of them."""
        self.results[name] = {"date": time.strftime("%Y-%m-%d"), **told}
        self._kept.write_text(json.dumps(self.results, indent=2) + "\n")


def tables(results: dict[str, dict[str, str]]) -> str:
    """Return the tables of docs/versions.md; what was never tried is said to be."""
    lines = [
        "| ansible-core | its Python | `ansible-test sanity` | playbooks | unit tests | on |",
        "| --- | --- | --- | --- | --- | --- |",
    ]
    for name in CORES:
        told = results.get(f"core {name}", {})
        cells = [told.get(x, "not run") for x in ("python", "sanity", "playbooks", "unit", "date")]
        lines.append(" | ".join([f"| {told.get('core', name)}", *cells]) + " |")
    lines += [
        "",
        "| Python of the host | compiles | is imported | ansible-core | what is shipped | on |",
        "| --- | --- | --- | --- | --- | --- |",
    ]
    for name in TARGETS:
        told = results.get(f"target {name}", {})
        cells = [told.get(x, "not run") for x in ("compile", "import", "core", "shipped", "date")]
        lines.append(" | ".join([f"| {told.get('python', name)}", *cells]) + " |")
    return "\n".join(lines)


def main() -> int:
    """Try what is asked for, print the tables, and fail where something has failed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--build", type=Path, required=True, help="where `make build` has written")
    parser.add_argument("--core", nargs="*", choices=CORES, default=list(CORES))
    parser.add_argument("--target", nargs="*", choices=TARGETS, default=list(TARGETS))
    asked = parser.parse_args()
    matrix = Matrix(asked.build.resolve())
    for name in asked.core:
        matrix.core(name)
    for name in asked.target:
        matrix.target(name)
    print(tables(matrix.results))
    return int(any(FAILED in how for told in matrix.results.values() for how in told.values()))


if __name__ == "__main__":
    sys.exit(main())
