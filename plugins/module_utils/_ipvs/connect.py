# Copyright (c) 2025, The lvs.cluster authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How each module comes to its conversation with the kernel's IPVS.

Private to the collection: names and behaviour may change in any release.
"""

from __future__ import annotations

from ansible.module_utils.basic import AnsibleModule

from .._result import fail
from .errors import IpvsError
from .kernel import Ipvs


def connect(module: AnsibleModule) -> Ipvs | None:
    """Start a conversation with IPVS, or return None where there is none and none is needed.

    None is returned in check mode only, on a host that has not loaded IPVS yet.
    """
    try:
        return Ipvs()
    except IpvsError as error:
        if not module.check_mode or not error.no_ipvs:
            fail(module, error)
    module.warn(
        "IPVS is not loaded yet: this host has no virtual service, and the check starts from that."
    )
    return None
