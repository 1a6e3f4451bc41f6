# Copyright (c) 2025, The lvs.cluster authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""IPVS's own settings, net.ipv4.vs.*, and what is wrong with names and values that are given.

Private to the collection: names and behaviour may change in any release.

Which settings there are differs from kernel to kernel, so only their form is looked at. Pure code.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from .._cluster.problem import Problem

_NAME = r"[a-z_]+"
# est_cpulist is a list of processors, such as 0-3,6.
_NUMBER = r"-?[0-9]+([-,][0-9]+)*"
_VALUE = rf"{_NUMBER}( {_NUMBER})*"


def sysctl_problems(item: str, sysctls: Mapping[Any, Any]) -> Iterator[Problem]:
    """Give what is wrong with C(director_ipvs_sysctls); a boolean stands for 0 or 1."""
    for name, value in sysctls.items():
        if not re.fullmatch(_NAME, str(name)):
            yield Problem(
                item,
                "director_ipvs_sysctls",
                name,
                "is not the name of a setting",
                "give what comes after net.ipv4.vs, such as conn_reuse_mode",
            )
        elif not isinstance(value, bool) and not re.fullmatch(_VALUE, str(value)):
            yield Problem(
                item,
                f"director_ipvs_sysctls.{name}",
                value,
                "is not a number",
                "give one, or several with a space between them, such as 0 0",
            )
