# Copyright (c) 2026, The lvs.cluster authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a director that runs goes by: IPVS's settings, timeouts and synchronisation daemons.

Private to the collection: names and behaviour may change in any release.

Written against the kernel's ip_vs_ctl.c and ip_vs_sync.c up to Linux 6.12. Pure code.
"""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from ansible_collections.lvs.cluster.plugins.module_utils._ipvs.sync_daemon import (
    SyncDaemon,
    default_maxlen,
)
from ansible_collections.lvs.cluster.plugins.module_utils._ipvs.timeouts import DEFAULTS, NAMES

from .._settings.role import settings_of
from .._settings.roles import DIRECTOR
from .._settings.sysctls import IPVS_SYSCTLS
from .found import Found
from .ipvsadm import read_daemon

# What the kernel begins with, where it is the same on all machines.
_KERNEL: Mapping[str, str] = {
    "am_droprate": "10",
    "amemthresh": "1024",
    "conn_reuse_mode": "1",
    "lblc_expiration": "86400",
    "lblcr_expiration": "86400",
    "pmtu_disc": "1",
    "run_estimation": "1",
    "snat_reroute": "1",
    "sync_ports": "1",
    "sync_threshold": "3 50",
    "sync_version": "1",
}
# These go by the machine, so that nobody can tell whether somebody has set them.
_OF_MACHINE = ("est_cpulist", "sync_qlen_max")
# The kernel itself makes 2 of 1 while memory is scarce.
_DEFENSES = ("drop_entry", "drop_packet", "secure_tcp")
_BELOW = "net/ipv4/vs/"


def read_sysctls(live: Mapping[str, str], declared: Sequence[str], found: Found) -> None:
    """Say what differs from the kernel's own values, and what the role sets otherwise.

    C(declared) are lines of settings of the last run of the role.
    """
    usual: Mapping[str, Any] = settings_of(DIRECTOR, lambda _name, default: default)["ipvs_sysctls"]
    named = {line.split()[0].removeprefix(_BELOW) for line in declared if line.startswith(_BELOW)}
    names = named or {*usual, *(name for name in live if _differs(name, live[name]))}
    wanted = {
        name: _value(name, live[name])
        for name in sorted(names)
        if name in live and name in IPVS_SYSCTLS.fields
    }
    if wanted != usual:
        found.variables[DIRECTOR.variable("ipvs_sysctls")] = wanted


def _differs(name: str, value: str) -> bool:
    return name not in _OF_MACHINE and value != _KERNEL.get(name, "0")


def _value(name: str, text: str) -> int | str:
    if not text.removeprefix("-").isdecimal():
        return text
    value = int(text)
    return 1 if name in _DEFENSES and value == 2 else value


def read_timeouts(live: Mapping[str, int], declared: Sequence[str], found: Found) -> None:
    """Say which timeouts differ from the kernel's own; C(declared) are those of the role."""
    seconds = [int(word) for line in declared for word in line.split() if word.isdecimal()]
    ours = {name for name, value in zip(NAMES, seconds) if value}
    wanted = {name: live[name] for name in NAMES if live[name] != DEFAULTS[name] or name in ours}
    if wanted:
        found.variables[DIRECTOR.variable("timeouts")] = wanted


def read_daemons(
    live: Sequence[Mapping[str, Any]],
    declared: Sequence[str] | None,
    mtu: Mapping[str, int],
    found: Found,
) -> None:
    """Say which daemons synchronise connections; those of keepalived are its own.

    C(declared) are lines of the role, which say what was given of each; None where the director is
    not the role's. C(mtu) is that of each interface.
    """
    if "keepalived_sync_daemon" in found.variables:
        return
    if declared is None:
        daemons = [dict(_told(each, mtu)) for each in live]
    else:
        daemons = [read_daemon(shlex.split(line)[1:]) for line in declared]
    if daemons:
        found.variables[DIRECTOR.variable("sync_daemons")] = daemons


def _told(live: Mapping[str, Any], mtu: Mapping[str, int]) -> Iterator[tuple[str, Any]]:
    """Give the fields of a daemon without what the kernel takes by itself."""
    daemon = SyncDaemon(**live)
    by_itself = SyncDaemon(daemon.role, daemon.interface)
    length = default_maxlen(daemon, mtu.get(daemon.interface, 0))
    for name, value in daemon.as_result().items():
        usual = length if name == "maxlen" else getattr(by_itself, name)
        if name in ("role", "interface") or value != usual:
            yield name, value
