#!/usr/bin/python

# Copyright (c) 2026, The lvs.cluster authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the unit of a director or real server gives the host."""

from __future__ import annotations

DOCUMENTATION = r"""
module: unit
short_description: Write down what a unit of the roles gives, and have it given now
version_added: 0.1.0
author:
  - The lvs.cluster authors (@lvs-cluster)
description:
  - The roles for directors and real servers install units, which at boot run C(/usr/local/sbin/lvs-unit). That program reads files in
    C(/etc/lvs-cluster), and gives the host what they say. This module writes the files that consist of lines, and runs the program.
  - So what holds after a boot is made in the same way as what holds now, and is looked at in each run, whoever has changed it
    meanwhile. What is so already is left alone.
  - It is for the roles of this collection. The page C(docs/units.md) of the repository describes files and program.
extends_documentation_fragment:
  - lvs.cluster.attributes
  - lvs.cluster.attributes.actiongroup_ipvs
options:
  owner:
    description:
      - Whose unit it is, V(director), V(nat-real-server), V(dr-real-server) or V(tun-real-server). Of a cluster with a name
        a real server has that behind it, as V(dr-real-server-shop).
    type: str
    required: true
  lines:
    description:
      - The lines of files, by the last part of the file's name. V(addresses) is C(/etc/lvs-cluster/OWNER.addresses).
      - A file that is not named is left alone.
    type: dict
    default: {}
  former:
    description:
      - What happens to lines of before that are not in O(lines).
      - With V(keep) they stay, behind the new ones, until V(drop) takes them out. Wherever a run ends between the two, the file has
        all that may have been made, and a boot in that time brings up what was served before and what is to be served. That
        something of before cannot be given any more is no failure.
      - A line stays only where none of O(lines) is about the same thing. In V(settings) that is the first word, in V(daemons) and
        V(host-daemons) the second. V(gateway) and V(timeouts) have one line.
    type: str
    choices: [keep, drop]
    default: drop
  give:
    description:
      - The parts that are given now, in this order.
      - In check mode these are the parts of the files as they were before.
    type: list
    elements: str
    choices: [addresses, daemons, devices, gateway, handover, marks, modules, nft, ports, settings, table, timeouts]
    default: []
  retire:
    description:
      - Whether settings, devices and ports are taken back that were given and are in no file any more. A setting is then what it
        was before, unless somebody else has changed it.
    type: bool
    default: false
seealso:
  - module: lvs.cluster.virtual_ips
  - module: lvs.cluster.ipvs_table
"""

EXAMPLES = r"""
- name: Set IPVS's own settings, now and at boot
  lvs.cluster.unit:
    owner: director
    lines:
      settings: [net/ipv4/vs/conntrack 0, net/ipv4/ip_forward 1]
    former: keep
    give: [settings]

- name: Take back the settings that are no longer declared
  lvs.cluster.unit:
    owner: director
    lines:
      settings: [net/ipv4/ip_forward 1]
    retire: true

- name: Load the rules that masquerade, if they are not in effect as they are in the file
  lvs.cluster.unit:
    owner: director
    give: [nft]
"""

RETURN = r"""
changes:
  description: What the program has changed on the running host, or in check mode would change, as it tells it.
  returned: success
  type: list
  elements: str
  sample: [added net/ipv4/vs/conntrack 0, loaded director.nft]
files:
  description: The files that were written, or in check mode would be.
  returned: success
  type: list
  elements: str
  sample: [/etc/lvs-cluster/director.settings]
"""

from collections.abc import Mapping
from pathlib import Path

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.lvs.cluster.plugins.module_utils._link.unit import (
    UnitFile,
    left_over,
    parse_lines,
    parse_unit_owner,
)
from ansible_collections.lvs.cluster.plugins.module_utils._result import fail
from ansible_collections.lvs.cluster.plugins.module_utils._values import ModelError
from ansible_collections.lvs.cluster.plugins.module_utils._written import as_written

PROGRAM = Path("/usr/local/sbin/lvs-unit")
PARTS = [
    "addresses", "daemons", "devices", "gateway", "handover", "marks", "modules", "nft", "ports", "settings", "table", "timeouts",
]  # fmt: skip


def write_files(
    module: AnsibleModule, owner: str, wanted: Mapping[str, list[str]]
) -> list[dict[str, str]]:
    """Write the files that have changed, but for check mode; return them as diffs."""
    diffs = []
    for part, lines in wanted.items():
        file = UnitFile(owner, part)
        before = file.read()
        former = left_over(part, before, lines) if module.params["former"] == "keep" else []
        if before == [*lines, *former] and file.exists():
            continue
        if not module.check_mode:
            file.write(lines, former)
        diffs.append(file.diff(before, [*lines, *former]))
    return diffs


def run_program(module: AnsibleModule, owner: str, *words: str) -> list[str]:
    """Run the program, in check mode to see what it would do; return what it tells."""
    if module.check_mode and not PROGRAM.exists():
        return [f"{' '.join(words)}, once {PROGRAM} is installed"]
    trial = ["-n"] if module.check_mode else []
    status, told, problems = module.run_command([str(PROGRAM), *trial, owner, *words])
    if module.check_mode and problems.startswith("usage:"):
        return [f"{' '.join(words)}, once {PROGRAM} of this release is installed"]
    if status != 0:
        module.fail_json(
            msg=f"{owner}: {' '.join(words)} failed: {problems.strip() or told.strip()}",
            changes=told.splitlines(),
        )
    changes: list[str] = told.splitlines()
    return changes


def main() -> None:
    """Run the module."""
    module = AnsibleModule(
        argument_spec={
            "owner": {"type": "str", "required": True},
            "lines": {"type": "dict", "default": {}},
            "former": {"type": "str", "choices": ["keep", "drop"], "default": "drop"},
            "give": {"type": "list", "elements": "str", "choices": PARTS, "default": []},
            "retire": {"type": "bool", "default": False},
        },
        supports_check_mode=True,
    )
    given = as_written(module)
    try:
        parse_unit_owner(given["owner"])
        wanted = parse_lines(given["lines"])
        diffs = write_files(module, given["owner"], wanted)
    except ModelError as error:
        fail(module, error)
    files = [diff["after_header"] for diff in diffs]
    changes = run_program(module, given["owner"], "give", *given["give"]) if given["give"] else []
    if given["retire"]:
        changes += run_program(module, given["owner"], "retire")
    if changes:
        header = f"what lvs-{given['owner']} gives"
        text = "".join(f"{line}\n" for line in changes)
        diffs.append({"before_header": header, "after_header": header, "before": "", "after": text})
    module.exit_json(changed=bool(diffs), changes=changes, files=files, diff=diffs)


if __name__ == "__main__":
    main()
