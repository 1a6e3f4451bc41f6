#!/usr/bin/python

# Copyright (c) 2026, The lvs.cluster authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The table as it is, for the next boot."""

from __future__ import annotations

DOCUMENTATION = r"""
module: ipvs_save
short_description: Save the table of virtual services for the next boot
version_added: 0.1.0
author:
  - The lvs.cluster authors (@lvs-cluster)
description:
  - Writes the table as it is into a file of rules that C(ipvsadm -R) takes, thresholds too, which C(ipvsadm-save) leaves out.
  - The director's unit restores it at boot, by the link C(/etc/lvs-cluster/director.rules).
  - Rules that the file has when it becomes ours are kept beside it, as C(FILE.before-lvs-cluster).
  - It is for the role P(lvs.cluster.director#role). The page C(docs/units.md) of the repository describes the files.
extends_documentation_fragment:
  - lvs.cluster.attributes
  - lvs.cluster.attributes.actiongroup_ipvs
  - lvs.cluster.attributes.privilege
options:
  path:
    description:
      - The file of rules, C(/etc/ipvsadm.rules) with Debian and C(/etc/sysconfig/ipvsadm) with Red Hat.
    type: path
    required: true
  without:
    description:
      - Services that are not saved, because they are about to be taken out of the table. Each as ipvsadm names it.
    type: list
    elements: str
    default: []
seealso:
  - module: lvs.cluster.ipvs_table
  - module: lvs.cluster.unit
"""

EXAMPLES = r"""
- name: Save the table for the next boot
  lvs.cluster.ipvs_save:
    path: /etc/ipvsadm.rules

- name: Save it without a service that is about to go
  lvs.cluster.ipvs_save:
    path: /etc/ipvsadm.rules
    without: ["-t 192.168.0.111:80"]
"""

RETURN = r"""
files:
  description: The files that were written, or in check mode would be.
  returned: success
  type: list
  elements: str
  sample: [/etc/ipvsadm.rules]
rules:
  description: How many rules the file has.
  returned: success
  type: int
  sample: 3
"""

import re
from collections.abc import Sequence
from pathlib import Path

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.lvs.cluster.plugins.module_utils._ipvs.connect import connect
from ansible_collections.lvs.cluster.plugins.module_utils._ipvs.errors import IpvsError
from ansible_collections.lvs.cluster.plugins.module_utils._ipvs.ipvsadm import (
    print_real_server,
    print_service,
)
from ansible_collections.lvs.cluster.plugins.module_utils._ipvs.model import Table
from ansible_collections.lvs.cluster.plugins.module_utils._result import fail
from ansible_collections.lvs.cluster.plugins.module_utils._unit.files import HostFiles
from ansible_collections.lvs.cluster.plugins.module_utils._values import ModelError
from ansible_collections.lvs.cluster.plugins.module_utils._written import as_written

SETTINGS = Path("/etc/lvs-cluster")


def rules_of(table: Table) -> list[str]:
    """Return the rules by which a table becomes what it is, in the order in which it takes them.

    The kernel puts a real server before those that it has, and C(mh) and C(sh) go by that order: another
    one would give some clients another server than a director that has not been booted does.
    """
    rules = []
    for service in table.sorted_services():
        servers = [*table.servers_of(service.key).values()]
        rules.append(print_service(service))
        rules += [print_real_server(service.key, server) for server in reversed(servers)]
    return rules


def rules_without(rules: Sequence[str], services: Sequence[str]) -> list[str]:
    """Return the rules of all services but these. Each rule names its service."""
    heads = tuple(f"-A {key} -s " for key in services) + tuple(f"-a {key} -r " for key in services)
    return [rule for rule in rules if not rule.startswith(heads)]


def save(files: HostFiles, path: Path, rules: Sequence[str]) -> None:
    """Write the rules, and before that what tells whose they are; the link is last."""
    saved = SETTINGS / "director.saved"
    if not saved.exists():
        try:
            before = path.read_text(encoding="utf-8", errors="replace")
        except OSError:
            before = ""
        if re.search("^-", before, re.MULTILINE):
            files.copy(path, path.with_name(f"{path.name}.before-lvs-cluster"))
        files.write(saved, "", 0o644)
    files.write(path, "".join(f"{rule}\n" for rule in rules), 0o600)
    files.link(SETTINGS / "director.rules", path)


def read_rules(module: AnsibleModule) -> list[str]:
    """Return the rules of the table; in check mode, of a host without IPVS, none."""
    kernel = connect(module)
    if kernel is None:
        return []
    try:
        with kernel:
            return rules_of(kernel.read())
    except IpvsError as error:
        fail(module, error)


def main() -> None:
    """Run the module."""
    module = AnsibleModule(
        argument_spec={
            "path": {"type": "path", "required": True},
            "without": {"type": "list", "elements": "str", "default": []},
        },
        supports_check_mode=True,
    )
    given = as_written(module)
    files = HostFiles(module)
    rules = rules_without(read_rules(module), module.params["without"])
    try:
        save(files, Path(given["path"]), rules)
    except ModelError as error:
        fail(module, error, changed=bool(files.diffs), files=files.paths())
    module.exit_json(
        changed=bool(files.diffs), files=files.paths(), rules=len(rules), diff=files.diffs
    )


if __name__ == "__main__":
    main()
