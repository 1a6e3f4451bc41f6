"""Where the lab keeps its things."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parents[2]

FRAGMENT = CHECKOUT / "lab" / "kernel.fragment"

DEMO_FRAGMENT = CHECKOUT / "lab" / "demo.fragment"
"""What of it the demonstration does without."""

GUEST_INIT = CHECKOUT / "lab" / "guest-init"


def cache_dir() -> Path:
    """Give the directory of what is built once: ${XDG_CACHE_HOME:-~/.cache}/lvs-lab."""
    base = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(base) / "lvs-lab"


def state_dir() -> Path:
    """Give the directory of the running lab: ${LVS_LAB_STATE:-CHECKOUT/.lab}.

    Each state directory is a lab of its own; several can run side by side.
    """
    return Path(os.environ.get("LVS_LAB_STATE") or CHECKOUT / ".lab").absolute()


def run_dir() -> Path:
    """Give the directory of the lab's Unix sockets.

    A socket's path may have 108 bytes at most, so it is short whatever the state
    directory's own path is.
    """
    digest = hashlib.sha256(str(state_dir()).encode()).hexdigest()[:12]
    return Path("/run/lvs-lab") / digest
