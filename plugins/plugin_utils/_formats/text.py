# Copyright (c) 2026, The lvs.cluster authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a file cannot say.

Private to the collection: names and behaviour may change in any release.
"""

from __future__ import annotations

from ansible_collections.lvs.cluster.plugins.module_utils._values import ModelError


def unsayable(text: str, format_name: str, advice: str) -> ModelError:
    """Return what is raised for a text that files of a format have no way to write."""
    why = f"is nothing that {format_name} can say"
    return ModelError("", "", text, why, advice)
