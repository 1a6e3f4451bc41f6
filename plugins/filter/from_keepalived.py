# Copyright (c) 2026, The lvs.cluster authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The filter from_keepalived."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ansible.errors import AnsibleFilterError
from ansible.utils.unsafe_proxy import wrap_var
from ansible_collections.lvs.cluster.plugins.module_utils._values import ModelError
from ansible_collections.lvs.cluster.plugins.plugin_utils._adopt import keepalived
from ansible_collections.lvs.cluster.plugins.plugin_utils._adopt.options import (
    read_options,
    take_names,
)


def from_keepalived(text: str, **options: Any) -> dict[str, Any]:
    """Return what keepalived.conf has, in the words of an inventory."""
    try:
        given = read_options(options, "files", "path", "config_id", "addresses", "as_hosts")
        found = keepalived.from_keepalived(text, take_names(given), **given)
        result: dict[str, Any] = wrap_var(found.as_result())
    except ModelError as error:
        raise AnsibleFilterError(f"from_keepalived: {error}") from error
    return result


class FilterModule:
    """The filter for Ansible to find."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        """Return the filter under its name."""
        return {"from_keepalived": from_keepalived}
