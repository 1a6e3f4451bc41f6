# Copyright (c) 2026, The lvs.cluster authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a host is asked for: all that the roles go by, and nothing that is secret."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Callable

import pytest
from ansible_collections.lvs.cluster.plugins.module_utils._unit import host

KEEPALIVED = """
! Theirs
vrrp_instance VI_1 {
    interface eth1  # theirs
    virtual_router_id 77
    authentication {
        auth_pass 1a2b:3c
    }
    virtual_ipaddress {
        192.168.0.200/24 dev eth1
    }
}
virtual_server 192.168.0.200 80 {
}
"""
SHOWN = """Id=ipvsadm.service
LoadState=masked
WantedBy=

Id=keepalived.service
LoadState=loaded
ActiveState=active
"""


def write(root: Path, name: str, text: str = "") -> None:
    """Have a file on the host."""
    path = root / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)


def says(program: str, told: str) -> Callable[[Sequence[str]], tuple[int, str] | None]:
    """Have one program, which says so."""
    return lambda command: (0, told) if command[0] == program else None


def test_files_that_tell_clusters_apart(tmp_path: Path) -> None:
    """Of whichever owner; what is empty, and what others need, is not told."""
    write(tmp_path, "etc/lvs-cluster/director.cluster", "# Managed\nshop\n")
    write(tmp_path, "etc/lvs-cluster/director.services", "-t 192.0.2.1:80\n")
    write(tmp_path, "etc/lvs-cluster/dr-real-server-shop.cluster", "192.0.2.1\n\n192.0.2.2\n")
    write(tmp_path, "etc/lvs-cluster/nat-real-server.gateway", "10.0.0.1 eth1\n")
    write(tmp_path, "etc/lvs-cluster/tun-real-server.cluster", "# Managed\n")
    write(tmp_path, "etc/lvs-cluster/dr-real-server.settings", "net/x 1\n")
    write(tmp_path, "run/lvs-cluster/nat-real-server.routes", "default via 10.0.0.9 dev eth1\n")
    assert host.unit_files(tmp_path) == {
        "director.cluster": ["shop"],
        "director.services": ["-t 192.0.2.1:80"],
        "dr-real-server-shop.cluster": ["192.0.2.1", "192.0.2.2"],
        "nat-real-server.gateway": ["10.0.0.1 eth1"],
        "nat-real-server.routes": ["default via 10.0.0.9 dev eth1"],
    }


@pytest.mark.parametrize(
    "left",
    [
        "etc/systemd/system/lvs-OWNER.service",
        *(
            f"etc/lvs-cluster/OWNER.{part}"
            for part in (
                "addresses", "cluster", "devices", "gateway", "modules", "ports", "settings"
            )
        ),
    ],
)  # fmt: skip
def test_owners_are_known_by_whatever_they_left(tmp_path: Path, left: str) -> None:
    """A run may have broken off between the settings and the unit."""
    for name in ("etc/lvs-cluster/keepalived.addresses", "etc/lvs-cluster/director.addresses"):
        write(tmp_path, name)
    write(tmp_path, "etc/systemd/system/lvs-watch@.service")
    assert host.owners(tmp_path) == []
    write(tmp_path, left.replace("OWNER", "dr-real-server-a-b"))
    write(tmp_path, left.replace("OWNER", "tun-real-server"))
    assert host.owners(tmp_path) == ["dr-real-server-a-b", "tun-real-server"]


def test_kernel(tmp_path: Path) -> None:
    """Modules as files, compressed or not, what is built in, and what is loaded."""
    assert host.kernel_ipvs(tmp_path, "6.1") == []
    needs = "kernel/ip_vs_rr.ko.xz: kernel/ip_vs.ko.xz kernel/nf_conntrack.ko.xz\n"
    write(tmp_path, "lib/modules/6.1/modules.dep", needs)
    write(tmp_path, "lib/modules/6.1/modules.builtin", "kernel/net/ip_vs_sh.ko\n")
    assert host.kernel_ipvs(tmp_path, "6.1") == ["ip_vs.ko", "ip_vs_rr.ko", "ip_vs_sh"]
    write(tmp_path, "proc/net/ip_vs", "IP Virtual Server version 1.2.1\n")
    assert "IP Virtual Server" in host.kernel_ipvs(tmp_path, "6.1")
    for name in ("ip_vs", "ip_vs_rr", "nf_tables"):
        (tmp_path / "sys/module" / name).mkdir(parents=True)
    assert host.loaded_modules(tmp_path) == ["ip_vs", "ip_vs_rr"]


def test_size_of_the_table_of_connections(tmp_path: Path) -> None:
    """Nothing of a module that is not loaded."""
    assert host.conn_tab_bits(tmp_path) is None
    write(tmp_path, "sys/module/ip_vs/parameters/conn_tab_bits", "12\n")
    assert host.conn_tab_bits(tmp_path) == 12


def test_arp(tmp_path: Path) -> None:
    """Where it is not 0."""
    for name, value in (("all", "1"), ("eth1", "0"), ("lo", "8")):
        write(tmp_path, f"proc/sys/net/ipv4/conf/{name}/arp_ignore", f"{value}\n")
    assert host.arp_ignoring(tmp_path) == ["all", "lo"]


def test_director_files(tmp_path: Path) -> None:
    """Nothing, and a file without lines, are not the same."""
    assert host.director_files(tmp_path) == {
        "services": [], "daemons": [], "drained": [], "firewalld": None, "ufw": None,
        "metrics": None, "saved": False, "replaces": False, "taken": [], "announces": False,
        "left": [],
    }  # fmt: skip
    write(tmp_path, "etc/lvs-cluster/director.services", "# Managed\n-f 1\n# Declared before\n-f 2")
    write(tmp_path, "etc/lvs-cluster/director.ufw", "# Managed\n")
    write(tmp_path, "etc/lvs-cluster/director.drained", "# Managed\nrs1 drained T\n")
    write(tmp_path, "etc/lvs-cluster/director.metrics-directory", "# Managed\n/var/lib/a\n")
    write(tmp_path, "etc/lvs-cluster/director.saved")
    write(tmp_path, "etc/lvs-cluster/director.replaces")
    found = host.director_files(tmp_path)
    assert found["services"] == ["-f 1", "-f 2"]
    assert found["drained"] == ["rs1 drained T"]
    assert (found["ufw"], found["firewalld"]) == ([], None)
    assert found["metrics"] == "/var/lib/a"
    assert found["saved"]
    assert found["replaces"]


@pytest.mark.parametrize(
    ("name", "sign"), [(name, sign) for name, signs in host.SIGNS.items() for sign in signs]
)
def test_health_checkers_that_are_ours(tmp_path: Path, name: str, sign: str) -> None:
    """By each of the signs alone."""
    write(tmp_path, sign)
    assert host.director_files(tmp_path)["taken"] == [name]


def test_no_secret_is_told(tmp_path: Path) -> None:
    """Only names and addresses; nothing of what is ours."""
    write(tmp_path, "etc/keepalived/keepalived.conf", KEEPALIVED)
    write(tmp_path, "etc/keepalived/conf.d/more.conf", "virtual_server_group several {\n")
    one_line = "virtual_ipaddress { 192.168.0.9/24 dev eth1 }"
    write(tmp_path, "etc/keepalived/conf.d/one.conf", f"vrrp_instance VI_2 {{\n  {one_line}\n}}\n")
    write(tmp_path, "etc/keepalived/lvs-cluster.conf", "vrrp_instance ours {\n")
    write(tmp_path, "etc/keepalived/notes", "vrrp_instance note {\n")
    write(tmp_path, "etc/ha.d/ldirectord.cf", 'virtual=192.0.2.1:80 # x\n\tpasswd="1a2b"\n')
    found = host.health_checkers(tmp_path)
    assert not found["kept"]
    assert [name.strip() for name in found["names"]] == [
        "virtual_server_group several",
        "vrrp_instance VI_2",
        "virtual_ipaddress { 192.168.0.9/24 dev eth1",
        "vrrp_instance VI_1",
        "interface eth1",
        "virtual_router_id 77",
        "192.168.0.200/24",
        "virtual_server 192.168.0.200 80",
        "virtual=192.0.2.1:80",
    ]
    assert "1a2b" not in str(found)
    write(tmp_path, "etc/lvs-cluster/keepalived.kept")
    assert host.health_checkers(tmp_path)["kept"]


def test_configuration_with_what_it_includes(tmp_path: Path) -> None:
    """Each file once, also where two include each other; relative paths go from the file's own."""
    write(tmp_path, "etc/keepalived/keepalived.conf", "include conf.d/*.conf\n  includer more/b\n")
    write(
        tmp_path, "etc/keepalived/conf.d/a.conf", 'include "/srv/c"\ninclude ../keepalived.conf\n'
    )
    write(tmp_path, "etc/keepalived/conf.d/notes", "include d\n")
    write(tmp_path, "srv/c", "include nothing/*.conf\n")
    write(tmp_path, "etc/ha.d/ldirectord.cf", "virtual=192.0.2.1:80\n")
    found = host.running(tmp_path, says("nft", "table inet shop {\n}\n"))
    assert list(found["configurations"]["keepalived"]) == [
        "/etc/keepalived/keepalived.conf", "/etc/keepalived/conf.d/a.conf", "/srv/c"
    ]  # fmt: skip
    assert found["configurations"]["ldirectord"] == {
        "/etc/ha.d/ldirectord.cf": "virtual=192.0.2.1:80\n"
    }
    assert found["rules"] == {
        "nft": "table inet shop {\n}\n", "iptables": "", "ip6tables": ""
    }  # fmt: skip


def test_settings_and_names(tmp_path: Path) -> None:
    """As the kernel has them, as the last run wrote them down, and as /etc/hosts has them."""
    write(tmp_path, "proc/sys/net/ipv4/vs/sync_threshold", "3\t50\n")
    write(tmp_path, "etc/lvs-cluster/director.settings", "# Managed\nnet/ipv4/vs/conntrack 0\n")
    names = (
        "127.0.0.1 localhost\n\n# old\n10.0.0.11\tweb1.example.org web1 # one\n2001:db8::1 web1\n"
    )
    write(tmp_path, "etc/hosts", names)
    found = host.running(tmp_path, says("none", ""))
    assert found["sysctls"] == {"sync_threshold": "3 50"}
    assert found["declared"] == {"settings": ["net/ipv4/vs/conntrack 0"], "timeouts": None}
    assert found["known_hosts"]["web1"] == ["10.0.0.11", "2001:db8::1"]
    assert found["known_hosts"]["web1.example.org"] == ["10.0.0.11"]


def test_packages() -> None:
    """By dpkg or rpm; one that has left its configuration is not there, nor is what has no name."""
    asked = ["ipvsadm", "kmod", "nftables"]
    told = (
        "ipvsadm 1:1.31-5 installed\nkmod 30 config-files\nkmod 34.2-2 installed\n"
        "nftables  not-installed\n"
    )
    assert host.installed(says("dpkg-query", told), asked) == {
        "ipvsadm": "1:1.31-5",
        "kmod": "34.2-2",
    }
    told = "ipvsadm 1.31\npackage kmod is not installed\nnftables 1.1.1\n"
    assert host.installed(says("rpm", told), asked) == {"ipvsadm": "1.31", "nftables": "1.1.1"}
    assert host.installed(says("apk", ""), asked) == {}


def test_accounts() -> None:
    """As getent prints them; nothing is asked where nothing is wanted, which would be everybody."""
    asked: list[list[str]] = []

    def getent(command: Sequence[str]) -> tuple[int, str]:
        asked.append([*command])
        return 2, "www-data:x:33:\n"

    wanted = {"passwd": [], "group": ["www-data", "missing"]}
    assert host.accounts(getent, wanted) == {"passwd": [], "group": ["www-data:x:33:"]}
    assert asked == [["getent", "group", "www-data", "missing"]]


def test_texts_and_entries(tmp_path: Path) -> None:
    """Of what there is; bytes that are no text are told apart."""
    write(tmp_path, "etc/b", "text\n")
    tmp_path.joinpath("etc", "a").write_bytes(b"\xff\n")
    paths = [str(tmp_path / "etc" / name) for name in ("a", "b", "c")]
    assert host.texts(paths) == {paths[0]: "\\xff\n", paths[1]: "text\n"}
    os.utime(paths[0], ns=(1, 1795978800123456789))
    assert host.times([paths[0], paths[2]]) == {paths[0]: 1795978800123456789}
    assert host.entries([str(tmp_path / "etc"), paths[2]]) == {str(tmp_path / "etc"): ["a", "b"]}


def test_programs() -> None:
    """What they say; nothing where there are none."""
    assert host.units(says("systemctl", SHOWN))["ipvsadm.service"]["LoadState"] == "masked"
    assert host.ruleset(says("nft", "{}")) == "{}"
    assert host.ruleset(says("ufw", "")) is None
    assert host.firewall(says("ufw", "Status: active"), "ufw") == "Status: active"
    assert host.firewall(says("ufw", ""), "firewalld") == ""
    assert host.firewall(says("ufw", "Status: active"), "none") is None
