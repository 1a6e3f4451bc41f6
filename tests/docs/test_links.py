# Copyright (c) 2026, The lvs.cluster authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Each link of the built site leads to a page of it, and to a place on that page."""

from __future__ import annotations

from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit


class Page(HTMLParser):
    """Where a page leads, and what can be led to on it."""

    def __init__(self, path: Path) -> None:
        """Read a page."""
        super().__init__()
        self.links: set[str] = set()
        self.places: set[str] = set()
        self.feed(path.read_text(encoding="utf-8"))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Take the attributes that lead somewhere."""
        for name, value in attrs:
            if value and name in ("href", "src"):
                self.links.add(value)
            elif value and (name == "id" or (tag == "a" and name == "name")):
                self.places.add(value)


def broken(pages: dict[Path, Page]) -> Iterator[str]:
    """Give each link that leads nowhere; those to other sites are not followed."""
    for path, page in pages.items():
        for link in sorted(page.links):
            address = urlsplit(link)
            if address.scheme or address.netloc:
                continue
            target = (path.parent / unquote(address.path)).resolve() if address.path else path
            if not target.is_file():
                yield f"{path.name}: {link}: there is no such page"
            elif address.fragment and target in pages:
                place = unquote(address.fragment)
                if place not in pages[target].places:
                    yield f"{path.name}: {link}: the page has no such place"


def test_links_within_the_site(site: Path) -> None:
    pages = {path.resolve(): Page(path) for path in site.rglob("*.html")}
    assert len(pages) > 50
    assert list(broken(pages)) == []


def test_a_link_that_leads_nowhere_is_found(tmp_path: Path) -> None:
    page = tmp_path / "page.html"
    page.write_text('<a id="here" href="#here"></a><a href="#there"></a><a href="gone.html"></a>')
    assert list(broken({page: Page(page)})) == [
        "page.html: #there: the page has no such place",
        "page.html: gone.html: there is no such page",
    ]


def test_each_plugin_role_and_guide_has_its_page(site: Path) -> None:
    house = Path(__file__).parents[2]
    for kind in ("module", "filter", "lookup"):
        folder = house / "plugins" / ("modules" if kind == "module" else kind)
        for path in folder.glob("[!_]*.py"):
            assert (site / "collection" / f"{path.stem}_{kind}.html").is_file(), path.stem
    for path in house.glob("roles/[!_]*"):
        assert (site / "collection" / f"{path.name}_role.html").is_file(), path.name
    for path in house.glob("docs/*.md"):
        assert (site / "docs" / f"{path.stem}.html").is_file(), path.name
