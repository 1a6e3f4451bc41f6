# Copyright (c) 2026, The lvs.cluster authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How much of the sweep is done: all of it takes an hour and more."""

from __future__ import annotations

import pytest


def pytest_addoption(parser: pytest.Parser) -> None:
    """Let a shorter sweep be asked for."""
    parser.addoption("--every", type=int, default=1, help="break off after every so many changes")
    parser.addoption("--first", type=int, default=1, help="the first change to break off after")


@pytest.fixture
def every(request: pytest.FixtureRequest) -> int:
    """After how many changes a run is broken off next."""
    return int(request.config.getoption("--every"))


@pytest.fixture
def first(request: pytest.FixtureRequest) -> int:
    """After which change a run is broken off first."""
    return int(request.config.getoption("--first"))
