#!/usr/bin/python

# Copyright (c) 2026, The lvs.cluster authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a host has, or can have, of what roles would need there."""

from __future__ import annotations

DOCUMENTATION = r"""
module: host_check
short_description: Ask a host whether it has what roles would need
version_added: 0.1.0
author:
  - The lvs.cluster authors (@lvs-cluster)
description:
  - Returns which packages are installed, or can be from the repositories that are configured, and what there is of units, kernel modules,
    booleans of SELinux, directories and Python.
  - Nothing is changed. On a host with C(dnf), that one may bring its own cache of the repositories up to date.
  - It is for the playbook C(lvs.cluster.check_host).
extends_documentation_fragment:
  - lvs.cluster.attributes.info
  - lvs.cluster.attributes.actiongroup_ipvs
options:
  packages:
    description: The packages that RV(packages) is about.
    type: list
    elements: str
    default: []
  services:
    description: The units that RV(units) is about, each with its end, as C(keepalived.service).
    type: list
    elements: str
    default: []
  kernel_modules:
    description: The modules that RV(kernel_modules) is about.
    type: list
    elements: str
    default: []
  booleans:
    description: The booleans of SELinux that RV(missing_booleans) is about.
    type: list
    elements: str
    default: []
  directories:
    description: The directories that RV(directories) is about, by whole path.
    type: list
    elements: path
    default: []
seealso:
  - module: lvs.cluster.host_info
"""

EXAMPLES = r"""
- name: Ask whether keepalived can be installed, and IPVS is there
  lvs.cluster.host_check:
    packages: [keepalived]
    kernel_modules: [ip_vs]
  register: host
"""

RETURN = r"""
packages:
  description:
    - C(installed) and C(installable) are packages, the latter by the lists of repositories that the host has. C(manager) is C(apt) or C(dnf),
      empty where there is neither. C(trouble) is what the package manager has said where it failed.
  returned: always
  type: dict
  sample: {installed: [kmod], installable: [keepalived], manager: apt, trouble: ""}
units:
  description: What systemd says of loading each unit; empty where it says nothing.
  returned: always
  type: dict
  sample: {keepalived.service: loaded, ldirectord.service: not-found}
kernel_modules:
  description:
    - C(missing) are modules that the kernel C(release) has neither as a file nor built in. Where it has no list of what it has, C(listed) is
      false, and one that shows nothing of itself may be built in.
  returned: always
  type: dict
  sample: {release: 6.12.48, listed: true, missing: []}
missing_booleans:
  description: The booleans that the policy does not have; all of them where SELinux is not there.
  returned: always
  type: list
  elements: str
  sample: []
directories:
  description: V(writable), V(read-only) or V(no directory) for each; of one that is not there, what is above it.
  returned: always
  type: dict
  sample: {/etc/keepalived: writable}
python:
  description: The C(executable) that Ansible's modules run by, its C(version), and that of pyroute2, null where it finds none.
  returned: always
  type: dict
  sample: {executable: /usr/bin/python3, version: [3, 13, 5], pyroute2: 0.7.7}
uid:
  description: As whom the host's tasks run.
  returned: always
  type: int
  sample: 0
"""

import os
import shutil
import sys
from collections.abc import Sequence
from importlib import metadata, util
from pathlib import Path
from typing import Any

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.lvs.cluster.plugins.module_utils._unit import available

ROOT = Path("/")
_LISTS = ("packages", "services", "kernel_modules", "booleans")


def library() -> str | None:
    """Return the version of pyroute2; empty of one that does not say it, None where there is none."""
    if util.find_spec("pyroute2") is None:
        return None
    try:
        return metadata.version("pyroute2")
    except metadata.PackageNotFoundError:
        return ""


def gather(module: AnsibleModule) -> dict[str, Any]:
    """Return what the host has of what was asked for."""

    def run(command: Sequence[str]) -> tuple[int, str] | None:
        name, *words = command
        program = shutil.which(name, path=f"{os.environ.get('PATH', '')}:/usr/sbin:/sbin")
        if program is None:
            return None
        status, told, problems = module.run_command(
            [program, *words], environ_update={"LC_ALL": "C"}
        )
        return status, told if status == 0 else f"{told}{problems}"

    wanted = module.params
    return {
        "packages": available.packages(run, wanted["packages"]),
        "units": available.units(run, wanted["services"]),
        "kernel_modules": available.kernel_modules(
            ROOT, os.uname().release, wanted["kernel_modules"]
        ),
        "missing_booleans": available.booleans(ROOT, wanted["booleans"]),
        "directories": available.directories(ROOT, wanted["directories"]),
        "python": {
            "executable": sys.executable,
            "version": [*sys.version_info[:3]],
            "pyroute2": library(),
        },
        "uid": os.getuid(),
    }


def main() -> None:
    """Run the module."""
    names = {name: {"type": "list", "elements": "str", "default": []} for name in _LISTS}
    module = AnsibleModule(
        argument_spec={
            **names,
            "directories": {"type": "list", "elements": "path", "default": []},
        },
        supports_check_mode=True,
    )
    module.exit_json(changed=False, **gather(module))


if __name__ == "__main__":
    main()
