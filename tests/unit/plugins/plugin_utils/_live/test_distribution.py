"""How requests are spread, beside what the scheduler promises."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest
from ansible_collections.lvs.cluster.plugins.plugin_utils._live.distribution import (
    Distribution,
    distribution,
    server_of_answer,
    web_requests,
)
from described import VIP, cluster, service


def pages(**counts: int) -> list[str]:
    """So many pages of each server."""
    return [f"{name}\n" for name, count in counts.items() for _ in range(count)]


def found_for(asked: dict[str, Any], answers: Sequence[str | None]) -> Distribution:
    """What is found of the answers of a service."""
    (web,) = cluster(asked).services
    return distribution(web, answers)


@pytest.mark.parametrize(
    ("scheduler", "weights", "at_least", "count"),
    [
        ("rr", (1, 1), 5, 6),
        ("wrr", (2, 6), 8, 8),
        ("wrr", (2, 6), 5, 8),
        ("wrr", (1, 2), 8, 9),
        ("rr", (1, 0), 5, 5),
        ("lc", (1, 1), 1, 2),
    ],
)
def test_web_requests(scheduler: str, weights: tuple[int, int], at_least: int, count: int) -> None:
    """Whole turns; a server of weight 0 has no turn."""
    servers = [{"host": f"rs{n}", "weight": w} for n, w in enumerate(weights, 1)]
    plan = cluster(service(scheduler=scheduler, real_servers=servers))
    assert web_requests(plan, at_least) == [
        {"name": "service web", "url": f"http://{VIP}:80/", "count": count}
    ]


def test_web_requests_ask_http_only() -> None:
    """Port or check tell what speaks HTTP."""
    plan = cluster(
        service(port=22),
        service(port=8443, check={"type": "https", "path": "/ok"}),
        service(port=8080, check={"type": "connect"}),
        service(address="2001:db8::1", real_servers=[{"address": "2001:db8::2"}]),
    )
    assert [asked["url"] for asked in web_requests(plan, 1)] == [
        f"https://{VIP}:8443/ok",
        f"http://{VIP}:8080/",
        "http://[2001:db8::1]:80/",
    ]


@pytest.mark.parametrize(
    ("changed", "counts", "wrong"),
    [
        ({}, {"rs1": 4, "rs2": 4}, ""),
        ({}, {"rs1": 3, "rs2": 5}, ""),
        ({}, {"rs1": 2, "rs2": 6}, "rs1 2, rs2 6 answered, where rr promises rs1 4, rs2 4"),
        ({}, {"rs1": 8}, "rs1 8 answered"),
        ({"scheduler": "lc"}, {"rs1": 7, "rs2": 1}, ""),
        ({"scheduler": "sh"}, {"rs1": 8}, ""),
        ({"scheduler": "sh"}, {"rs1": 7, "rs2": 1}, "2 servers answered, where one alone should"),
        ({"scheduler": "sh", "scheduler_flags": ["sh-port"]}, {"rs1": 7, "rs2": 1}, ""),
        ({"persistent_timeout": 60}, {"rs1": 4, "rs2": 4}, "2 servers answered"),
    ],
)
def test_spread(changed: dict[str, Any], counts: dict[str, int], wrong: str) -> None:
    """Answers beside what scheduler and weights promise."""
    asked = service(**changed)
    found = found_for(asked, pages(**counts))
    assert dict(found.answers) == counts
    if wrong:
        assert len(found.problems) == 1
        assert wrong in found.problems[0]
    else:
        assert found.problems == ()


def test_spread_by_weight() -> None:
    """6:2, and the report says so."""
    asked = service(
        scheduler="wrr",
        real_servers=[{"host": "rs1", "weight": 2}, {"host": "rs2", "weight": 6}],
    )
    found = found_for(asked, pages(rs1=2, rs2=6))
    assert found.problems == ()
    assert found.lines() == [
        "service web: wrr, 2:6",
        "  rs1: 2 answers, promised 2",
        "  rs2: 6 answers, promised 6",
    ]
    assert found_for(asked, pages(rs1=4, rs2=4)).problems


def test_spread_without_an_answer() -> None:
    """A request that failed is told."""
    asked = service()
    (problem,) = found_for(asked, [*pages(rs1=2, rs2=1), None]).problems
    assert problem.startswith("service web: 1 of 4 requests had no answer")


def test_page_names_its_server() -> None:
    """By name or address, as a word of its own; else the page's first line stands for it."""
    asked = service()
    (web,) = cluster(asked).services
    assert server_of_answer(web, "hello,192.168.137.130\n") == "rs2"
    assert server_of_answer(web, "This is rs1.\n") == "rs1"
    assert server_of_answer(web, "rs11\nmore") == "rs11"
    found = found_for(asked, ["one", "two", "one", "two"])
    assert found.problems == ()
    assert found_for(asked, ["one"] * 4).problems
