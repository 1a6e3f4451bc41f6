# Copyright (c) 2026, The lvs.cluster authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What was measured, in a file."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any


class Results:
    """What was measured; each part is written down when it is there, beside those of before."""

    def __init__(self, output: Path) -> None:
        self._output = output
        self.all: dict[str, Any] = json.loads(output.read_text()) if output.exists() else {}

    def add(self, part: str, found: Any) -> None:
        """Put a part in the place of what there was of it."""
        self.all[part] = found
        self._write()

    def add_size(self, part: str, size: str, found: Any) -> None:
        """The same, of one size or one cluster of a part."""
        self.all.setdefault(part, {})[size] = found
        self._write()

    def _write(self) -> None:
        self._output.parent.mkdir(parents=True, exist_ok=True)
        self._output.write_text(json.dumps(self.all, indent=1) + "\n")
