# Copyright (c) 2025, The lvs.cluster authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The filter from_ipvsadm."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ansible.errors import AnsibleFilterError
from ansible_collections.lvs.cluster.plugins.module_utils._ipvs.from_ipvsadm import parse_rules
from ansible_collections.lvs.cluster.plugins.module_utils._ipvs.wanted import table_of
from ansible_collections.lvs.cluster.plugins.module_utils._values import ModelError


def from_ipvsadm(text: str) -> list[dict[str, Any]]:
    """Return the services that rules make, as ipvs_table takes them."""
    if not isinstance(text, str):
        raise AnsibleFilterError(
            f"from_ipvsadm: {text!r} is no text; give what ipvsadm -Sn prints."
        )
    try:
        wanted = parse_rules(text)
        # What no kernel holds is to be said here, and not first by whoever uses it.
        table_of(wanted)
    except ModelError as error:
        raise AnsibleFilterError(f"from_ipvsadm: {error}") from error
    return [service.as_task() for service in wanted]


class FilterModule:
    """The filter for Ansible to find."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        """Return the filter under its name."""
        return {"from_ipvsadm": from_ipvsadm}
