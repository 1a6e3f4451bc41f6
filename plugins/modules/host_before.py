#!/usr/bin/python

# Copyright (c) 2026, The lvs.cluster authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a host was before a role came."""

from __future__ import annotations

DOCUMENTATION = r"""
module: host_before
short_description: Write down what a host was before a role came
version_added: 0.1.0
author:
  - The lvs.cluster authors (@lvs-cluster)
description:
  - A role that leaves a host gives back what it was. This module writes down what that is, in C(/etc/lvs-cluster/ROLE.before), before
    the role changes anything, so that it is known wherever a run breaks off.
  - What is written down once stays so. The first run knows what was before; a later one would find what the first has made.
  - With nothing but O(role) it only tells what is written down.
  - With O(leave) and O(resume) units are what they were. The rest of what is written down the role takes back itself.
  - It is for the roles of this collection. The page C(docs/teardown.md) of the repository says what they do by it.
extends_documentation_fragment:
  - lvs.cluster.attributes
  - lvs.cluster.attributes.actiongroup_ipvs
options:
  role:
    description: Whose record it is.
    type: str
    choices: [bird, keepalived, lamp_db, lamp_web, ldirectord, nfs_client, nfs_server, php_app]
    required: true
  units:
    description:
      - Units that the role is going to start, or to enable. Whether they run and start at boot is written down, also of one that there
        is not yet.
    type: list
    elements: str
    default: []
  paths:
    description:
      - Files and directories that the role makes where they are missing. Those that are missing are written down, as C(paths) of
        RV(made).
    type: list
    elements: str
    default: []
  made:
    description:
      - What else the role is going to make, by the kind of thing, such as C(mounts). Of each kind a list of names, or a mapping of what
        was in the place of each before, or of whatever else is needed to take it back.
    type: dict
    default: {}
  forget:
    description:
      - Names of things that are not the role's any more, by their kind.
    type: dict
    default: {}
  leave:
    description:
      - Whether units that did not run before are stopped, and those that did not start at boot do so no more.
    type: bool
    default: false
  resume:
    description:
      - Whether units that ran before are started, and those that started at boot do so again.
    type: bool
    default: false
  state:
    description:
      - With V(absent) the record is removed, and C(/etc/lvs-cluster) with it where nothing else is there.
      - With V(given_back) it is removed if each of its units runs, and starts at boot, where it did before, and nowhere else.
    type: str
    choices: [present, absent, given_back]
    default: present
seealso:
  - module: lvs.cluster.host_info
  - module: lvs.cluster.unit
"""

EXAMPLES = r"""
- name: Write down how the unit is, and which directories are missing
  lvs.cluster.host_before:
    role: nfs_server
    units: [nfs-server.service]
    paths: [/srv/data]

- name: Write down that nothing was mounted there
  lvs.cluster.host_before:
    role: nfs_client
    made:
      mounts:
        /srv/data: {}

- name: Read what is written down, and stop what did not run
  lvs.cluster.host_before:
    role: nfs_client
    leave: true
  register: before
"""

RETURN = r"""
changes:
  description: What systemd was told, or in check mode would be.
  returned: success
  type: list
  elements: str
  sample: [disabled nfs-server.service, stopped nfs-server.service]
units:
  description: Of each unit what systemd said of it before, C(ActiveState) and C(UnitFileState), which is empty where there was none.
  returned: success
  type: dict
  sample:
    nfs-server.service: {ActiveState: inactive, UnitFileState: ""}
made:
  description: What is the role's, by its kind and name, and what was in its place before.
  returned: success
  type: dict
  sample:
    paths: {/srv/data: {}}
"""

import json
import os
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.lvs.cluster.plugins.module_utils._result import fail
from ansible_collections.lvs.cluster.plugins.module_utils._unit.files import HostFiles
from ansible_collections.lvs.cluster.plugins.module_utils._unit.systemd import RUNNING, Systemd
from ansible_collections.lvs.cluster.plugins.module_utils._values import ModelError

SETTINGS = Path("/etc/lvs-cluster")
PROPERTIES = ("ActiveState", "UnitFileState")
ROLES = [
    "bird", "keepalived", "lamp_db", "lamp_web", "ldirectord", "nfs_client", "nfs_server", "php_app",
]  # fmt: skip

Record = dict[str, dict[str, Any]]
"""C(units) and C(made), each by name; a kind of what is made that has nothing is not there."""


def read(path: Path) -> Record:
    """Return what is written down."""
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
        return {"units": dict(found["units"]), "made": dict(found["made"])}
    except FileNotFoundError:
        return {"units": {}, "made": {}}
    except (OSError, ValueError, KeyError, TypeError) as error:
        why = f"cannot be read ({error})"
        advice = "move it away; what was before its role is not known then"
        raise ModelError(str(path), "", None, why, advice) from error


def remember(record: Record, units: dict[str, Any], made: dict[str, Any]) -> None:
    """Add what is not known yet."""
    record["units"] = {**units, **record["units"]}
    for kind, things in made.items():
        new = things if isinstance(things, dict) else {name: {} for name in things}
        if new:
            record["made"][kind] = {**new, **record["made"].get(kind, {})}


def forget(record: Record, names: dict[str, Sequence[str]]) -> None:
    """Take out what is the role's no more."""
    for kind, gone in names.items():
        left = {n: was for n, was in record["made"].get(kind, {}).items() if n not in gone}
        record["made"].pop(kind, None)
        if left:
            record["made"][kind] = left


def states(systemd: Systemd, units: Sequence[str]) -> dict[str, dict[str, str]]:
    """Return what systemd says of units, in the order in which it is asked: an alias has another Id."""
    shown = systemd.show(units, PROPERTIES) if units else []
    return {
        unit: {name: one.get(name, "") for name in PROPERTIES} for unit, one in zip(units, shown)
    }


def is_given_back(systemd: Systemd, units: dict[str, dict[str, str]]) -> bool:
    """Tell whether each unit runs now, and starts at boot, as it did before."""
    return _run_and_start(states(systemd, list(units))) == _run_and_start(units)


def _run_and_start(units: dict[str, dict[str, str]]) -> dict[str, tuple[bool, bool]]:
    return {
        unit: (one["ActiveState"] in RUNNING, one["UnitFileState"] == "enabled")
        for unit, one in units.items()
    }


def main() -> None:
    """Run the module."""
    module = AnsibleModule(
        argument_spec={
            "role": {"type": "str", "choices": ROLES, "required": True},
            "units": {"type": "list", "elements": "str", "default": []},
            "paths": {"type": "list", "elements": "str", "default": []},
            "made": {"type": "dict", "default": {}},
            "forget": {"type": "dict", "default": {}},
            "leave": {"type": "bool", "default": False},
            "resume": {"type": "bool", "default": False},
            "state": {
                "type": "str",
                "choices": ["present", "absent", "given_back"],
                "default": "present",
            },
        },
        supports_check_mode=True,
    )
    given, path = module.params, SETTINGS / f"{module.params['role']}.before"
    files, systemd = HostFiles(module), Systemd(module)
    try:
        record = read(path)
        for unit, was in record["units"].items():
            if given["leave"]:
                systemd.leave(unit, was)
            if given["resume"]:
                systemd.resume(unit, was)
        if given["state"] == "given_back":
            goes = is_given_back(systemd, record["units"])
        else:
            goes = given["state"] == "absent"
        if goes:
            files.remove(path)
            if not module.check_mode:
                # Where others have files there it stays.
                with suppress(OSError):
                    SETTINGS.rmdir()
        elif given["units"] or given["paths"] or given["made"] or given["forget"]:
            unknown = [unit for unit in given["units"] if unit not in record["units"]]
            missing = [one for one in given["paths"] if not os.path.lexists(one)]
            remember(record, states(systemd, unknown), {**given["made"], "paths": missing})
            forget(record, given["forget"])
            if any(record.values()) or path.exists():
                files.directory(SETTINGS, 0o755)
                text = json.dumps(record, indent=2, sort_keys=True)
                files.write(path, f"{text}\n", 0o644)
    except ModelError as error:
        fail(module, error)
    text = "".join(f"{line}\n" for line in systemd.changes)
    told = {"before_header": "units", "after_header": "units", "before": "", "after": text}
    module.exit_json(
        changed=bool(files.diffs or systemd.changes),
        changes=systemd.changes,
        diff=[*files.diffs, *([told] if systemd.changes else [])],
        **record,
    )


if __name__ == "__main__":
    main()
