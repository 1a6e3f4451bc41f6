# Copyright (c) 2026, The lvs.cluster authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The virtual addresses of an owner: from what a task asks for to the result.

Private to the collection: names and behaviour may change in any release.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

from ansible.module_utils.basic import AnsibleModule

from .interface import check_interface
from .model import Address, Place, Step
from .module import change_addresses
from .owner import OwnedAddresses, parse_owner
from .plan import plan_addresses
from .wanted import WantedAddresses


def change_owned(
    module: AnsibleModule,
    owner: object,
    wanted: WantedAddresses,
) -> dict[str, Any]:
    """Change them, and return the result; raise ModelError for what cannot be so."""
    owned = OwnedAddresses(parse_owner(owner))
    for entry in wanted.addresses:
        check_interface(entry.interface)

    def plan(
        have: Sequence[Address], mine: Collection[Place], promoting: Collection[str]
    ) -> list[Step]:
        return plan_addresses(have, mine, wanted, promoting=promoting)

    return change_addresses(module, wanted.addresses, plan, owned)
