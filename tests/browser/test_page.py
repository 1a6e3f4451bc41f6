# Copyright (c) 2026, The lvs.cluster authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The page of lvs.cluster.status in a browser: on a phone, on a desk, light and dark."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from chromium import Chromium
from made_up import page_of, page_of_many
from observed import NOW

HOUSE = Path(__file__).resolve().parents[2]
BUILD = HOUSE / ".build"
AXE = Path(os.environ.get("AXE") or BUILD / "node_modules" / "axe-core" / "axe.min.js")
MADE_UP = ("ha", "nat_wordpress", "ecmp", "many")
# Others, such as lvs.cluster.status has written of a cluster that runs.
PAGES = os.environ.get("PAGES", "").split()
# Of the documentation, and how much of the page is on them.
PICTURES = {"light": "status-light.png", "dark": "status-dark.png"}
_WIDTH, _HEIGHT = 1000, 800
_TALLEST = 6000
_LOOK = Path(__file__).with_name("look.js")


@pytest.fixture(scope="module")
def browser() -> Iterator[Chromium]:
    """Chromium, when the pages that are made up are new."""
    started = Chromium()
    started.at(NOW)
    yield started
    started.close()


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where pages that are made up are written."""
    return tmp_path_factory.mktemp("pages")


@pytest.fixture
def shown(named: str, folder: Path) -> Path:
    """A page."""
    if named not in MADE_UP:
        return Path(named)
    path = folder / f"{named}.html"
    if not path.exists():
        path.write_text(page_of_many() if named == "many" else page_of(named))
    return path


@pytest.mark.parametrize("named", [*MADE_UP, *PAGES])
@pytest.mark.parametrize("width", [400, 1400])
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_page(browser: Chromium, named: str, shown: Path, width: int, theme: str) -> None:
    """Nothing is cut, nothing lies over something else, and axe-core has nothing to say of it."""
    browser.show(shown, width, theme)
    height = min(browser.value("document.documentElement.scrollHeight"), _TALLEST)
    taken = browser.picture(width, height)
    to = BUILD / "pages"
    to.mkdir(parents=True, exist_ok=True)
    (to / f"{Path(named).stem}-{width}-{theme}.png").write_bytes(taken)
    assert browser.value("document.documentElement.scrollWidth") <= width
    scripts = [path.read_text(encoding="utf-8") for path in (AXE, _LOOK)]
    browser.value("\n".join([*scripts, "globalThis.look = look; 0"]))
    for what in ("wider", "outOfBox", "columns", "over", "violations"):
        assert browser.value(f"look.{what}()") == [], what


@pytest.mark.parametrize("theme", PICTURES)
def test_picture_of_the_documentation(browser: Chromium, folder: Path, theme: str) -> None:
    """It is taken of the inventory with two directors, of whom one is silent."""
    shown = folder / "documented.html"
    shown.write_text(page_of("ha"))
    browser.show(shown, _WIDTH, theme)
    taken = browser.picture(_WIDTH, _HEIGHT)
    assert len(taken) < 150_000
    (HOUSE / "docs" / PICTURES[theme]).write_bytes(taken)
