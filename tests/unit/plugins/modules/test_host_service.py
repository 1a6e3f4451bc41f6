# Copyright (c) 2026, The lvs.cluster authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A file that a service has not read is read in the next run, whoever wrote it."""

from __future__ import annotations

import os
import re
import time
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.lvs.cluster.plugins.module_utils._unit import systemd
from ansible_collections.lvs.cluster.plugins.modules import host_service
from module_host import Ended, EndingModule

LONG_AGO, SINCE = 1_000_000_000, "Sat 2020-01-04 10:00:00.000000 UTC"


class Service:
    """A service with a file that it has read, beside a stand-in for systemctl."""

    def __init__(self, root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        """Have a service that runs, and starts at boot."""
        self.file = root / "service.conf"
        self.file.write_text("")
        self._monkeypatch = monkeypatch
        self.shown = {
            "ActiveState": "active",
            "UnitFileState": "enabled",
            "NeedDaemonReload": "no",
            "DropInPaths": "",
            "StateChangeTimestamp": SINCE,
            "InactiveExitTimestamp": SINCE,
        }
        self.written(LONG_AGO)

    def written(self, when: float) -> None:
        """Have the file written then."""
        os.utime(self.file, (when, when))

    def run(
        self, *, check_mode: bool = False, status: int = 0, **given: Any
    ) -> tuple[dict[str, Any], list[str]]:
        """Run the module, and return its result and what was done."""
        told = "".join(f"{name}={value}\n" for name, value in self.shown.items())
        params = {
            **{"units": ["lab.service"], "enabled": False, "started": False, "test": []},
            **{"files": [str(self.file), str(self.file.with_name("missing"))]},
            **{"sources": [], "state": "reloaded", **given},
        }
        module = EndingModule(told, params, status, check_mode=check_mode)
        self._monkeypatch.setattr(host_service, "AnsibleModule", lambda **_options: module)
        self._monkeypatch.setattr(systemd, "GENERATED", self.file.with_name("generator"))
        with pytest.raises(Ended) as ended:
            host_service.main()
        return ended.value.args[0], [one.replace(".service", "") for one in module.done]


@pytest.fixture
def service(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Service:
    """A service that has read its file."""
    return Service(tmp_path, monkeypatch)


def test_what_has_been_read_is_left(service: Service) -> None:
    """No reload, and nothing fails for a file that is not there."""
    told, done = service.run(started=True)
    assert done == told["changes"] == told["unread"] == []
    assert not told["changed"]


def test_what_has_not_been_read_is_read(service: Service) -> None:
    """Although this run has not changed it. A check shows it, and does nothing."""
    service.written(time.time())
    for check_mode in (True, False):
        told, done = service.run(check_mode=check_mode)
        assert done == ([] if check_mode else ["reload lab"])
        assert told["changes"] == ["reloaded lab.service"]
        assert told["unread"] == [str(service.file)]
        assert told["changed"]


def test_several_are_restarted_in_order(service: Service) -> None:
    """The last one tells when they were."""
    service.written(time.time())
    units = ["helper.service", "lab.service"]
    _told, done = service.run(units=units, state="restarted")
    assert done == ["restart helper", "restart lab"]


@pytest.mark.parametrize(
    ("state", "done"), [("reloaded", []), ("restarted", ["restart lab"])], ids=str
)
def test_what_a_reload_has_read(service: Service, state: str, done: list[str]) -> None:
    """Is not read by a restart alone."""
    service.shown["StateChangeTimestamp"] = "Sat 2020-01-11 10:00:00.000000 UTC"
    service.written(1_578_400_000)
    assert service.run(state=state)[1] == done


@pytest.mark.parametrize("state", ["inactive", "failed"])
def test_what_does_not_run(service: Service, state: str) -> None:
    """Is left alone, or reads its files when it is started."""
    service.written(time.time())
    service.shown["ActiveState"] = state
    assert service.run()[1] == []
    assert service.run(started=True)[1] == ["start lab"]


def test_what_does_not_start_at_boot(service: Service) -> None:
    """Does so if it is asked for, whether it runs or not."""
    service.shown |= {"UnitFileState": "disabled", "ActiveState": "inactive"}
    assert service.run(enabled=True)[1] == ["enable lab"]
    assert service.run(started=True)[1] == ["enable lab", "start lab"]
    assert service.run(started=True, check_mode=True)[1] == []


def test_systemd_reads_the_units_files(service: Service) -> None:
    """Before the service does, in case its own are among them."""
    service.shown["NeedDaemonReload"] = "yes"
    assert service.run()[1] == ["daemon-reload"]
    service.written(time.time())
    assert service.run()[1] == ["daemon-reload", "reload lab"]


def test_systemd_reads_what_units_are_made_of(service: Service, tmp_path: Path) -> None:
    """Such as /etc/fstab, where it is newer than what it has made of it."""
    (tmp_path / "generator").touch()
    service.written(time.time() + 1)
    given: dict[str, Any] = {"files": [], "sources": [str(service.file)], "enabled": True}
    for check_mode in (True, False):
        told, done = service.run(check_mode=check_mode, **given)
        assert done == ([] if check_mode else ["daemon-reload"])
        assert told["changes"] == ["reloaded systemd"]
    service.written(LONG_AGO)
    assert service.run(**given)[1] == []


def test_a_drop_in_that_systemd_does_not_know(
    service: Service, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Is read: systemd before 257 says that nothing is to be read of a directory that is new."""
    drop_in = tmp_path / "lab.service.d" / "lvs-cluster.conf"
    monkeypatch.setattr(systemd, "_DROP_IN", re.compile(f"{tmp_path}/[^/]+[.]d/"))
    given: dict[str, Any] = {"files": [str(drop_in)], "state": "restarted"}
    # One that a check has not written, or that was taken away.
    assert service.run(**given)[1] == []
    drop_in.parent.mkdir()
    drop_in.write_text("")
    os.utime(drop_in, (LONG_AGO, LONG_AGO))
    assert service.run(**given)[1] == ["daemon-reload", "restart lab"]
    service.shown["DropInPaths"] = f"/run/a.conf {drop_in}"
    assert service.run(**given)[1] == []


def test_what_would_not_be_taken_is_not_read(service: Service) -> None:
    """The service goes on with what it has."""
    service.written(time.time())
    told, done = service.run(test=["apache", "-t"], status=1)
    assert told["failed"]
    assert told["msg"].startswith("apache -t: says no to what the service would read: ")
    assert done == ["-t"]
    assert service.run(test=["apache", "-t"])[1] == ["-t", "reload lab"]


def test_what_nothing_has_changed_for_is_not_tested(service: Service) -> None:
    assert service.run(test=["apache", "-t"])[1] == []


def test_no_unit(service: Service) -> None:
    told, done = service.run(units=[])
    assert told["msg"].startswith("host_service: units [] names no unit; ")
    assert done == []
