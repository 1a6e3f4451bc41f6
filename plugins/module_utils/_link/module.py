# Copyright (c) 2025, The lvs.cluster authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the modules for addresses and default routes share: the way from reading to the result.

Private to the collection: names and behaviour may change in any release.
"""

from __future__ import annotations

import traceback
from collections.abc import Callable, Sequence
from typing import Any

from ansible.module_utils.basic import AnsibleModule, missing_required_lib

from .._result import fail
from .._values import ModelError
from .kernel import Links
from .model import LinkError, Step
from .plan import after_steps
from .proc import ProcLinks

PYROUTE2_IMPORT_ERROR: str | None = None
try:
    from pyroute2.config.version import __version__ as PYROUTE2_VERSION
except ImportError:
    PYROUTE2_VERSION = ""
    PYROUTE2_IMPORT_ERROR = traceback.format_exc()

OLDEST_PYROUTE2 = (0, 7)
PYROUTE2_REASON = (
    "to talk to the kernel over netlink (version 0.7 or later; the package is called"
    " python3-pyroute2 in most distributions)"
)


def check_pyroute2(module: AnsibleModule, *, may_lack: bool) -> bool:
    """Tell whether there is a pyroute2; end with one sentence where there has to be."""
    if PYROUTE2_IMPORT_ERROR is not None:
        if may_lack:
            return False
        module.fail_json(
            msg=missing_required_lib("pyroute2", reason=PYROUTE2_REASON),
            exception=PYROUTE2_IMPORT_ERROR,
        )
    version = tuple(int(n) for n in PYROUTE2_VERSION.split(".")[:2] if n.isdecimal())
    if version and version < OLDEST_PYROUTE2:
        module.fail_json(
            msg=f"pyroute2 {'.'.join(map(str, version))} is too old {PYROUTE2_REASON};"
            " install a later one."
        )
    return True


def connect(module: AnsibleModule) -> Links | ProcLinks:
    """Start a conversation with rtnetlink, or in check mode on an unprepared host with /proc."""
    if check_pyroute2(module, may_lack=module.check_mode):
        return Links()
    module.warn(
        "pyroute2 is not installed yet: the check reads addresses and routes from /proc, and does"
        " not see labels, nor whether the change would be refused."
    )
    return ProcLinks()


def run(
    module: AnsibleModule,
    read: Callable[[Links | ProcLinks], Sequence[Any]],
    plan: Callable[[Links | ProcLinks, Sequence[Any]], Sequence[Step]],
) -> None:
    """Read, plan, change, and end the module with the result."""
    done: list[dict[str, Any]] = []
    try:
        with connect(module) as links:
            have = read(links)
            steps = plan(links, have)
            if isinstance(links, Links) and not module.check_mode:
                for step in steps:
                    links.do(step)
                    done.append(step.as_result())
    except (ModelError, LinkError) as error:
        fail(module, error, changed=bool(done), operations=done)
    before = sorted(have, key=lambda item: item.order)
    after = sorted(after_steps(have, steps), key=lambda item: item.order)
    module.exit_json(
        changed=bool(steps),
        before=[item.as_result() for item in before],
        after=[item.as_result() for item in after],
        operations=[step.as_result() for step in steps],
        diff={
            "before": "".join(item.as_line() for item in before),
            "after": "".join(item.as_line() for item in after),
        },
    )
