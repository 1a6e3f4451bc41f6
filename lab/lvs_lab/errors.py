"""The one error that the lab shows to its user."""

from __future__ import annotations


class LabError(Exception):
    """Something that the user must know of: one sentence, and what to do, where that is known."""


class BootError(LabError):
    """The guest or a node did not come up."""
