# Copyright (c) 2026, The lvs.cluster authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where the site is that `make docs` has built."""

from __future__ import annotations

import os
from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def site() -> Path:
    """The directory of its pages."""
    directory = Path(os.environ["LVS_SITE"])
    assert (directory / "index.html").is_file(), "build it first: make docs"
    return directory
