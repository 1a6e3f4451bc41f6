# Copyright (c) 2026, The lvs.cluster authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The lines for Prometheus."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from ansible_collections.lvs.cluster.plugins.module_utils._ipvs.layout import CountedServer
from ansible_collections.lvs.cluster.plugins.module_utils._ipvs.model import RealServer, Service
from ansible_collections.lvs.cluster.plugins.module_utils._metrics.declared import (
    Declared,
    read_declared,
)
from ansible_collections.lvs.cluster.plugins.module_utils._metrics.exposition import (
    PARTS,
    SERVICE_COUNTERS,
    Host,
    escaped,
    exposition,
    sampling,
    unreadable,
)
from ansible_collections.lvs.cluster.plugins.plugin_utils._cluster.model import Cluster
from ansible_collections.lvs.cluster.plugins.plugin_utils._views.metrics import declared_text
from described import FLOATING, VIP, cluster, pair, service
from hypothesis import given
from hypothesis import strategies as st

NOW = 1795878000.5
HOST = Host(NOW, frozenset([VIP]), frozenset())
THEN = "2026-11-28T05:00:00Z"
LINE = re.compile(
    r"[a-z_]+(?:\{(?:[a-z_]+=\"(?:[^\"\\\n]|\\[\\n\"])*\",?)+\})? [-+.0-9e]+"
    r"|# (?:HELP|TYPE) [a-z_]+ .+"
)


def declared(found: Cluster, *drained: str) -> Declared:
    """What the role has written of a cluster."""
    return read_declared(declared_text(found, found.hosts["director"], []), drained)


Rows = list[tuple[Service, dict[str, int], list[CountedServer]]]


def rows(found: Cluster) -> Rows:
    """The table as it is described; each real server has counted something else."""
    counters = dict.fromkeys(SERVICE_COUNTERS, 7)
    return [
        (
            one.service,
            dict(counters),
            [(each.server, n, n + 1, n + 2, n + 3) for n, each in enumerate(one.members)],
        )
        for one in found.services
    ]


def exposed(found: Declared, live: Rows, host: Host) -> str:
    """All that there is to say, where this was read."""
    sample = sampling(found)
    return "".join(exposition(found, dict(sample(*one) for one in live), host))


def told(
    found: Cluster,
    change: Callable[[Rows], object] = lambda live: None,
    host: Host = HOST,
    drained: tuple[str, ...] = (),
) -> dict[str, str]:
    """The value of each metric with its labels, where something of the table was changed."""
    live = rows(found)
    change(live)
    text = exposed(declared(found, *drained), live, host)
    for line in text.splitlines():
        assert LINE.fullmatch(line), line
    samples = [line.rpartition(" ") for line in text.splitlines() if not line.startswith("#")]
    names = [name for name, _space, _value in samples]
    assert len(set(names)) == len(names)
    return {name: value for name, _space, value in samples}


RS1 = 'service="web",server="rs1",address="192.168.137.131:80"'


def test_as_described() -> None:
    """Each service and each real server, by its name."""
    found = told(cluster())
    assert found["lvs_up"] == found['lvs_service_in_table{service="web"}'] == "1"
    assert found['lvs_director_info{cluster="",manager="static",addresses="of_each"}'] == "1"
    assert found['lvs_service_connections_total{service="web"}'] == "7"
    assert found['lvs_service_servers{service="web",state="up"}'] == "2"
    assert found[f"lvs_server_active_connections{{{RS1}}}"] == "0"
    assert found[f"lvs_server_inactive_connections{{{RS1}}}"] == "1"
    assert found[f"lvs_server_persistent_connections{{{RS1}}}"] == "2"
    assert found[f"lvs_server_connections_total{{{RS1}}}"] == "3"
    assert found[f"lvs_server_weight{{{RS1}}}"] == "1"
    assert found[f"lvs_server_weight_wanted{{{RS1}}}"] == "1"
    assert found[f"lvs_server_drained{{{RS1}}}"] == "0"
    assert found["lvs_table_differs"] == "0"
    assert found[f'lvs_announced{{address="{VIP}"}}'] == found["lvs_master"] == "1"
    assert found["lvs_last_run_timestamp_seconds"] == "1795878000.500"


def weigh(weight: int) -> Callable[[Rows], object]:
    """Give the first real server another weight."""

    def change(live: Rows) -> None:
        server, *_counts = live[0][2][0]
        live[0][2][0] = (server._replace(weight=weight), 0, 0, 0, 0)

    return change


@pytest.mark.parametrize(
    ("change", "static", "checked"),
    [
        (lambda live: None, "0", "0"),
        (lambda live: live.clear(), "1", "1"),
        (weigh(5), "1", "1"),
        (weigh(0), "1", "0"),
        (lambda live: live[0][2].pop(), "1", "0"),
        (
            lambda live: live[0][2].append((RealServer("192.168.137.9", 80), 0, 0, 0, 0)),
            "1",
            "1",
        ),
        (
            lambda live: live[0][2].append((RealServer("127.0.0.1", 80, "dr"), 0, 0, 0, 0)),
            "1",
            "0",
        ),
        (
            lambda live: live.append((live[0][0]._replace(port=443), live[0][1], [])),
            "0",
            "0",
        ),
    ],
    ids=["same", "gone", "weight", "down", "out", "extra", "sorry", "foreign"],
)
def test_table_differs(change: Callable[[Rows], object], static: str, checked: str) -> None:
    """Whose table it is tells whether who is down may be missing."""
    sorry = {"sorry_server": {"address": "127.0.0.1"}}
    own, pairs = cluster(service(**sorry)), pair(service(address=FLOATING, **sorry))
    assert told(own, change)["lvs_table_differs"] == static
    assert told(pairs, change)["lvs_table_differs"] == checked


def test_another_scheduler() -> None:
    def change(live: Rows) -> None:
        live[0] = (live[0][0]._replace(scheduler="lc"), *live[0][1:])

    assert told(cluster(), change)["lvs_table_differs"] == "1"


def test_what_is_not_there() -> None:
    """A real server that is out has weight 0; a service that is out has no counters."""
    found = told(cluster(), lambda live: live[0][2].pop(0))
    assert found[f"lvs_server_weight{{{RS1}}}"] == "0"
    assert found['lvs_service_servers{service="web",state="down"}'] == "1"
    gone = told(cluster(), lambda live: live.clear())
    assert gone['lvs_service_in_table{service="web"}'] == "0"
    assert 'lvs_service_connections_total{service="web"}' not in gone


def test_drained() -> None:
    """It is no more down than up, and the table is as it is to be."""
    found = told(cluster(), weigh(0), drained=(f"rs1 drained {THEN}",))
    assert (
        found[f"lvs_server_drained{{{RS1}}}"] == found[f"lvs_server_weight_wanted{{{RS1}}}"] == "1"
    )
    assert [found[f'lvs_service_servers{{service="web",state="{state}"}}'] for state in (
        "up", "down", "drained")] == ["1", "0", "1"]  # fmt: skip
    assert found["lvs_table_differs"] == "0"
    forgotten = told(cluster(), drained=(f"rs1 drained {THEN}",))
    assert forgotten["lvs_table_differs"] == "1"


def test_sorry_server() -> None:
    """In use where it has a weight; a service without one has no line."""
    name = 'lvs_service_sorry_server_in_use{service="web"}'
    found = pair(service(address=FLOATING, sorry_server={"address": "127.0.0.1"}))
    assert told(found)[name] == "0"
    sorry = (RealServer("127.0.0.1", 80, "dr"), 0, 0, 0, 0)
    assert told(found, lambda live: live[0][2].append(sorry))[name] == "1"
    assert name not in told(cluster())


def test_no_more_lines_than_are_declared() -> None:
    """Whatever somebody puts into the table."""

    def many(live: Rows) -> None:
        live[0][2].extend((RealServer("192.168.137.9", port), 0, 0, 0, 0) for port in range(1, 99))
        live.extend((live[0][0]._replace(port=port), live[0][1], []) for port in range(1000, 1099))

    assert told(cluster(), many).keys() == told(cluster()).keys()


class TestHost:
    """Addresses, daemons, and what the unit would give again."""

    def test_stands_by(self) -> None:
        host = HOST._replace(addresses=frozenset(["10.0.0.1"]))
        found = told(cluster(), host=host)
        assert found[f'lvs_announced{{address="{VIP}"}}'] == found["lvs_master"] == "0"

    def test_half_of_the_addresses(self) -> None:
        found = told(
            pair(service(address=FLOATING)), host=Host(NOW, frozenset([FLOATING]), frozenset())
        )
        assert found[f'lvs_announced{{address="{FLOATING}"}}'] == "1"
        assert found["lvs_master"] == "0"

    def test_daemons(self) -> None:
        """Those that are declared, and those that run."""
        found = cluster()
        written = declared_text(found, found.hosts["director"], [{"role": "master"}])
        host = HOST._replace(daemons=frozenset(["backup"]))
        text = exposed(read_declared(written), rows(found), host)
        assert 'lvs_sync_running{role="master"} 0' in text
        assert 'lvs_sync_running{role="backup"} 1' in text
        assert "lvs_sync_running{" not in exposed(declared(found), rows(found), HOST)

    def test_parts(self) -> None:
        host = HOST._replace(parts=frozenset(["nft"]), looked=NOW - 30)
        found = told(cluster(), host=host)
        assert [found[f'lvs_unit_differs{{part="{part}"}}'] for part in PARTS] == [
            str(int(part == "nft")) for part in PARTS
        ]
        assert found["lvs_unit_looked_at_timestamp_seconds"] == "1795877970.500"
        assert not [name for name in told(cluster()) if "unit" in name]


def test_unreadable() -> None:
    """It says so, and nothing of what was before."""
    text = "".join(unreadable(declared(cluster()), NOW))
    assert "lvs_up 0\n" in text
    assert "lvs_server" not in text
    assert "lvs_last_run_timestamp_seconds 1795878000.500" in text


@given(st.text())
def test_escaped(text: str) -> None:
    """Whatever a name is, it ends no value and no line, and is read back as it is."""
    written = escaped(text)
    assert "\n" not in written
    assert re.fullmatch(r'(?:[^"\\]|\\[\\n"])*', written, re.DOTALL)
    back = re.sub(r"\\(.)", lambda match: "\n" if match[1] == "n" else match[1], written)
    assert back == text


def test_names() -> None:
    """With all that is special."""
    evil: dict[str, Any] = {"name": 'a "b" \\ {c="d"} # é <i>'}
    found = told(cluster(service(**evil)))
    shown = 'a \\"b\\" \\\\ {c=\\"d\\"} # é <i>'
    assert found[f'lvs_service_in_table{{service="{shown}"}}'] == "1"
