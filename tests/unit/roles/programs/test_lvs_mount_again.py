# Copyright (c) 2026, The lvs.cluster authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How a mount that has failed is tried again, and when no more."""

from __future__ import annotations

import pytest
from machine import Machine

UNIT = "srv-data.mount"
FAILED = ("Result=exit-code", "LoadState=loaded", "ActiveEnterTimestampMonotonic=0")


@pytest.fixture
def failed(host: Machine) -> Machine:
    """A host on which the mount has failed, and on which nothing goes on for ever."""
    host.state("unit", *FAILED)
    after(host, 20, "exit 1")
    return host


def after(host: Machine, waits: int, command: str) -> None:
    """What somebody does while the program waits for the time of that number."""
    state = host.root / "state"
    lines = (
        f"cd {state}",
        "[ $(wc -l <slept) -lt 20 ]",
        f"[ $(wc -l <slept) -lt {waits} ] || {command}",
    )
    host.state("meanwhile", "set -e", *lines)


def test_until_it_is_mounted(failed: Machine) -> None:
    """More and more seldom, and for as long as it takes; then it ends."""
    after(failed, 8, "touch ready")
    failed.run("lvs-mount-again", UNIT)
    assert failed.has("slept") == ["2", "4", "8", "16", "32", "60", "60", "60"]
    assert failed.has("started") == [UNIT] * 8


@pytest.mark.parametrize(
    ("was", "becomes"),
    [
        ("ActiveEnterTimestampMonotonic=0", "ActiveEnterTimestampMonotonic=1234"),
        ("LoadState=loaded", "LoadState=not-found"),
        ("LoadState=loaded", "LoadState=masked"),
    ],
)
def test_what_somebody_has_done_meanwhile(failed: Machine, was: str, becomes: str) -> None:
    """Mounted, and perhaps unmounted again, taken out of fstab, or masked: it stays so."""
    after(failed, 2, f"sed -i s/{was}/{becomes}/ unit")
    failed.run("lvs-mount-again", UNIT)
    assert failed.has("started") == [UNIT]


def test_mount_that_somebody_has_stopped(failed: Machine) -> None:
    """While it waited for its server: systemd takes the signal for a failure."""
    failed.state("unit", "Result=signal", *FAILED[1:])
    failed.run("lvs-mount-again", UNIT)
    assert failed.has("started") == []


def test_mount_that_is_taken_out_before_it_looks(failed: Machine) -> None:
    """It is over, though nothing has changed since."""
    failed.state("unit", FAILED[0], "LoadState=not-found", FAILED[2])
    failed.run("lvs-mount-again", UNIT)
    assert failed.has("started") == []


def test_one_that_was_mounted_earlier(failed: Machine) -> None:
    """When it fails later, it is tried again as well."""
    failed.state("unit", *FAILED[:2], "ActiveEnterTimestampMonotonic=1234")
    after(failed, 1, "touch ready")
    failed.run("lvs-mount-again", UNIT)
    assert failed.has("started") == [UNIT]


def test_systemd_that_does_not_answer(failed: Machine) -> None:
    """It has failed itself then, and systemd starts it again."""
    after(failed, 2, "rm unit")
    failed.run("lvs-mount-again", UNIT, status=None)
    assert failed.has("started") == [UNIT]
