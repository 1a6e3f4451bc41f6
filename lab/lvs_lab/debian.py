"""Debian packages from the mirror that the machine's own apt configuration names."""

from __future__ import annotations

import re
import subprocess
from dataclasses import dataclass
from pathlib import Path

from lvs_lab.errors import LabError
from lvs_lab.progress import run_logged

SUITE = "trixie"
"""The distribution of the guest, and of a node that asks for no other."""


@dataclass(frozen=True)
class Suite:
    """What differs between the distributions that a node may have."""

    php: str
    """The version of PHP, which is in the names of its units."""
    sshd: str = ""
    """Lines of sshd's configuration that not every sshd knows."""
    lacks: tuple[str, ...] = ()
    """Packages of other suites that it does not have."""


SUITES = {
    "bookworm": Suite(php="8.2", lacks=("wordpress-theme-twentytwentyfive",)),
    # A connection given up while a node boots is no attack.
    "trixie": Suite(php="8.4", sshd="PerSourcePenalties no\n"),
    "forky": Suite(php="8.4", sshd="PerSourcePenalties no\n"),
}
"""The distributions that a node may have: Debian 12 and 13, and testing as it was when fetched."""

KEYRING = "/usr/share/keyrings/debian-archive-keyring.gpg"


@dataclass(frozen=True)
class Mirror:
    """Where Debian's packages come from, and where its security updates do."""

    main: str
    security: str | None
    may_be_old: bool = False
    """The machine's apt takes lists that are past their date: testing's say one a week ahead."""

    def sources(self, suite: str) -> str:
        """Give the lines of a sources.list for a suite, with its updates."""
        lines = [f"deb {self.main} {suite} main", f"deb {self.main} {suite}-updates main"]
        if self.security:
            lines.append(f"deb {self.security} {suite}-security main")
        return "".join(line + "\n" for line in lines)


def machine_mirror() -> Mirror:
    """Read the machine's apt configuration and give the mirror that it names."""
    listing = subprocess.run(
        ["apt-get", "indextargets", "--format", "$(REPO_URI) $(RELEASE) $(COMPONENT)",
         "Created-By: Packages"],
        check=True, capture_output=True, text=True,
    ).stdout  # fmt: skip
    codename = _codename()
    targets = [line.split() for line in listing.splitlines()]
    by_release = {t[1]: t[0].rstrip("/") for t in targets if len(t) == 3 and t[2] == "main"}
    main = by_release.get(codename) or by_release.get("stable")
    if main is None:
        raise LabError(
            f"apt's configuration names no mirror of Debian {codename} main; the lab takes the "
            "packages of its nodes from there: add it to /etc/apt/sources.list.d and run "
            "apt-get update"
        )
    security = by_release.get(f"{codename}-security") or by_release.get("stable-security")
    checked = subprocess.run(
        ["apt-config", "shell", "checked", "Acquire::Check-Valid-Until/b"],
        check=True, capture_output=True, text=True,
    ).stdout  # fmt: skip
    return Mirror(main=main, security=security, may_be_old="false" in checked)


def _codename() -> str:
    release = Path("/etc/os-release").read_text()
    found = re.search(r"^VERSION_CODENAME=\"?([a-z]+)", release, re.MULTILINE)
    if not re.search(r"^ID=\"?debian", release, re.MULTILINE) or not found:
        raise LabError("the lab runs on Debian only so far; this machine is another distribution")
    return found.group(1)


class PrivateApt:
    """An apt of our own, in a directory: the machine's own lists stay untouched."""

    def __init__(self, directory: Path, sources: str) -> None:
        """Take an empty directory and the text of a sources.list."""
        self._directory = directory
        self._log = directory / "apt.log"
        (directory / "lists" / "partial").mkdir(parents=True)
        (directory / "archives" / "partial").mkdir(parents=True)
        source_list = directory / "sources.list"
        source_list.write_text(sources.replace("deb ", f"deb [signed-by={KEYRING}] "))
        self._options = [
            "-o", f"Dir::Etc::sourcelist={source_list}",
            "-o", "Dir::Etc::sourceparts=/dev/null",
            "-o", "Dir::Etc::preferences=/dev/null",
            "-o", "Dir::Etc::preferencesparts=/dev/null",
            "-o", f"Dir::State::lists={directory / 'lists'}",
            "-o", f"Dir::Cache::archives={directory / 'archives'}",
            "-o", f"Dir::Cache::pkgcache={directory / 'pkgcache.bin'}",
            "-o", f"Dir::Cache::srcpkgcache={directory / 'srcpkgcache.bin'}",
            "-o", "APT::Sandbox::User=root",
        ]  # fmt: skip

    def update(self) -> None:
        """Fetch the lists; signatures are checked."""
        run_logged(["apt-get", *self._options, "update"], self._log)

    def names(self, pattern: str) -> list[str]:
        """Give the names of the packages that match a regular expression."""
        found = subprocess.run(
            ["apt-cache", *self._options, "search", "--names-only", pattern],
            check=True, capture_output=True, text=True,
        ).stdout  # fmt: skip
        return [line.split()[0] for line in found.splitlines()]

    def download(self, package: str) -> Path:
        """Fetch a package and give its file."""
        run_logged(["apt-get", *self._options, "download", package], self._log, self._directory)
        return next(self._directory.glob(f"{package}_*.deb"))
