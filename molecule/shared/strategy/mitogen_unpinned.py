"""Mitogen's strategy, whose processes may run on any processor."""

from __future__ import annotations

import ansible_mitogen.affinity
from ansible_mitogen.plugins.strategy.mitogen_linear import StrategyModule

# By itself it keeps to some processors, and so would all that it starts, the labs' guests included.
ansible_mitogen.affinity.policy = ansible_mitogen.affinity.Policy()

__all__ = ["StrategyModule"]
