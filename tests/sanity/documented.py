# Copyright (c) 2026, The lvs.cluster authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Say which plugins have no documentation, out of what `ansible-doc --metadata-dump` prints.

Ansible's own sanity tests leave out plugins that share a file, and say nothing of them.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from typing import Any


def undocumented(dump: dict[str, dict[str, Any]]) -> Iterator[str]:
    """Give a line for each plugin, role or module whose documentation cannot be shown."""
    for kind, plugins in dump.items():
        for name, plugin in plugins.items():
            if "error" in plugin:
                yield f"{kind} {name}: {plugin['error']}"


def main() -> int:
    """Read the dump from standard input, and fail where documentation is missing."""
    dump = json.load(sys.stdin)["all"]
    if not dump["module"]:
        print("ansible-doc found no module of the collection")
        return 1
    lines = list(undocumented(dump))
    print("\n".join(lines) or "every plugin is documented")
    return 1 if lines else 0


if __name__ == "__main__":
    sys.exit(main())
