"""A scenario's cluster is taken away, at its end."""

from __future__ import annotations

from teardown import is_taken_away


def test_teardown() -> None:
    """Each host is as it was before the first run."""
    is_taken_away()
