"""Mitogen's strategy, whose processes may run on any processor, and look at each thing once."""

from __future__ import annotations

from functools import cache
from typing import Any

import ansible_mitogen.affinity
import ansible_mitogen.module_finder
import ansible_mitogen.planner
from ansible.collections.list import list_collection_dirs
from ansible_mitogen.plugins.strategy.mitogen_linear import StrategyModule

# By itself it keeps to some processors, and so would all that it starts, the labs' guests included.
ansible_mitogen.affinity.policy = ansible_mitogen.affinity.Policy()

# Each process of a task of a collection would look for all collections, which takes longer than
# the task does on the controller otherwise.
COLLECTIONS = [path.decode() for path in list_collection_dirs()]


def _load_collections(invocation: Any) -> None:
    invocation._extra_sys_paths.update(COLLECTIONS)


ansible_mitogen.planner._load_collections = _load_collections
# What modules import is looked for in their code, and most of them import the same.
ansible_mitogen.module_finder.compile = cache(compile)

__all__ = ["StrategyModule"]
