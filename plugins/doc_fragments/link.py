# Copyright (c) 2025, The lvs.cluster authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the documentation of modules for addresses and routes says of their requirements."""

from __future__ import annotations


class ModuleDocFragment:
    """Requirements and notes of modules that change addresses or routes, by pyroute2."""

    DOCUMENTATION = r"""
options: {}
requirements:
  - pyroute2 0.5.14 or later on the target (package C(python3-pyroute2))
notes:
  - The module needs the privilege to change the network (C(CAP_NET_ADMIN)); run it as root, or with C(become).
"""
