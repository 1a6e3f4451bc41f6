# Copyright (c) 2026, The lvs.cluster authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Configurations as operators have them, and what is looked at of what they become."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import yaml
from ansible_collections.lvs.cluster.plugins.plugin_utils._adopt.found import Found, Names
from ansible_collections.lvs.cluster.plugins.plugin_utils._adopt.ipvsadm import from_ipvsadm_save
from ansible_collections.lvs.cluster.plugins.plugin_utils._adopt.keepalived import from_keepalived
from ansible_collections.lvs.cluster.plugins.plugin_utils._adopt.ldirectord import from_ldirectord

CASES = Path(__file__).parent / "_adopt" / "cases"
# What /etc/hosts of the director of the third case has.
ADDRESSES = {
    "www-vip": "192.0.2.80",
    "web1": "10.2.0.11",
    "web4": "10.2.0.14",
    "web9": "10.2.0.19",
}
PORTS = {"http": 80, "https": 443}
READ: Mapping[str, Callable[[str], Found]] = {
    "1-keepalived-groups.conf": lambda text: from_keepalived(text, Names()),
    "2-keepalived-dr-udp.conf": lambda text: from_keepalived(text, Names()),
    "3-ldirectord.cf": lambda text: from_ldirectord(text, Names(ADDRESSES)),
    "4-ipvsadm-save.rules": lambda text: from_ipvsadm_save(text, Names(None, PORTS)),
}


def case(name: str) -> str:
    """The text of a case."""
    return (CASES / name).read_text()


def expected(name: str) -> dict[str, Any]:
    """What is to become of a case."""
    found: dict[str, Any] = yaml.safe_load((CASES / f"{name}.yml").read_text())
    return found


def keepalived(text: str, **options: Any) -> dict[str, Any]:
    """What becomes of a keepalived.conf."""
    return from_keepalived(text, Names(), **options).as_result()


def ldirectord(text: str, **options: Any) -> dict[str, Any]:
    """What becomes of an ldirectord.cf."""
    return from_ldirectord(text, Names(ADDRESSES), **options).as_result(secrets=True)


def service(result: Mapping[str, Any], number: int = 0) -> dict[str, Any]:
    """One of the services that were found."""
    found: dict[str, Any] = result["variables"]["lvs_virtual_services"][number]
    return found


def carried(result: Mapping[str, Any]) -> dict[int, list[str]]:
    """What each line has become."""
    return _by_line(result["carried_over"], "into")


def left_out(result: Mapping[str, Any]) -> dict[int, list[str]]:
    """Why each line is left out."""
    return _by_line(result["left_out"], "why")


def why(result: Mapping[str, Any], text: str) -> list[str]:
    """Why a statement is left out."""
    return [entry["why"] for entry in result["left_out"] if entry["text"] == text]


def _by_line(entries: list[dict[str, Any]], name: str) -> dict[int, list[str]]:
    found: dict[int, list[str]] = {}
    for entry in entries:
        found.setdefault(entry["line"], []).append(entry[name])
    return found


def unaccounted(text: str, result: Mapping[str, Any], comments: str) -> list[str]:
    """The lines of a text that are neither carried over nor left out."""
    known = {entry["line"] for entry in (*result["carried_over"], *result["left_out"])}
    return [
        line
        for number, line in enumerate(text.splitlines(), 1)
        if line.strip(" \t{}") and line.strip()[0] not in comments and number not in known
    ]
