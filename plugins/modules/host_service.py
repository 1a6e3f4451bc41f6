#!/usr/bin/python

# Copyright (c) 2026, The lvs.cluster authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A service that runs, and has read its files."""

from __future__ import annotations

DOCUMENTATION = r"""
module: host_service
short_description: Have a service run, and read its files where it has not since they changed
version_added: 0.1.0
author:
  - The lvs.cluster authors (@lvs-cluster)
description:
  - Has systemd read the units' own files, starts the service now and at boot where that is asked for, and reloads or restarts it where
    one of its files is newer than what it has read.
  - It looks at the host, and not at what the same run has changed. So a file of a run that was killed, or of somebody's own hand, is in
    effect after the next run, which a handler would not see to.
  - A drop-in that systemd does not know is read, and the service restarted or reloaded, although systemd says that nothing is to be
    read. Before version 257 (Debian 13) it says so of a unit whose directory for drop-ins is new.
  - All of it is one step, because each start of a module takes longer than what it finds to do in most runs.
  - It is for the roles of this collection.
extends_documentation_fragment:
  - lvs.cluster.attributes
  - lvs.cluster.attributes.actiongroup_ipvs
options:
  units:
    description:
      - The units that are reloaded or restarted, in this order. The last one is asked when it did so, and is the one that O(enabled)
        and O(started) are about.
    type: list
    elements: str
    required: true
  enabled:
    description: Whether the last of O(units) is to start at boot. One that starts at boot goes on doing so without it.
    type: bool
    default: false
  started:
    description: Whether the last of O(units) is to run now, and at boot. One that runs goes on running without it.
    type: bool
    default: false
  files:
    description:
      - The files that the service reads, and directories whose entries count. What is not there is no reason to read.
      - A service that does not run, and is not to be started, is left alone.
    type: list
    elements: str
    default: []
  sources:
    description:
      - What systemd makes units of, such as C(/etc/fstab), and directories of units, whose entries count, too. It reads all of its
        files where one of these is newer than what it has made of them, C(/run/systemd/generator). It does not say by itself that a
        line of C(/etc/fstab), or a unit, is new.
    type: list
    elements: str
    default: []
  state:
    description:
      - How the service reads O(files). With V(restarted) it has read what was there when it started, with V(reloaded) also what was
        there when it last reloaded.
    type: str
    choices: [reloaded, restarted]
    default: reloaded
  test:
    description:
      - A command that fails where the service would not take what is in its files. Then it goes on with what it has, and the module
        fails. In check mode it is not run.
    type: list
    elements: str
    default: []
seealso:
  - module: lvs.cluster.host_files
  - module: ansible.builtin.systemd_service
"""

EXAMPLES = r"""
- name: Have Apache run, with the virtual hosts that there are now
  lvs.cluster.host_service:
    units: [apache2.service]
    started: true
    files: [/etc/apache2/sites-enabled, /etc/apache2/sites-available/lvs-cluster.conf]
    test: [apache2ctl, -t]

- name: Restart what takes its settings when it starts, where it runs
  lvs.cluster.host_service:
    units: [nfs-utils.service, nfs-server.service]
    files: [/etc/nfs.conf.d/lvs-cluster.conf]
    state: restarted

- name: Have systemd read a unit that was installed
  lvs.cluster.host_service:
    units: [lvs-announce.service]

- name: Have it know what is mounted at boot, and mount it
  lvs.cluster.host_service:
    units: [remote-fs.target]
    enabled: true
    sources: [/etc/fstab]
"""

RETURN = r"""
changes:
  description: What systemd was told, or in check mode would be.
  returned: success
  type: list
  elements: str
  sample: [reloaded apache2.service]
unread:
  description: Those of O(files) that were newer than what the service had read.
  returned: success
  type: list
  elements: str
  sample: [/etc/apache2/sites-enabled]
"""

from collections.abc import Sequence

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.lvs.cluster.plugins.module_utils._result import fail
from ansible_collections.lvs.cluster.plugins.module_utils._unit.systemd import Systemd
from ansible_collections.lvs.cluster.plugins.module_utils._values import ModelError


def test(module: AnsibleModule, command: Sequence[str]) -> None:
    """Raise ModelError where the service would not take its files."""
    if not command or module.check_mode:
        return
    status, told, problems = module.run_command(list(command))
    if status != 0:
        why = f"says no to what the service would read: {(problems or told).strip()}"
        raise ModelError(" ".join(command), "", None, why, "correct that, and run again")


def have(module: AnsibleModule, systemd: Systemd) -> list[str]:
    """Have the service run, and read its files; return those that it had not."""
    given = module.params
    unit, files = given["units"][-1], given["files"]
    knew = systemd.reload(given["units"], files, given["sources"])
    if given["started"]:
        systemd.start(unit)
    elif given["enabled"]:
        systemd.enable(unit)
    if not files:
        return []
    unread = systemd.unread(unit, files, by_restart=given["state"] == "restarted")
    if unread is None:
        return []
    if unread:
        test(module, given["test"])
    # No time tells of a drop-in that systemd did not know when it started the service.
    if unread or not knew:
        systemd.have_read(given["units"], given["state"].removesuffix("ed"))
    return unread


def main() -> None:
    """Run the module."""
    module = AnsibleModule(
        argument_spec={
            "units": {"type": "list", "elements": "str", "required": True},
            "enabled": {"type": "bool", "default": False},
            "started": {"type": "bool", "default": False},
            "files": {"type": "list", "elements": "str", "default": []},
            "sources": {"type": "list", "elements": "str", "default": []},
            "state": {
                "type": "str",
                "choices": ["reloaded", "restarted"],
                "default": "reloaded",
            },
            "test": {"type": "list", "elements": "str", "default": []},
        },
        supports_check_mode=True,
    )
    systemd = Systemd(module)
    if not module.params["units"]:
        error = ModelError("host_service", "units", [], "names no unit", "name the service's unit")
        fail(module, error)
    try:
        unread = have(module, systemd)
    except ModelError as error:
        fail(module, error, changed=bool(systemd.changes), changes=systemd.changes)
    text = "".join(f"{line}\n" for line in systemd.changes)
    told = {"before_header": "units", "after_header": "units", "before": "", "after": text}
    module.exit_json(
        changed=bool(systemd.changes),
        changes=systemd.changes,
        unread=unread,
        diff=[told] if systemd.changes else [],
    )


if __name__ == "__main__":
    main()
