# Copyright (c) 2026, The lvs.cluster authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the playbook asks for."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from adopted import CASES
from ansible_collections.lvs.cluster.plugins.plugin_utils._adopt.plans import PLANS
from described import TOLD, asked, host_info

RULES = {
    "rules": ["-A -t 192.0.2.80:80 -s rr", "-a -t 192.0.2.80:80 -r 10.0.0.1:80 -m -w 1"],
    "timeouts": {"tcp": 900, "tcp_fin": 120, "udp": 300},
    "daemons": [],
}
FILES = [{"path": "hosts.yml", "text": "a"}, {"path": "group_vars/all/lvs.yml", "text": "b"}]
CF = "virtual=www:80\n\treal=web1:80 masq\n\tfallback=127.0.0.1:80 gate\n"


def ask(term: str, within: dict[str, Any], **options: Any) -> Any:
    """What a term gives on lb1; C(within) are its variables."""
    return PLANS[term](asked("lb1", {"lb1": within}, {}, {"directors": ["lb1"]}, **options))


class TestAsked:
    """What is asked for."""

    def test_whole_paths(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.chdir(tmp_path)
        (tmp_path / "a.cf").write_text(CF)
        found = ask("adopt", {"lvs_adopt_to": "shop", "lvs_adopt_file": "a.cf"})
        assert found == {"problems": [], "to": f"{tmp_path}/shop", "file": f"{tmp_path}/a.cf"}

    @pytest.mark.parametrize(
        ("given", "told"),
        [
            ({}, "lvs_adopt_to is not given; give the folder"),
            ({"lvs_adopt_to": "/dev/null"}, "lvs_adopt_to '/dev/null' is no directory"),
            ({"lvs_adopt_to": "a", "lvs_adopt_file": "/"}, "lvs_adopt_file '/' is no file"),
            ({"lvs_adopt_to": "a", "lvs_adopt_addresses": 3}, "lvs_adopt_addresses 3 is not a"),
        ],
    )
    def test_what_cannot_be(self, given: dict[str, Any], told: str) -> None:
        (problem,) = ask("adopt", given)["problems"]
        assert problem["message"].startswith(told)


class TestAdopted:
    """A director that runs, or a file."""

    def test_a_director(self) -> None:
        known = {TOLD: {**host_info(eth0=["192.0.2.80/24"]), "units": {}}}
        found = ask("adopted", known, running={}, table=RULES)
        assert found["director"] == "lb1"
        assert len(found["variables"]["lvs_virtual_services"]) == 1

    def test_names_that_the_director_knows(self) -> None:
        path = "/etc/ha.d/ldirectord.cf"
        told = {
            **host_info(eth0=["192.0.2.80/24"]),
            "units": {"ldirectord.service": {"ActiveState": "active"}},
        }
        running = {
            "configurations": {"ldirectord": {path: CF}},
            "known_hosts": {
                "www": ["192.0.2.80"], "web1": ["10.0.0.1"], "localhost": ["127.0.0.1", "::1"],
                "odd/name": ["10.0.0.2"], "odd": ["fe80::1%lo"],
            },
        }  # fmt: skip
        known = {
            TOLD: told,
            "lvs_adopt_as_hosts": True,
            "lvs_adopt_addresses": {"web1": "10.0.0.9"},
        }
        found = ask("adopted", known, running=running)
        (service,) = found["variables"]["lvs_virtual_services"]
        assert (service["address"], service["real_servers"]) == ("192.0.2.80", [{"host": "web1"}])
        assert service["sorry_server"] == {"address": "127.0.0.1"}
        assert found["hosts"] == {"web1": {"lvs_rip": "10.0.0.9"}}

    @pytest.mark.parametrize(
        ("name", "manager"),
        [
            ("1-keepalived-groups.conf", "keepalived"),
            ("2-keepalived-dr-udp.conf", "keepalived"),
            ("3-ldirectord.cf", "ldirectord"),
            ("4-ipvsadm-save.rules", "static"),
            ("5-by-hand.sh", "static"),
        ],
    )
    def test_a_file_is_known_by_what_it_says(self, name: str, manager: str) -> None:
        found = ask("adopted", {"lvs_adopt_file": str(CASES / name)})
        assert found["variables"]["director_manager"] == manager

    def test_a_file_with_what_it_includes(self, tmp_path: Path) -> None:
        (tmp_path / "conf.d").mkdir()
        served = "virtual_server 192.0.2.1 80 {\n real_server 10.0.0.1 80 { }\n}\n"
        (tmp_path / "conf.d/a.conf").write_text(served)
        (tmp_path / "keepalived.conf").write_text("include conf.d/*.conf\n")
        found = ask("adopted", {"lvs_adopt_file": str(tmp_path / "keepalived.conf")})
        assert len(found["variables"]["lvs_virtual_services"]) == 1

    def test_passwords_come_along(self, tmp_path: Path) -> None:
        (tmp_path / "a.cf").write_text(
            'virtual=7\n\treal=10.0.0.1:80 masq\n\tservice=imap\n\tlogin="a"\n\tpasswd="b"\n'
        )
        (secret,) = ask("adopted", {"lvs_adopt_file": str(tmp_path / "a.cf")})["secrets"]
        assert secret["value"] == "b"


class TestConflicts:
    """What is there already, and other than what would be written."""

    def ask(self, folder: Path, **more: Any) -> list[dict[str, Any]]:
        """What is told of these files."""
        known = {"lvs_adopt_to": str(folder), **more}
        found: list[dict[str, Any]] = ask("adopt_conflicts", known, files=FILES)
        return found

    def test_nothing_and_the_same(self, tmp_path: Path) -> None:
        assert self.ask(tmp_path) == []
        (tmp_path / "hosts.yml").write_text("a")
        assert self.ask(tmp_path) == []

    def test_others(self, tmp_path: Path) -> None:
        (tmp_path / "hosts.yml").write_text("a and what somebody has added")
        (problem,) = self.ask(tmp_path)
        assert f"has other files already: {tmp_path}/hosts.yml" in problem["message"]
        assert self.ask(tmp_path, lvs_adopt_overwrite=True) == []


CONF = "virtual_server 192.0.2.1 80 {\n}\n"


@pytest.mark.parametrize(("taken", "takes_over"), [([], True), (["keepalived"], False)])
def test_a_configuration_of_others_is_taken_over(taken: list[str], takes_over: bool) -> None:
    """The check run is told so; one of the role's own is not."""
    known = {
        "lvs_adopt_to": "/a",
        TOLD: {"units": {"keepalived.service": {"ActiveState": "active"}}, "taken": taken},
        "__adopt_running": {"configurations": {"keepalived": {"/etc/keepalived.conf": CONF}}},
    }
    found = ask("adopt_check", known, servers=["lb1"])
    assert ("director_take_over=true" in found["by_hand"]) is takes_over
    assert found["chdir"] == str(Path.cwd())


def test_what_the_check_has_found() -> None:
    """A sentence for each director."""
    found = ask("adopt_checked", {}, said='{"plays": []}', servers=["lb1"])
    assert found["report"] == ["lb1: lvs.cluster.site would change nothing."]
