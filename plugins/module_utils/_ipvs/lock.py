# Copyright (c) 2025, The lvs.cluster authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One run at a time on the table of a network namespace.

Private to the collection: names and behaviour may change in any release.

The lock is on the namespace itself (/proc/self/ns/net, flock(2)). So it is exactly as wide as the
table, there is no file to make or to clean away, and it ends with its process, however that ends.
Other programs (ipvsadm, keepalived) know nothing of it.
"""

from __future__ import annotations

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager

NAMESPACE = "/proc/self/ns/net"
LIMIT_SECONDS = 60.0
POLL_SECONDS = 0.05


class LockError(Exception):
    """One sentence: somebody else has the table, and the fix."""


@contextmanager
def locked() -> Iterator[None]:
    """Have the table to oneself; raises LockError where that is not possible in LIMIT_SECONDS."""
    descriptor = os.open(NAMESPACE, os.O_RDONLY | os.O_CLOEXEC)
    try:
        _wait_for(descriptor, time.monotonic() + LIMIT_SECONDS)
        yield
    finally:
        os.close(descriptor)


def _wait_for(descriptor: int, deadline: float) -> None:
    while True:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() >= deadline:
                raise LockError(
                    "another task has been changing the IPVS table of this host for"
                    f" {LIMIT_SECONDS:.0f} seconds; run this one again when it has ended."
                ) from None
            time.sleep(POLL_SECONDS)
        else:
            return
