# Copyright (c) 2026, The lvs.cluster authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""For whom a plan is asked, and with what.

Private to the collection: names and behaviour may change in any release.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any, Callable, NamedTuple

from ansible_collections.lvs.cluster.plugins.module_utils._values import ModelError


class Asked(NamedTuple):
    """What Ansible hands a lookup: the host, its variables, and those of the others.

    C(variable) returns a variable of this host, its templates resolved, or the second argument
    where there is none. C(options) are the lookup's own, C(names) those of all variables.
    """

    host: str
    hostvars: Mapping[str, Any]
    groups: Mapping[str, Sequence[str]]
    variable: Callable[[str, Any], Any]
    options: Mapping[str, Any]
    names: Collection[str] = ()

    @property
    def inventory(self) -> Mapping[str, Any]:
        """The host's variables as any other host sees them: without those of plays and roles."""
        if self.host not in self.hostvars:
            return {}
        found: Mapping[str, Any] = self.hostvars[self.host]
        return found

    def option(self, name: str) -> Any:
        """Return an option that has to be given."""
        if self.options.get(name) is None:
            raise ModelError("lvs.cluster.plan", name, None, "is not given", "give it")
        return self.options[name]


# Each term of the lookup has one.
Plan = Callable[[Asked], Any]
