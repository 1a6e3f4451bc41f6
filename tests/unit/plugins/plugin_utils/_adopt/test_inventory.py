# Copyright (c) 2026, The lvs.cluster authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The files of an inventory that has what was found."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import yaml
from adopted import READ, case, keepalived, ldirectord
from ansible.inventory.manager import InventoryManager
from ansible.parsing.dataloader import DataLoader
from ansible.template import Templar
from ansible.vars.manager import VariableManager
from ansible_collections.lvs.cluster.plugins.module_utils._values import ModelError
from ansible_collections.lvs.cluster.plugins.plugin_utils._adopt.inventory import (
    File,
    inventory_files,
    read_director,
)
from ansible_collections.lvs.cluster.plugins.plugin_utils._asked import Asked
from ansible_collections.lvs.cluster.plugins.plugin_utils._preflight.plans import PLANS
from described import TOLD, host_info

# Of each case, a director that would have it.
INTERFACES = {
    "1-keepalived-groups.conf": {"eth0": ["192.0.2.11/24"], "eth1": ["10.10.0.2/16"], "eth2": []},
    "2-keepalived-dr-udp.conf": {"eth0": ["198.51.100.1/24", "2001:db8:53::1/64"]},
    "3-ldirectord.cf": {
        "eth0": ["192.0.2.80/24", "2001:db8::80/64"],
        "eth1": ["10.2.0.3/16", "2001:db8:1::9/64"],
    },
    "4-ipvsadm-save.rules": {
        "eth0": ["203.0.113.10/24", "203.0.113.11/24", "2001:db8:3::10/64"],
        "eth1": ["10.3.0.3/24"],
    },
}


def written(files: list[File]) -> dict[str, str]:
    """The texts of files by path."""
    return {file.path: file.text for file in files}


def loaded(files: list[File], where: Path) -> tuple[dict[str, dict[str, Any]], dict[str, Any]]:
    """The hosts and groups that Ansible reads of the files."""
    for file in files:
        path = where / file.path
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(file.text)
    loader = DataLoader()
    inventory = InventoryManager(loader=loader, sources=[str(where)])
    manager = VariableManager(loader=loader, inventory=inventory)
    hosts: dict[str, dict[str, Any]] = {}
    for host in inventory.get_hosts():
        known = manager.get_vars(host=host, include_hostvars=False)
        templar = Templar(loader=loader, variables=known)
        own = {
            name: templar.template(value)
            for name, value in known.items()
            if name.startswith(("lvs_", "director_", "keepalived_", "ldirectord_"))
        }
        hosts[str(host.name)] = json.loads(json.dumps(own))
    return hosts, inventory.get_groups_dict()


def told(hosts: dict[str, dict[str, Any]], groups: dict[str, Any], name: str) -> list[str]:
    """What preflight says of a director."""
    own = hosts[name]
    asked = Asked(name, hosts, groups, own.get, {}, own)
    return [one["message"] for one in PLANS["problems"](asked)]


@pytest.mark.parametrize("name", READ)
def test_a_case_is_valid(name: str, tmp_path: Path) -> None:
    """Ansible reads it, and preflight accepts it, beside a director that would have it."""
    result = READ[name](case(name)).as_result()
    addresses = [one for each in INTERFACES[name].values() for one in each]
    director = {"found": result, "name": "lb1", "addresses": addresses}
    hosts, groups = loaded(inventory_files([read_director(director)]), tmp_path)
    assert hosts["lb1"]["lvs_virtual_services"] == result["variables"]["lvs_virtual_services"]
    assert told(hosts, groups, "lb1") == []
    hosts["lb1"][TOLD] = host_info(**INTERFACES[name])
    hosts["lb1"]["ansible_connection"] = "local"
    assert told(hosts, groups, "lb1") == []


SECRET = 'virtual=7\n\treal=10.0.0.1:80 masq\n\tservice=imap\n\tlogin="a"\n\tpasswd="ge{{heim"\n'


class TestSecrets:
    """They are where nobody else reads."""

    def test_in_a_vault(self) -> None:
        files = inventory_files([read_director({"found": ldirectord(SECRET)})])
        readers = {file.path: file.mode for file in files if "ge{{heim" in file.text}
        assert readers == {"group_vars/all/vault.yml": "0600"}
        text = written(files)["group_vars/all/lvs.yml"]
        assert "password: '{{ vault_fwmark_7_password }}'" in text

    def test_they_are_refused_until_they_are_filled_in(self, tmp_path: Path) -> None:
        result = {**ldirectord(SECRET), "secrets": [{"variable": "vault_fwmark_7_password"}]}
        one = {"found": result, "addresses": ["10.0.0.254/24"]}
        hosts, groups = loaded(inventory_files([read_director(one)]), tmp_path)
        assert told(hosts, groups, "director") == [
            "service fwmark 7: check.password is empty; give some text."
        ]

    def test_they_arrive(self, tmp_path: Path) -> None:
        hosts, _groups = loaded(
            inventory_files([read_director({"found": ldirectord(SECRET)})]), tmp_path
        )
        check = hosts["director"]["lvs_virtual_services"][0]["check"]
        assert check["password"] == "ge{{heim"


def test_text_stays_text(tmp_path: Path) -> None:
    """What looks like a template, or like something else of YAML, is none."""
    receive = "{{ lookup('pipe', 'touch /tmp/x') }} {% if %} yes: no # '"
    text = f'virtual=192.0.2.1:80\n\treal=10.0.0.1:80 masq\n\treceive="{receive[:-5]}"\n'
    result = ldirectord(text.replace("#", ""))
    hosts, _groups = loaded(inventory_files([read_director({"found": result})]), tmp_path)
    services = result["variables"]["lvs_virtual_services"]
    assert hosts["director"]["lvs_virtual_services"] == services
    assert services[0]["check"]["expect"].startswith("{{ lookup(")


class Text(str):
    """As a text of ansible-core before 2.19, which str() leaves what it is."""

    __slots__ = ()

    def __str__(self) -> str:
        """Stay."""
        return self


def test_keys_are_text_of_any_ansible() -> None:
    """PyYAML knows none but its own."""
    found = ldirectord("virtual=192.0.2.1:80\n\treal=10.0.0.1:80 masq\n")
    older = json.loads(
        json.dumps(found), object_pairs_hook=lambda pairs: {Text(key): of for key, of in pairs}
    )
    files = [inventory_files([read_director({"found": one})]) for one in (found, older)]
    assert files[0] == files[1]


def pair(priority: int, more: str = "") -> dict[str, Any]:
    """What was found of one of two directors."""
    return keepalived(
        f"global_defs {{\n router_id lb{priority}\n}}\nvrrp_instance a {{\n priority {priority}\n"
        f" virtual_ipaddress {{ 192.0.2.1/24 dev eth0\n 10.0.0.254 dev eth1 }}\n}}\n{more}"
        "virtual_server 192.0.2.1 80 {\n real_server 10.0.0.1 80 { }\n}\n"
    )


class TestDirectors:
    """One, or several of a cluster."""

    def test_what_they_share_and_what_not(self) -> None:
        both = [{"found": pair(100), "ansible_host": "192.0.2.11"}, {"found": pair(90)}]
        files = written(inventory_files([read_director(one) for one in both]))
        assert yaml.safe_load(files["hosts.yml"]) == {
            "directors": {
                "hosts": {
                    "lb100": {"ansible_host": "192.0.2.11", "keepalived_priority": 100},
                    "lb90": {"keepalived_priority": 90},
                }
            }
        }
        shared = yaml.safe_load(files["group_vars/directors.yml"])
        assert shared["lvs_dip"] == "10.0.0.254"
        assert "keepalived_priority" not in shared

    def test_of_two_clusters(self) -> None:
        other = "virtual_server 192.0.2.9 80 {\n real_server 10.0.0.1 80 { }\n}\n"
        both = [{"found": pair(100)}, {"found": pair(90, other)}]
        with pytest.raises(ModelError, match="lb90: has other services than lb100"):
            inventory_files([read_director(one) for one in both])

    def test_of_one_name(self) -> None:
        with pytest.raises(ModelError, match="is that of two directors"):
            inventory_files([read_director({"found": pair(9), "name": "a"})] * 2)

    def test_none(self) -> None:
        with pytest.raises(ModelError, match="no director is given"):
            inventory_files([])


def test_what_is_left_out_is_for_a_person_to_read() -> None:
    """With what preflight refuses."""
    text = 'virtual=192.0.2.1:80\n\treal=10.0.0.1:80 masq\ncallback="/bin/x"\n'
    files = written(inventory_files([read_director({"found": ldirectord(text), "name": "lb1"})]))
    assert files["left-out.md"] == (
        "# lb1\n\nPreflight refuses:\n\n"
        "- host lb1: lvs_dip is not given; give the director's address on the real servers'"
        " network.\n\nLeft out:\n\n"
        "- /etc/ha.d/ldirectord.cf, line 3: each director has its configuration from the inventory;"
        ' run lvs.cluster.site, and not a program that copies it.\n\n      callback="/bin/x"\n'
    )


class TestDip:
    """The address that servers behind NAT answer through."""

    @pytest.mark.parametrize(
        ("addresses", "dip"),
        [
            (["192.0.2.1/24", "10.0.0.9/24"], "10.0.0.9"),
            (["192.0.2.1/24", "10.0.1.9/24"], None),
            (["10.0.0.9"], None),
            (["2001:db8::1/64"], None),
        ],
    )
    def test_it_is_in_their_network(self, addresses: list[str], dip: str | None) -> None:
        found = ldirectord("virtual=192.0.2.1:80\n\treal=10.0.0.1:80 masq\n")
        one = read_director({"found": found, "addresses": addresses})
        shared = yaml.safe_load(written(inventory_files([one]))["group_vars/directors.yml"])
        assert shared.get("lvs_dip") == dip

    def test_it_may_be_a_virtual_address(self) -> None:
        found = ldirectord("virtual=10.0.0.9:80\n\treal=10.0.0.1:80 masq\n")
        one = read_director({"found": found, "addresses": ["10.0.0.9/24"]})
        assert "lvs_dip: 10.0.0.9" in written(inventory_files([one]))["group_vars/directors.yml"]


@pytest.mark.parametrize(
    ("given", "told"),
    [
        (3, "is nothing that a filter has found"),
        ({"found": {"variables": {}}}, "found has no hosts, director"),
        ({"found": pair(9), "what": 1}, "what is not known"),
        ({"found": pair(9), "name": "a b"}, "'a b' is not the name of a host"),
        ({"found": pair(9), "ansible_host": "a b"}, "'a b' is not the name of a host"),
        ({"found": pair(9), "addresses": ["x"]}, "addresses 'x' is no address"),
    ],
)
def test_bad_input(given: Any, told: str) -> None:
    """It is told what is wrong."""
    with pytest.raises(ModelError, match=told):
        read_director(given)
