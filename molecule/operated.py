"""A cluster is operated at noon: whatever is done to it, no client notices."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from drain import Playbook
from load import Load
from nodes import Site, node, table
from testinfra.host import Host

UPDATE = """
- name: Restart the web server
  ansible.builtin.systemd_service:
    name: nginx.service
    state: restarted
"""
LIMITS = {"lvs_drain_inactive_timeout": 0, "lvs_update_watch": 2}


def operated_at_noon(  # noqa: PLR0913, PLR0917 - the cluster that it is
    site: Site,
    client: Host,
    directors: Sequence[Host],
    described: list[dict[str, Any]],
    names: Sequence[str],
    tasks: Path,
    **variables: object,
) -> None:
    """Each of these servers is drained, restarts, and is given back; the table is changed.

    `described` are the services of the inventory, and `tasks` a file for those of the update. The
    variables are others than the inventory's.
    """
    site(everywhere=True, **variables)
    tasks.write_text(UPDATE)
    before, started = [table(director) for director in directors], _started(names)
    asked = [service["address"] for service in described if service["port"] == 80]
    with Load(client, asked, requests=10_000, rate=100, downloads=300, size=8192, again=True) as at:
        given: dict[str, object] = {
            "lvs_host": ",".join(names),
            "lvs_update_tasks": str(tasks),
            **LIMITS,
            **variables,
        }
        told = Playbook("rolling_update", **given).told()
        assert [told.count(f"{name} was drained since") for name in names] == [1] * len(names)
        site(*_weighted(described), **variables)
        for director in directors:
            assert {row[3] for row in table(director) if row[0] == "->"} == {"2", "6"}
        site(**variables)
    assert len(at.requests) >= 10_000
    assert len(at.downloads) >= 300
    assert at.failed() == []
    assert at.broken() == []
    assert [table(director) for director in directors] == before
    assert all(now != then for now, then in zip(_started(names), started))
    print(f"{len(at.requests)} requests and {len(at.downloads)} downloads, none of them failed")


def _started(names: Sequence[str]) -> list[str]:
    when = "systemctl show nginx -P ActiveEnterTimestampMonotonic"
    return [node(name).check_output(when) for name in names]


def _weighted(described: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    for service in described:
        first, *others = service["real_servers"]
        weighted = [{**first, "weight": 6}, *({**other, "weight": 2} for other in others)]
        yield {**service, "scheduler": "wrr", "real_servers": weighted}
