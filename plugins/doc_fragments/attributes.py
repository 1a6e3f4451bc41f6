# Copyright (c) 2025, The lvs.cluster authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the modules' documentation says of their attributes and requirements."""

from __future__ import annotations


class ModuleDocFragment:
    """Attributes, requirements and notes that modules have in common."""

    DOCUMENTATION = r"""
options: {}
attributes:
  check_mode:
    description: Can run in C(check_mode) and return changed status prediction without modifying target.
    support: full
  diff_mode:
    description: Will return details on what has changed (or possibly needs changing in C(check_mode)), when in diff mode.
    support: full
  platform:
    description: Target OS or families that can be operated against.
    support: full
    platforms: linux
"""

    # Of a module that only reads.
    INFO = r"""
options: {}
attributes:
  check_mode:
    description: Can run in C(check_mode) and return changed status prediction without modifying target.
    support: full
    details:
      - This action does not modify state.
  diff_mode:
    description: Will return details on what has changed (or possibly needs changing in C(check_mode)), when in diff mode.
    support: N/A
    details:
      - This action does not modify state.
  platform:
    description: Target OS or families that can be operated against.
    support: full
    platforms: linux
"""

    ACTIONGROUP_IPVS = r"""
options: {}
attributes:
  action_group:
    description: Use C(group/lvs.cluster.ipvs) in C(module_defaults) to set defaults for this module.
    support: full
    membership:
      - lvs.cluster.ipvs
"""

    # Of a module that talks to the kernel's IPVS: Python's own socket is all that it needs.
    PRIVILEGE = r"""
options: {}
notes:
  - The module needs the privilege to change the network (C(CAP_NET_ADMIN)); run it as root, or with C(become).
"""
