# Copyright (c) 2026, The lvs.cluster authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""For whom a plan is asked, and with what.

Private to the collection: names and behaviour may change in any release.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Callable, NamedTuple


class Asked(NamedTuple):
    """What Ansible hands a lookup: the host, its variables, and those of the others.

    C(variable) returns a variable of this host, its templates resolved, or the second argument
    where there is none. C(options) are the lookup's own.
    """

    host: str
    hostvars: Mapping[str, Any]
    groups: Mapping[str, Sequence[str]]
    variable: Callable[[str, Any], Any]
    options: Mapping[str, Any]


# Each term of the lookup has one.
Plan = Callable[[Asked], Any]
