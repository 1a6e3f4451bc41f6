# Copyright (c) 2026, The lvs.cluster authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""IPVS's own settings, net.ipv4.vs.*, a row each.

Private to the collection: names and behaviour may change in any release.

Written against the kernel's ip_vs_ctl.c up to Linux 6.12. Which of them a kernel has differs, and
which values it takes: of a number it is seldom more than that it is one.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from ansible_collections.lvs.cluster.plugins.module_utils._values import parse_integer

from .kinds import Kind, Record, refused

_MAX_INT = 2**31 - 1


def _number(lowest: int = 0, highest: int = _MAX_INT) -> Kind:
    """Return the kind of a number; a boolean stands for 0 or 1."""

    def parse(value: Any) -> int:
        given = int(value) if isinstance(value, bool) else value
        return parse_integer("", "", given, lowest, highest)

    return Kind(parse, lowest, "int")


def _threshold(value: Any) -> str:
    """Read C(sync_threshold): packets, and after how many more it is said again."""
    words = str(value).split() if isinstance(value, str) else []
    if len(words) != 2:
        raise refused(value, "is not two numbers", "give two, such as '3 50'")
    first, period = (parse_integer("", "", word, 0, _MAX_INT) for word in words)
    if period and first >= period:
        raise refused(value, "has a first number that is not less", "give a lower one first")
    return f"{first} {period}"


def _processors(value: Any) -> str:
    """Read a list of processors."""
    text = str(value) if isinstance(value, (str, int)) and not isinstance(value, bool) else ""
    if not re.fullmatch(r"[0-9]+(-[0-9]+)?(,[0-9]+(-[0-9]+)?)*", text):
        raise refused(value, "is not a list of processors", "give one such as '0-3,6'")
    return text


_SWITCH = _number(0, 1)
_ANY = _number()
_DEFENSE = _number(0, 3)

_ROWS: Mapping[str, Kind] = {
    "am_droprate": _ANY,
    "amemthresh": _ANY,
    "backup_only": _SWITCH,
    "cache_bypass": _SWITCH,
    "conn_reuse_mode": _number(0, 3),
    "conntrack": _SWITCH,
    "debug_level": _number(0, 12),
    "drop_entry": _DEFENSE,
    "drop_packet": _DEFENSE,
    "est_cpulist": Kind(_processors, "0-3"),
    "est_nice": _number(-20, 19),
    "expire_nodest_conn": _SWITCH,
    "expire_quiescent_template": _SWITCH,
    "ignore_tunneled": _SWITCH,
    "lblc_expiration": _ANY,
    "lblcr_expiration": _ANY,
    "nat_icmp_send": _SWITCH,
    "pmtu_disc": _SWITCH,
    "run_estimation": _SWITCH,
    "schedule_icmp": _SWITCH,
    "secure_tcp": _DEFENSE,
    "sloppy_sctp": _SWITCH,
    "sloppy_tcp": _SWITCH,
    "snat_reroute": _SWITCH,
    "sync_persist_mode": _SWITCH,
    "sync_ports": _number(1, 128),
    "sync_qlen_max": _ANY,
    "sync_refresh_period": _ANY,
    "sync_retries": _number(0, 3),
    "sync_sock_size": _ANY,
    "sync_threshold": Kind(_threshold, "3 50"),
    "sync_version": _SWITCH,
}

# What directors that announce their addresses have besides, unless they name it: one takes up
# connections of the others in the middle, and tells its own at once, and again every ten seconds.
AT_ONCE: Mapping[str, Any] = {
    "conn_reuse_mode": 1,
    "expire_nodest_conn": 1,
    "expire_quiescent_template": 1,
    "schedule_icmp": 1,
    "sloppy_sctp": 1,
    "sloppy_tcp": 1,
    "sync_refresh_period": 10,
    "sync_retries": 1,
    "sync_threshold": "0 0",
}

# Of what it has, the specification names nothing: the role's README does.
IPVS_SYSCTLS = Record(fields=_ROWS, example={"conn_reuse_mode": 1}, is_open=True)
