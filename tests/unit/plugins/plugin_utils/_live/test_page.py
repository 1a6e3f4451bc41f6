# Copyright (c) 2026, The lvs.cluster authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The page: it needs nothing else, and what the inventory says comes into it as text alone."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import fields, is_dataclass, replace
from html.parser import HTMLParser
from typing import Any

import pytest
from ansible_collections.lvs.cluster.plugins.plugin_utils._live.page import OLD, page
from ansible_collections.lvs.cluster.plugins.plugin_utils._live.status import Status
from described import FLOATING, cluster, pair, service
from observed import AT, DEAD, NOW, changed, pair_seen, seen

EVIL = "\"'><script>alert(1)</script><img src=x onerror=alert(1)>{{ 7 * 7 }}&amp;\n</title></style>"
# What they are is a class, and what the page itself compares.
WORDS = {"state", "manager", "at", "last", "since", "drained_since", "forward"}

# Mappings by names of the inventory.
NAMED = {"addresses", "weights", "differs", "backends"}


class Parts(HTMLParser):
    """The elements of a page, each with its attributes, and its text."""

    def __init__(self, text: str) -> None:
        """Read it."""
        super().__init__()
        self.elements: list[tuple[str, dict[str, str]]] = []
        self.texts: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Take an element."""
        self.elements.append((tag, {name: value or "" for name, value in attrs}))

    def handle_data(self, data: str) -> None:
        """Take text."""
        self.texts.append(data)

    @property
    def text(self) -> str:
        """All that is said."""
        return " ".join(" ".join(self.texts).split())


def spoilt(value: Any, name: str = "") -> Any:
    """The same with something evil in each text."""
    if is_dataclass(value) and not isinstance(value, type):
        changes = {one.name: spoilt(getattr(value, one.name), one.name) for one in fields(value)}
        return replace(value, **changes)
    if isinstance(value, str):
        return value if name in WORDS or not value else f"{EVIL}{value}"
    if isinstance(value, tuple):
        return tuple(spoilt(one) for one in value)
    if isinstance(value, dict):
        named = name in NAMED
        return {spoilt(key) if named else key: spoilt(one) for key, one in value.items()}
    return value


def statuses() -> Iterator[Status]:
    """Those that show all that there is to show."""
    sorry = {"sorry_server": {"address": "127.0.0.1"}, "persistent_timeout": 60}
    found = cluster(service(**sorry))
    yield seen(found)
    yield replace(
        seen(found, director=DEAD, rs1=DEAD, former=seen().as_result()),
        cluster="shop",
        backends={"nfs_servers": ("nfs",)},
        problems=("Cannot be.",),
        warnings=("May be in the way.",),
        drained=({"message": "rs1 is drained"},),
    )
    yield pair_seen("director", described=pair(service(address=FLOATING, **sorry)))
    extra = changed(cluster(), lambda live: live.append({**live[0], "virtual_port": 1}))
    yield seen(director=extra)


@pytest.mark.parametrize("status", list(statuses()), ids=["good", "dead", "pair", "foreign"])
def test_text_stays_text(status: Status) -> None:
    """A name with quotes, brackets, a newline makes no element and no attribute."""

    def shape(text: str) -> list[tuple[str, list[str]]]:
        return [(tag, list(attributes)) for tag, attributes in Parts(text).elements]

    harmless, evil = page(status), page(spoilt(status))
    assert shape(evil) == shape(harmless)
    assert "alert(1)" in Parts(evil).text
    assert evil.count("&lt;script&gt;") > 5


def test_needs_nothing_else() -> None:
    """No address of anything is in it, and it tells the browser to load nothing."""
    text = page(seen())
    assert not re.search(r"(?:src|href)=|url\(|@import|https?:", text)
    (policy,) = (
        attributes["content"]
        for tag, attributes in Parts(text).elements
        if attributes.get("http-equiv") == "Content-Security-Policy"
    )
    assert policy.startswith("default-src 'none'; style-src 'sha256-")
    assert "unsafe" not in policy


def test_page_that_is_served() -> None:
    """It may ask where it is from, and nobody else; each part of it has a name for that."""
    text = page(seen(), refresh=2)
    assert "connect-src 'self'" in text.replace("&#39;", "'")
    assert "connect-src" not in page(seen())
    parts = [own["id"] for _tag, own in Parts(text).elements if "data-part" in own]
    assert parts == ["head", "looks", "picture", "services", "directors", "real-servers", "rest"]


def test_everything_has_a_name_for_who_hears_it() -> None:
    """Language, title, one heading of the first rank, heads of columns, words beside colours."""
    parts = Parts(page(seen()))
    tags = [tag for tag, _attributes in parts.elements]
    assert tags.count("h1") == tags.count("main") == 1
    assert ("html", {"lang": "en"}) in parts.elements
    for tag, attributes in parts.elements:
        if tag == "th":
            assert attributes["scope"] in ("col", "row")
        if tag == "svg":
            assert attributes["role"] == "img"
            assert attributes["aria-label"]
        if tag == "input":
            assert attributes["type"] == "checkbox" or attributes["id"] == "text"
    assert "✓ good" in parts.text


def test_says_when() -> None:
    """The page, and each host."""
    parts = Parts(page(seen()))
    times = [attributes["datetime"] for tag, attributes in parts.elements if tag == "time"]
    assert times[0] == NOW
    # The service, the director twice, and two real servers.
    assert times[1:] == [AT] * 5
    (old,) = [own for _tag, own in parts.elements if own.get("id") == "old"]
    assert old["data-after"] == str(OLD)


def test_dead_director() -> None:
    """It says since when nothing is known of it, and nothing of it is green."""
    text = page(seen(director=DEAD, rs1=DEAD, rs2=DEAD, former=seen().as_result()))
    shown = Parts(text).text
    assert "no answer; nothing is known of it since 2026-11-28 15:00:00 UTC" in shown
    assert "nothing is known of the table of director" in shown
    classes = [own.get("class", "") for _tag, own in Parts(text).elements]
    assert not [one for one in classes if "good" in one.split()]
    assert "As described" not in shown


def test_no_number_of_who_was_not_asked() -> None:
    """How many take clients, with what weight and share, and who is drained: nobody knows."""
    dead = Parts(page(seen(director=DEAD))).text
    assert "0 of 1 services are good, 1 not known;" in dead
    assert "not known how many of 2 take clients" in dead
    assert dead.count("not known, promised 50 %") == 2
    assert "Not known: no director answered." in dead
    for wrong in ("0 of 2", "none of 1", "none yet", "No real server is"):
        assert wrong not in dead
    silent = Parts(page(seen(rs1=DEAD, rs2=DEAD))).text
    assert "not known how many of 2 take clients" in silent
    assert "No real server is drained." in silent
    one = Parts(page(seen(rs2=DEAD))).text
    assert "1 of 2 in the table, 1 not known" in one


def test_a_cell_is_one_piece() -> None:
    """On a phone, too: of what is flex each piece of a sentence would be a column of its own."""
    style = page(seen()).partition("<style>")[2].partition("</style>")[0]
    rules = re.findall(r"([^{}]+)\{([^{}]*)\}", style)
    cells = [rule for names, rule in rules if re.search(r"\btd(?!:)", names)]
    assert len(cells) > 2
    assert not re.search(r"display: *(inline-)?(flex|grid)", " ".join(cells))


def test_up_is_said_by_a_health_checker() -> None:
    """Without one the director only sends clients there."""
    assert "2 of 2 in the table" in Parts(page(seen())).text
    assert "2 of 2 up" in Parts(page(pair_seen("director"))).text


def test_nothing_to_look_at() -> None:
    assert "Nothing: all that was asked is as it is described." in Parts(page(seen())).text


def test_what_is_alike_is_said_once() -> None:
    """A dead director comes before the services that nobody knows of."""
    found = cluster(*(service(port=port) for port in range(1, 41)))
    text = page(seen(found, director=DEAD))
    assert text.count("<li><span class=") == 2
    assert "service web, service web 2, service web 3 and 37 more" in text
    assert text.index("<b>director director</b>") < text.index("<b>service web, ")


def test_drift_is_on_it() -> None:
    """Under the service, with the director, and at the top."""

    def change(live: list[dict[str, Any]]) -> None:
        live[0]["real_servers"][0]["weight"] = 5

    text = Parts(page(seen(director=changed(cluster(), change)))).text
    assert text.count("rs1 of service web has weight 5 in place of 1") == 3


def test_services_fold() -> None:
    """A few are open; of many those that are not good, and of many of these none."""
    few = page(seen())
    assert few.count("<details") == few.count(" open><summary>") == 1
    found = cluster(*(service(port=port) for port in range(1, 41)))
    assert page(seen(found)).count(" open><summary>") == 0
    one = changed(found, lambda live: live[0]["real_servers"].pop())
    assert page(seen(found, director=one)).count(" open><summary>") == 1
    assert page(seen(found, director=DEAD)).count(" open><summary>") == 0


def test_a_thousand_services() -> None:
    """Each is found by its name, its address and its real servers."""
    found = cluster(*(service(port=port) for port in range(1, 1001)))
    text = page(seen(found))
    assert text.count("<details") == 1000
    assert 'data-find="web tcp 192.168.0.111:1 rs1 192.168.137.131:1 rs2 192.168.137.130:1"' in text


def test_no_service() -> None:
    """An empty description is shown, too."""
    none = replace(seen(), services=(), real_servers=())
    assert "None is described." in Parts(page(none)).text
    assert "None is in the inventory." in Parts(page(none)).text
