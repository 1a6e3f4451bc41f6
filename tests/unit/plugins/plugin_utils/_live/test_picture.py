# Copyright (c) 2026, The lvs.cluster authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The picture of a cluster."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from dataclasses import replace
from itertools import combinations

import pytest
from ansible_collections.lvs.cluster.plugins.plugin_utils._live.picture import (
    MANY,
    picture,
    summary,
)
from ansible_collections.lvs.cluster.plugins.plugin_utils._live.status import Status
from described import cluster, service
from observed import DEAD, changed, pair_seen, seen

BOX = "{http://www.w3.org/2000/svg}rect"


def drawn(status: Status, columns: int) -> ET.Element:
    """The picture as XML: it is none where something of it was not escaped."""
    text = str(picture(status, columns, "wide"))
    return ET.fromstring(text.replace("<svg ", '<svg xmlns="http://www.w3.org/2000/svg" ', 1))


def boxes(status: Status, columns: int) -> list[tuple[float, float, float, float]]:
    """Left, top, width and height of each box."""
    found = [one for one in drawn(status, columns).iter(BOX) if "box" in one.attrib["class"]]
    names = ("x", "y", "width", "height")
    left, top, width, height = ([float(one.attrib[name]) for one in found] for name in names)
    return list(zip(left, top, width, height))


def many(count: int) -> Status:
    """A service of so many real servers."""
    servers = [{"address": f"192.168.137.{last}"} for last in range(1, count + 1)]
    return seen(cluster(service(real_servers=servers)))


@pytest.mark.parametrize("columns", [2, 6])
@pytest.mark.parametrize("count", [1, 2, 7, 24, 60])
def test_nothing_overlaps_and_nothing_is_cut(columns: int, count: int) -> None:
    found = replace(many(count), backends={"nfs_servers": ("nfs",)})
    width, height = map(float, drawn(found, columns).attrib["viewBox"].split()[2:])
    places = boxes(found, columns)
    for x, y, w, h in places:
        assert x >= 0
        assert y >= 0
        assert x + w <= width
        assert y + h <= height
    for (x1, y1, w1, h1), (x2, y2, w2, h2) in combinations(places, 2):
        assert x1 + w1 <= x2 or x2 + w2 <= x1 or y1 + h1 <= y2 or y2 + h2 <= y1


def test_of_many_the_worst() -> None:
    """And how many more there are."""
    shown = "".join(drawn(many(60), 6).itertext())
    assert "and 36 more" in shown
    # Clients, the director, the servers, and the box of the others.
    assert len(boxes(many(60), 6)) == 2 + MANY + 1
    servers = [{"address": f"192.168.137.{last}"} for last in range(1, 60)]
    found = cluster(service(real_servers=[*servers, {"host": "rs1"}]))
    assert "rs1" not in "".join(drawn(seen(found), 6).itertext())
    without = changed(found, lambda live: live[0]["real_servers"].pop())
    assert "rs1" in "".join(drawn(seen(found, director=without), 6).itertext())


def test_states_are_said_in_words() -> None:
    """For whoever does not see the picture."""
    assert summary(pair_seen("director")) == (
        "Clients ask the directors: director serves, spare stands by."
        " Real servers: rs1 good, rs2 good."
    )
    assert "director is not known to serve" in summary(seen(director=DEAD))


@pytest.mark.parametrize(
    ("count", "shown"),
    [(0, ""), (1, "10.0.0.1"), (2, "10.0.0.1, 10.0.0.2"), (3, "10.0.0.1 and 2 more")],
)
def test_addresses_that_fit(count: int, shown: str) -> None:
    """None is cut, and who is not named is counted."""
    (one,) = seen().directors
    addresses = {f"10.0.0.{last}": True for last in range(1, count + 1)}
    status = replace(seen(), directors=(replace(one, addresses=addresses),))
    texts = [text for text in drawn(status, 6).itertext() if text.startswith("10.")]
    assert texts == [shown] * bool(count)


def test_way_that_is_off() -> None:
    """To whoever does not serve it is dashed."""
    on = str(picture(pair_seen("director", "spare"), 6, "wide")).count("way off")
    off = str(picture(pair_seen("director"), 6, "wide")).count("way off")
    assert (on, off) == (0, 2)


def test_ways_of_several_rows() -> None:
    """Each director leads to the real servers, also where another one is below it."""
    status = pair_seen("director", "spare")
    text = str(picture(status, 1, "narrow"))
    for x, y, width, height in boxes(status, 1)[:3]:
        assert f'd="M{x + width / 2:g} {y + height:g}L' in text
    # Boxes lie over what passes them.
    assert text.rindex("<path") < text.index("<g>")


def test_weight() -> None:
    """How much of it there is now, as a bar; there is none where nobody knows."""
    out = changed(cluster(), lambda live: live[0]["real_servers"].pop())
    full, half, none = (
        re.findall(r'class="part"[^>]*width="(\d+)"', str(picture(status, 6, "wide")))
        for status in (seen(), seen(director=out), seen(director=DEAD))
    )
    assert full == ["150", "150"]
    assert half == ["0", "150"]
    assert none == []


def test_weight_in_words() -> None:
    """Of who is out of the table it is known, and of who is in one that nobody read it is not."""
    out = changed(cluster(), lambda live: live[0]["real_servers"].pop())
    shown = [*drawn(seen(director=out), 6).itertext()]
    assert {"weight 0 of 1", "weight 1 of 1"} < {*shown}
    assert "weight not known" in [*drawn(seen(director=DEAD), 6).itertext()]
