# Copyright (c) 2025, The lvs.cluster authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How a module ends that cannot do its work.

Private to the collection: names and behaviour may change in any release.
"""

from __future__ import annotations

from typing import NoReturn

from ansible.module_utils.basic import AnsibleModule, missing_required_lib

from . import _netlink

PYROUTE2_REASON = (
    "to talk to the kernel over netlink (version 0.7 or later; the package is called"
    " python3-pyroute2 in most distributions)"
)


def check_pyroute2(module: AnsibleModule, *, may_lack: bool) -> bool:
    """Tell whether there is a pyroute2; end with one sentence where there has to be."""
    if _netlink.PYROUTE2_IMPORT_ERROR is not None:
        if may_lack:
            return False
        module.fail_json(
            msg=missing_required_lib("pyroute2", reason=PYROUTE2_REASON),
            exception=_netlink.PYROUTE2_IMPORT_ERROR,
        )
    version = _netlink.pyroute2_version()
    if version and version < _netlink.OLDEST_PYROUTE2:
        module.fail_json(
            msg=f"pyroute2 {'.'.join(map(str, version))} is too old {PYROUTE2_REASON};"
            " install a later one."
        )
    return True


def fail(module: AnsibleModule, error: Exception, **result: object) -> NoReturn:
    """End with one sentence."""
    module.fail_json(msg=str(error), **result)
    raise SystemExit(1)
