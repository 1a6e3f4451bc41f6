# Copyright (c) 2025, The lvs.cluster authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The filter to_ipvsadm."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from ansible.errors import AnsibleFilterError
from ansible_collections.lvs.cluster.plugins.module_utils._ipvs.ipvsadm import print_table
from ansible_collections.lvs.cluster.plugins.module_utils._ipvs.wanted import (
    parse_services,
    table_of,
)
from ansible_collections.lvs.cluster.plugins.module_utils._values import ModelError


def to_ipvsadm(services: Sequence[dict[str, Any]]) -> str:
    """Return the rules that make these services, as ipvsadm-save prints them."""
    if not isinstance(services, (list, tuple)):
        raise AnsibleFilterError(
            f"to_ipvsadm: {services!r} is not a list of services; give what ipvs_table is given."
        )
    try:
        return print_table(table_of(parse_services(services)))
    except ModelError as error:
        raise AnsibleFilterError(f"to_ipvsadm: {error}") from error


class FilterModule:
    """The filter for Ansible to find."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        """Return the filter under its name."""
        return {"to_ipvsadm": to_ipvsadm}
