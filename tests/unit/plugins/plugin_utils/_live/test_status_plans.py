# Copyright (c) 2026, The lvs.cluster authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the playbook status asks."""

from __future__ import annotations

import json
import os
import socket
import tempfile
from pathlib import Path
from typing import Any

import pytest
from ansible import context
from ansible_collections.lvs.cluster.plugins.module_utils._values import ModelError
from ansible_collections.lvs.cluster.plugins.plugin_utils._live.status_plans import PLANS
from described import TOLD, VIP, asked, cluster, hostvars, service
from observed import AT, NOW, OWNERS, table

WEB = {"lvs_virtual_services": [service()]}


def free_port() -> int:
    """A port that nobody has."""
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


def hosts(**more: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """The hosts of inventory nat, as they are when the tasks have asked them."""
    found = hostvars(**more)
    for name, known in found.items():
        known["__status_at"] = AT
        if TOLD in known:
            owners = OWNERS if name.startswith("rs") else []
            known[TOLD] = {**known[TOLD], "owners": owners}
            known["__status_units"] = {"results": [{"changes": []}, {"skipped": True}]}
    found["director"].setdefault("__status_table", {"services": table(cluster())})
    return found


def ask(term: str, within: Any = WEB, known: Any = None, **options: Any) -> Any:
    """What the director is told."""
    return PLANS[term](asked("director", known or hosts(), within, **options))


def test_status() -> None:
    """What hosts have told, put together; without a folder no file."""
    found = ask("status", now=NOW)
    assert found["lines"][0] == f"good at {NOW}"
    assert found["status"]["services"][0]["state"] == "good"
    assert found["files"] == []


def test_files(tmp_path: Path) -> None:
    """The page and the data; the next run goes on from them."""
    known = {**WEB, "lvs_status_to": str(tmp_path)}
    page, data = ask("status", known, now=NOW)["files"]
    assert page["path"] == "status.html"
    assert page["text"].startswith("<!DOCTYPE html>")
    assert data["path"] == "status.json"
    (tmp_path / "status.json").write_text(data["text"])
    dead = hosts()
    dead["director"][TOLD] = {"unreachable": True, "msg": "Task failed: no route"}
    (one,) = ask("status", known, dead, now=NOW)["status"]["directors"]
    assert (one["last"], one["errors"]) == (AT, ("no route",))


def test_skipped_is_no_error() -> None:
    """A real server has no table."""
    known = hosts()
    known["rs1"]["__status_table"] = {"skipped": True, "changed": False}
    assert ask("status", known=known, now=NOW)["status"]["real_servers"][0]["state"] == "good"


def test_drained() -> None:
    """By what a director remembers."""
    known = hosts()
    known["director"][TOLD]["drained"] = ["rs1 drained 2026-11-28T05:00:00Z"]
    found = ask("status", known=known, now=NOW)["status"]
    assert found["services"][0]["servers"][0]["word"] == "drained"
    assert found["drained"][0]["message"].startswith("rs1 is drained since 2026-11-28T05:00:00Z")


def test_problems_and_warnings() -> None:
    """In the words of preflight."""
    told = [{"message": "Cannot be."}]
    found = ask("status", now=NOW, problems=told, warnings=told)["status"]
    assert (found["problems"], found["warnings"]) == (("Cannot be.",), ("Cannot be.",))


@pytest.mark.parametrize("role", ["director", "keepalived"])
def test_director_with_a_description_of_its_own(role: str) -> None:
    """That of who owns its table goes first."""
    own = {"director_manager": "keepalived", f"{role}_virtual_services": [service(port=81)]}
    if role == "keepalived":
        own["director_virtual_services"] = [service(port=82)]
    found = ask("status", known=hosts(director=own), now=NOW)["status"]
    assert found["services"][0]["endpoints"] == (f"tcp {VIP}:81",)


class TestAsked:
    """The folder, and the descriptions."""

    def test_fine(self, tmp_path: Path) -> None:
        assert ask("status_asked") == {"problems": [], "to": ""}
        to = str(tmp_path / "new")
        assert ask("status_asked", {**WEB, "lvs_status_to": to}) == {"problems": [], "to": to}

    @pytest.mark.parametrize(
        ("given", "told"),
        [
            (3, "lvs_status_to 3 is not text"),
            ("/dev/null", "lvs_status_to '/dev/null' is no directory; give a folder"),
        ],
    )
    def test_no_folder(self, given: Any, told: str) -> None:
        (problem,) = ask("status_asked", {**WEB, "lvs_status_to": given})["problems"]
        assert problem["message"].startswith(told)

    @pytest.mark.parametrize("text", ["", "[]", "{}", '{"format": 2}'])
    def test_somebody_elses_data(self, text: str, tmp_path: Path) -> None:
        (tmp_path / "status.json").write_text(text)
        (problem,) = ask("status_asked", {**WEB, "lvs_status_to": str(tmp_path)})["problems"]
        assert problem["why"] == "has another status.json"

    def test_description(self) -> None:
        """All that is wrong with it, and that of a director of its own, each once."""
        bad = [service(port=99999), service(name="mail", scheduler="best")]
        (one, two) = ask("status_asked", {"lvs_virtual_services": bad})["problems"]
        assert (one["field"], two["field"]) == ("port", "scheduler")
        own = {"director_virtual_services": bad}
        assert len(ask("status_asked", known=hosts(director=own))["problems"]) == 2


class TestWatch:
    """How the page is made again and again."""

    def test_fine(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        """In a folder of its own, for nobody else to read, or in the user's."""
        monkeypatch.setattr(context, "CLIARGS", {"inventory": ("lb1,",)})
        monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
        port = free_port()
        found = ask("watch", {**WEB, "lvs_watch_port": port})
        (folder,) = tmp_path.iterdir()
        assert folder.stat().st_mode & 0o777 == 0o700
        given = json.loads(found["told"])
        assert (given["folder"], given["remove"], given["every"]) == (str(folder), True, 10)
        assert given["parent"] == os.getpid()
        assert len(given["token"]) > 20
        assert found["address"] == f"http://127.0.0.1:{port}/{given['token']}/"
        own = {**WEB, "lvs_watch_port": port, "lvs_status_to": str(tmp_path / "own")}
        given = json.loads(ask("watch", own)["told"])
        assert (given["folder"], given["remove"]) == (str(tmp_path / "own"), False)

    def test_password_that_was_typed(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """The runs would wait for it."""
        monkeypatch.setattr(context, "CLIARGS", {"ask_pass": True})
        (problem,) = ask("watch")["problems"]
        assert problem["message"].startswith("lvs.cluster.watch has asked for a password")

    def test_port(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """One that is none, and one that somebody has."""
        monkeypatch.setattr(context, "CLIARGS", {})
        (problem,) = ask("watch", {**WEB, "lvs_watch_port": 70000})["problems"]
        assert problem["field"] == "lvs_watch_port"
        with socket.socket() as other:
            other.bind(("127.0.0.1", 0))
            other.listen()
            port = other.getsockname()[1]
            (problem,) = ask("watch", {**WEB, "lvs_watch_port": port})["problems"]
        assert problem["why"] == "is in use on this machine"


def test_page_that_is_served(tmp_path: Path) -> None:
    """It asks for a newer one."""
    known = {**WEB, "lvs_status_to": str(tmp_path), "lvs_status_refresh": 2}
    assert '<body data-refresh="2">' in ask("status", known, now=NOW)["files"][0]["text"]


def test_units() -> None:
    """Of a description that cannot be read there are none: that is told elsewhere."""
    assert [one["owner"] for one in ask("status_units")] == ["director"]
    assert ask("status_units", {"lvs_virtual_services": [service(port=-1)]}) == []
    with pytest.raises(ModelError, match="port -1"):
        ask("status", {"lvs_virtual_services": [service(port=-1)]}, now=NOW)


def test_as_data() -> None:
    """It can be written."""
    found = ask("status", now=NOW)["status"]
    assert json.loads(json.dumps(found))["directors"][0]["name"] == "director"
