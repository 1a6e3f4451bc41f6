# Copyright (c) 2026, The lvs.cluster authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the controller has to have for a single role, and so need not have for the others.

Private to the collection: names and behaviour may change in any release.
"""

from __future__ import annotations

import json
import re
from importlib import import_module
from pathlib import Path

from .._problem import Problem


def collection_problems(name: str, oldest: str, purpose: str) -> list[Problem]:
    """Name a collection that the controller does not have, or of which it has one too old.

    C(purpose) is what it is needed for, such as C(makes databases).
    """
    advice = f"run ansible-galaxy collection install '{name}:>={oldest}' --upgrade"
    try:
        package = import_module(f"ansible_collections.{name}")
    except ImportError:
        why = f"is not installed on the controller, and {purpose}"
        return [Problem("", name, None, why, advice)]
    version = _version(Path(next(iter(package.__path__))))
    if _numbers(version) < _numbers(oldest):
        return [Problem("", name, version, f"is too old, and {purpose}", advice)]
    return []


def _version(collection: Path) -> str:
    """Return the version of an installed collection; a checkout counts as new enough."""
    manifest = collection / "MANIFEST.json"
    if not manifest.exists():
        return "9999"
    information = json.loads(manifest.read_text(encoding="utf-8"))["collection_info"]
    return str(information["version"])


def _numbers(version: str) -> list[int]:
    return [int(part) for part in re.findall(r"\d+", version)]
