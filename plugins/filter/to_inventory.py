# Copyright (c) 2026, The lvs.cluster authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The filter to_inventory."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ansible.errors import AnsibleFilterError
from ansible.utils.unsafe_proxy import wrap_var
from ansible_collections.lvs.cluster.plugins.module_utils._values import ModelError
from ansible_collections.lvs.cluster.plugins.plugin_utils._adopt.inventory import (
    inventory_files,
    read_director,
)


def to_inventory(directors: Any) -> list[dict[str, str]]:
    """Return the files of an inventory that has what was found of these directors."""
    try:
        if not isinstance(directors, (list, tuple)):
            advice = "give a list of them, each with found"
            raise ModelError("", "", None, "the directors are not a list", advice)
        files = inventory_files([read_director(one) for one in directors])
        result: list[dict[str, str]] = wrap_var([file._asdict() for file in files])
    except ModelError as error:
        raise AnsibleFilterError(f"to_inventory: {error}") from error
    return result


class FilterModule:
    """The filter for Ansible to find."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        """Return the filter under its name."""
        return {"to_inventory": to_inventory}
