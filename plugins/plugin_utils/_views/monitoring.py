# Copyright (c) 2026, The lvs.cluster authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where Prometheus finds the directors' metrics.

Private to the collection: names and behaviour may change in any release.

Pure code.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from ansible_collections.lvs.cluster.plugins.module_utils._values import join_host_port


def scrape_targets(
    directors: Iterable[str], hostvars: Mapping[str, Mapping[str, Any]], port: int
) -> list[dict[str, Any]]:
    """Return the directors as C(file_sd_configs) of Prometheus takes them.

    A director is asked where Ansible connects to it. By its labels the alert rules know whose it
    is, also while it does not answer.
    """
    return [
        {
            "targets": [join_host_port(_address(name, hostvars[name]), port)],
            "labels": {
                "lvs_cluster": str(hostvars[name].get("lvs_cluster") or ""),
                "lvs_director": name,
            },
        }
        for name in directors
        if name in hostvars
    ]


def _address(name: str, variables: Mapping[str, Any]) -> str:
    return str(variables.get("ansible_host") or name)
