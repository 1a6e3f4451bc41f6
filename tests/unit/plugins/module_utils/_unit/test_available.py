# Copyright (c) 2026, The lvs.cluster authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a host has, or can have: files of a host, and programs that say what they do there."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

import pytest
from ansible_collections.lvs.cluster.plugins.module_utils._unit import available

# As apt 2.6 of Debian 12 says it.
APT = """ipvsadm:
  Installed: (none)
  Candidate: 1:1.31-1+b1
  Version table:
     1:1.31-1+b1 500
        500 http://mirror.example/debian bookworm/main amd64 Packages
php-virtual:
  Installed: (none)
  Candidate: (none)
  Version table:
keepalived:
  Installed: 1:2.2.7-1+b2
  Candidate: 1:2.2.7-1+b2
  Version table:
 *** 1:2.2.7-1+b2 100
        100 /var/lib/dpkg/status
"""


class Programs:
    """Programs of a host, each with what it says; others are not there."""

    def __init__(self, **told: tuple[int, str]) -> None:
        """Have these, by their name or with more of the words they are called with."""
        self.told = {name.replace("_", " "): answer for name, answer in told.items()}
        self.asked: list[str] = []

    def __call__(self, command: Sequence[str]) -> tuple[int, str] | None:
        """Run one."""
        words = " ".join(command)
        self.asked.append(words)
        found = [name for name in self.told if all(one in words for one in name.split())]
        return self.told[max(found, key=len)] if found else None


def test_packages_by_apt() -> None:
    """What dpkg has, and what apt's lists have."""
    run = Programs(
        **{"dpkg-query": (1, "keepalived 1:2.2.7-1+b2 installed\n"), "apt-cache": (0, APT)}
    )
    wanted = ["ipvsadm", "php-virtual", "keepalived", "bird2"]
    assert available.packages(run, wanted) == {
        "manager": "apt",
        "installed": ["keepalived"],
        "installable": ["ipvsadm", "keepalived"],
        "trouble": "",
    }


def test_packages_by_dnf() -> None:
    """By name, or by what a package of another name provides, installed or not."""
    run = Programs(
        rpm=(1, "nftables 1.1.1\npackage ipvsadm is not installed\n"),
        rpm_whatprovides=(1, "no package provides it\n"),
        rpm_whatprovides_iproute=(0, "iproute-ng-6.2.0-1.x86_64\n"),
        dnf=(0, "\nipvsadm\n\n"),
        dnf_whatprovides=(0, ""),
        **{"dnf --whatprovides mariadb-server": (0, "mariadb11.8-server\n")},
    )
    wanted = ["nftables", "iproute", "ipvsadm", "mariadb-server", "python3-pyroute2"]
    assert available.packages(run, wanted) == {
        "manager": "dnf",
        "installed": ["iproute", "nftables"],
        "installable": ["ipvsadm", "mariadb-server"],
        "trouble": "",
    }


def test_nothing_is_installed_or_updated() -> None:
    """The package managers are only asked."""
    run = Programs(rpm=(1, ""), dnf=(0, ""))
    available.packages(run, ["ipvsadm"])
    words = {word for command in run.asked for word in command.split()}
    assert words.isdisjoint({"install", "update", "makecache", "-y"})


@pytest.mark.parametrize(
    ("run", "manager", "trouble"),
    [
        (Programs(rpm=(1, ""), dnf=(1, "Errors during\ndownloading")), "dnf", "Errors during down"),
        (Programs(rpm=(1, ""), dnf=(1, "")), "dnf", "dnf failed"),
        (Programs(), "", ""),
    ],
)
def test_package_manager_that_cannot_say(run: Programs, manager: str, trouble: str) -> None:
    """What it says, on one line; or that there is none."""
    told = available.packages(run, ["ipvsadm"])
    assert (told["manager"], told["installed"], told["installable"]) == (manager, [], [])
    assert told["trouble"].startswith(trouble)
    assert "\n" not in told["trouble"]


def test_nothing_asked() -> None:
    """No program is run for it."""
    run = Programs()
    assert available.packages(run, [])["installed"] == []
    assert available.units(run, []) == {}
    assert run.asked == []


def test_units_by_the_name_that_was_asked_for() -> None:
    """systemd tells an alias by its own name."""
    shown = "Id=bird.service\nLoadState=loaded\n\nId=x.service\nLoadState=not-found\n"
    run = Programs(systemctl=(0, shown))
    told = available.units(run, ["bird2.service", "x.service"])
    assert told == {"bird2.service": "loaded", "x.service": "not-found"}
    assert available.units(Programs(systemctl=(1, "")), ["x.service"]) == {}


def test_kernel_modules(tmp_path: Path) -> None:
    """As a file, however it is compressed, built in, or by what the kernel shows of itself."""
    names = ["ip_vs", "ip_vs_rr", "nf_tables", "nft_masq", "ipip", "nfsd"]
    bare = available.kernel_modules(tmp_path, "6.1", names)
    assert bare == {"release": "6.1", "listed": False, "missing": names}
    lists = tmp_path / "lib/modules/6.1"
    lists.mkdir(parents=True)
    (lists / "modules.dep").write_text(
        "kernel/net/ipvs/ip_vs.ko.xz: kernel/net/nf-tables.ko.zst\nkernel/net/ipvs/ip_vs_rr.ko:\n"
        "kernel/net/nf-tables.ko.zst:\n"
    )
    (lists / "modules.builtin").write_text("kernel/net/ipv4/ipip.ko\n")
    (tmp_path / "sys/module/nfsd").mkdir(parents=True)
    told = available.kernel_modules(tmp_path, "6.1", names)
    assert told == {"release": "6.1", "listed": True, "missing": ["nft_masq"]}
    (tmp_path / "proc/net").mkdir(parents=True)
    (tmp_path / "proc/net/ip_vs").touch()
    assert "ip_vs" not in available.kernel_modules(tmp_path, "6.2", names)["missing"]


def test_booleans(tmp_path: Path) -> None:
    """Those of the policy that is loaded."""
    policy = tmp_path / "sys/fs/selinux/booleans"
    policy.mkdir(parents=True)
    (policy / "keepalived_connect_any").touch()
    wanted = ["keepalived_connect_any", "cluster_can_network_connect"]
    assert available.booleans(tmp_path, wanted) == ["cluster_can_network_connect"]


def test_directories(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """One that is not there is made in the one above it."""
    (tmp_path / "etc").mkdir()
    (tmp_path / "usr").touch()
    paths = ["/etc", "/etc/lvs-cluster", "/usr/local/sbin", "/var/www"]
    told = available.directories(tmp_path, paths)
    assert told == {
        "/etc": "writable",
        "/etc/lvs-cluster": "writable",
        "/usr/local/sbin": "no directory",
        "/var/www": "writable",
    }

    class ReadOnly:
        """A file system."""

        f_flag = os.ST_RDONLY

    monkeypatch.setattr(os, "statvfs", lambda _path: ReadOnly)
    assert available.directories(tmp_path, ["/etc/keepalived"])["/etc/keepalived"] == "read-only"
