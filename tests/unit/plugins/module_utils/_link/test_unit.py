# Copyright (c) 2026, The lvs.cluster authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The files of lines that the units' program reads."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from ansible_collections.lvs.cluster.plugins.module_utils._link.unit import (
    FORMER,
    HEADER,
    UnitFile,
    left_over,
    parse_lines,
    parse_unit_owner,
)
from ansible_collections.lvs.cluster.plugins.module_utils._values import ModelError


@pytest.mark.parametrize(
    ("part", "before", "lines", "left"),
    [
        ("services", ["-f 1", "-f 2"], ["-f 2", "-f 3"], ["-f 1"]),
        ("settings", ["a/b 1", "c/d 3 50"], ["a/b 2"], ["c/d 3 50"]),
        ("settings", ["a/b 1"], ["a/bc 2"], ["a/b 1"]),
        (
            "daemons",
            ["--start-daemon master --syncid 1", "--start-daemon backup --syncid 1"],
            ["--start-daemon master --syncid 2"],
            ["--start-daemon backup --syncid 1"],
        ),
        (
            "drained",
            ["rs1 drained T1", "rs1 drained T1 web", "rs2 drained T1"],
            ["rs1 undrained T2", "rs1 cut T2 more"],
            ["rs1 drained T1 web", "rs2 drained T1"],
        ),
        ("gateway", ["10.0.0.1 eth1"], ["10.0.0.2 eth1"], []),
        ("timeouts", ["1 2 3"], [], []),
        ("addresses", ["192.0.2.1/32 eth1"], [], ["192.0.2.1/32 eth1"]),
    ],
)
def test_lines_of_before_stay_but_for_those_about_the_same(
    part: str, before: list[str], lines: list[str], left: list[str]
) -> None:
    """A setting has one value, a role one daemon; twice the same changes nothing."""
    assert left_over(part, before, lines) == left
    assert left_over(part, [*lines, *left], lines) == left


@pytest.mark.parametrize("line", ["", "  ", "a\nb", "# a", "a\x00", "a\r", "a\u2028b"])
def test_what_the_program_would_read_otherwise_is_refused(line: str) -> None:
    """No string becomes a line of its own, or none."""
    with pytest.raises(ModelError, match="is not one line") as told:
        parse_lines({"settings": ["a 1", line]})
    assert (told.value.item, told.value.field) == ("lines", "settings")


@pytest.mark.parametrize(
    ("given", "why"),
    [
        ({"../passwd": []}, "is no name of a file"),
        ({"": []}, "is no name of a file"),
        ({"settings": "a 1"}, "is not a list"),
    ],
)
def test_what_is_no_file_of_lines(given: dict[str, Any], why: str) -> None:
    """A name is not a path, and text is not a list of letters."""
    with pytest.raises(ModelError, match=why):
        parse_lines(given)


def test_a_file(tmp_path: Path) -> None:
    """What the program skips is skipped; a missing file has no lines, and is not an empty one."""
    file = UnitFile("director", "services", tmp_path)
    assert file.read() == []
    assert not file.exists()
    (tmp_path / "director.services").write_text("# former\n\n-f 1\n  \n-f 2\n")
    assert file.read() == ["-f 1", "-f 2"]
    file.write(["-f 3"])
    assert (tmp_path / "director.services").read_text() == f"{HEADER}\n-f 3\n"
    assert (tmp_path / "director.services").stat().st_mode & 0o777 == 0o644
    file.write(["-f 4"], former=["-f 3"])
    assert (tmp_path / "director.services").read_text() == f"{HEADER}\n-f 4\n{FORMER}\n-f 3\n"
    assert file.read() == ["-f 4", "-f 3"]
    file.write([])
    assert file.exists()
    shown = file.diff(["-f 3"], [])
    assert (shown["before"], shown["after"]) == ("-f 3\n", "")
    assert shown["before_header"] == shown["after_header"] == str(tmp_path / "director.services")


@pytest.mark.parametrize("owner", ["director", "dr-real-server", "tun-real-server-shop-2"])
def test_owner(owner: str) -> None:
    """A kind of host, and a cluster's name behind it."""
    assert parse_unit_owner(owner) == owner


@pytest.mark.parametrize(
    "owner",
    [
        "",
        "Director",
        "director-shop",
        "dr-real-server-",
        "dr-real-server-a/b",
        "dr-real-server-a\n",
        "dr-real-server-\u0662",
        "dr-real-server\n",
        "nat-real-server-" + "x" * 33,
        "real-server",
    ],
)
def test_bad_owner(owner: str) -> None:
    """It would be a name of files, and of a unit."""
    with pytest.raises(ModelError):
        parse_unit_owner(owner)
