# Copyright (c) 2026, The lvs.cluster authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The built site, opened in a browser: Debian's chromium, without a screen."""

from __future__ import annotations

import html
import re
import shutil
import subprocess
from pathlib import Path

import pytest

PAGES = {
    "index.html": "Linux Virtual Server clusters, from one description in an inventory.",
    "docs/description.html": "lvs_virtual_services",
    "collection/ipvs_table_module.html": "keep_weights",
    "collection/from_keepalived_filter.html": "config_id",
    "collection/director_role.html": "director_manager",
    "roles/director/README.html": "director_manager",
}


def opened(page: Path, profile: Path, *options: str) -> str:
    """Open a page, let its scripts run, and return it as the browser has it then."""
    chromium = shutil.which("chromium")
    assert chromium, "install Debian's package chromium"
    done = subprocess.run(
        [chromium, "--headless", "--no-sandbox", "--disable-gpu", "--no-first-run",
         "--disable-background-networking", "--disable-component-update", "--disable-sync",
         "--host-resolver-rules=MAP * ~NOTFOUND", f"--user-data-dir={profile}",
         "--virtual-time-budget=5000", *options, "--dump-dom", page.as_uri()],
        check=True, capture_output=True, text=True, timeout=300,
    )  # fmt: skip
    return done.stdout


@pytest.mark.parametrize(("name", "shown"), PAGES.items())
def test_page_is_shown(site: Path, tmp_path: Path, name: str, shown: str) -> None:
    """With what it is about, and with the menu that leads to the others."""
    page = opened(site / name, tmp_path)
    assert shown in html.unescape(re.sub(r"<[^>]+>", "", page))
    assert "reference internal" in page


def test_nothing_is_asked_of_others(site: Path) -> None:
    """No style, script or picture of a third party: it would come to know who reads the site."""
    for page in site.rglob("*.html"):
        for tag in re.findall(r"<(?:script|link|img|iframe)\b[^>]*>", page.read_text()):
            foreign = re.search(r"(?:src|href)=\"(?:https?:)?//[^\"]*", tag)
            assert not foreign or 'rel="canonical"' in tag, (page.name, tag)
