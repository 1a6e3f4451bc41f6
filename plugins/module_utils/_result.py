# Copyright (c) 2025, The lvs.cluster authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How a module ends that cannot do its work.

Private to the collection: names and behaviour may change in any release.
"""

from __future__ import annotations

from typing import NoReturn

from ansible.module_utils.basic import AnsibleModule


def fail(module: AnsibleModule, error: Exception, **result: object) -> NoReturn:
    """End with one sentence."""
    module.fail_json(msg=str(error), **result)
    raise SystemExit(1)
