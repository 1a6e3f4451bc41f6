# Copyright (c) 2026, The lvs.cluster authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The options of the filters that read a configuration.

Private to the collection: names and behaviour may change in any release.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ansible_collections.lvs.cluster.plugins.module_utils._values import ModelError

from .._settings.kinds import BOOLEAN, TEXT, Kind, refused
from .found import Names


def _mapping(value: Any) -> Mapping[str, Any]:
    if not isinstance(value, Mapping):
        raise refused(value, "is not a mapping", "give one")
    return value


_MAPPING = Kind(_mapping, {})
OPTIONS: Mapping[str, Kind] = {
    "path": TEXT,
    "files": _MAPPING,
    "config_id": TEXT,
    "addresses": _MAPPING,
    "ports": _MAPPING,
    "as_hosts": BOOLEAN,
    "secrets": BOOLEAN,
}


def read_options(given: Mapping[str, Any], *known: str) -> dict[str, Any]:
    """Return the options that are given, read; those that are empty count as not given.

    C(known) are the names that a filter has. Raise ModelError for one that may not be.
    """
    found: dict[str, Any] = {}
    for name, value in given.items():
        if name not in known:
            raise ModelError("", name, None, "is no option", f"use one of {', '.join(known)}")
        if value is None or value == "":
            continue
        try:
            found[name] = OPTIONS[name].parse(value)
        except ModelError as error:
            shown = None if isinstance(value, Mapping) else value
            raise ModelError("", name, shown, error.why, error.advice) from None
    return found


def take_names(options: dict[str, Any]) -> Names:
    """Take what hosts and ports are called out of the options."""
    names = ("addresses", "ports", "as_hosts")
    return Names(**{name: options.pop(name) for name in names if name in options})
