#!/usr/bin/python

# Copyright (c) 2025, The lvs.cluster authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How a real server answers and asks for addresses with ARP."""

from __future__ import annotations

DOCUMENTATION = r"""
module: sysctl_arp
short_description: Keep a real server from answering ARP for the virtual IP address
version_added: 0.1.0
author:
  - The lvs.cluster authors (@lvs-cluster)
description:
  - Sets the sysctls C(arp_ignore) and C(arp_announce) of interfaces, in the running kernel and in a file that is read at boot.
  - A real server of LVS-DR or LVS-TUN has the virtual IP address itself. With O(arp_ignore=1) and O(arp_announce=2) nobody learns
    that from it by ARP, so that clients find the director only.
  - For each interface the kernel uses the higher of its own value and that of V(all).
extends_documentation_fragment:
  - lvs.cluster.attributes
  - lvs.cluster.attributes.actiongroup_ipvs
options:
  interfaces:
    description:
      - The interfaces. V(all) and V(default) are those of the kernel.
    type: list
    elements: str
    default: [all, lo]
  arp_ignore:
    description:
      - Which ARP requests are answered. V(0) those for any address of the host, V(1) those for an address of the interface that
        they come in by. See C(Documentation/networking/ip-sysctl) of the kernel for V(2) to V(8).
    type: int
    default: 1
  arp_announce:
    description:
      - Which address ARP requests are sent from. V(0) any, V(1) rather one of the target's network, V(2) the best one for the target.
    type: int
    default: 2
  sysctl_file:
    description:
      - The file that keeps the settings for the next boot. Other lines in it stay as they are.
      - An absolute path that is not below C(/proc), C(/sys) or C(/dev). Empty for the running kernel only.
    type: path
    default: /etc/sysctl.d/90-lvs-arp.conf
  state:
    description:
      - V(present) sets both, V(absent) sets both back to V(0), which is the kernel's default, and takes them out of the file. A file
        that is empty then is deleted.
    type: str
    choices: [present, absent]
    default: present
seealso:
  - module: lvs.cluster.virtual_ip
"""

EXAMPLES = r"""
- name: Keep quiet about the virtual IP address, as LVS-DR needs it
  lvs.cluster.sysctl_arp:

- name: The same on a tunnel's interface
  lvs.cluster.sysctl_arp:
    interfaces: [all, tunl0]

- name: The same until the next boot
  lvs.cluster.sysctl_arp:
    sysctl_file: ""

- name: Go back to the kernel's defaults
  lvs.cluster.sysctl_arp:
    state: absent
"""

RETURN = r"""
before:
  description: The values in the running kernel, and the content of the file, as they were.
  returned: success
  type: dict
  sample:
    running: {net.ipv4.conf.all.arp_announce: 0, net.ipv4.conf.all.arp_ignore: 0}
    file: ""
after:
  description: The values in the running kernel, and the content of the file, as they are, or in check mode would be.
  returned: success
  type: dict
  sample:
    running: {net.ipv4.conf.all.arp_announce: 2, net.ipv4.conf.all.arp_ignore: 1}
    file: |
      net.ipv4.conf.all.arp_announce = 2
      net.ipv4.conf.all.arp_ignore = 1
operations:
  description: What was done, or in check mode would be. No connection is affected.
  returned: success
  type: list
  elements: dict
  sample:
    - action: edit
      item: sysctl
      name: net.ipv4.conf.all.arp_ignore
      changes: {value: [0, 1]}
      effect: none
"""

import os
import tempfile
from pathlib import Path
from typing import Any

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.lvs.cluster.plugins.module_utils._link.sysctl import (
    Settings,
    SysctlError,
    check_interfaces,
    edit_file,
    parse_file,
    parse_settings,
    print_settings,
    read_running,
    remove_from_file,
    write_running,
    written_name,
)
from ansible_collections.lvs.cluster.plugins.module_utils._result import fail
from ansible_collections.lvs.cluster.plugins.module_utils._values import ModelError
from ansible_collections.lvs.cluster.plugins.module_utils._written import as_written, unread


def read_file(path: str) -> str | None:
    """Return the content of the file, or None if there is none."""
    if not path:
        return None
    try:
        return Path(path).read_text(encoding="utf-8")
    except FileNotFoundError:
        return None
    except (OSError, UnicodeError) as error:
        raise SysctlError(
            "", "sysctl_file", path, f"cannot be read ({error})", "give another"
        ) from error


def write_file(module: AnsibleModule, path: str, text: str | None) -> None:
    """Replace the file at once, or delete it."""
    try:
        if text is None:
            Path(path).unlink()
            return
        Path(path).parent.mkdir(parents=True, exist_ok=True)
        descriptor, temporary = tempfile.mkstemp(dir=module.tmpdir)
        with os.fdopen(descriptor, "w", encoding="utf-8") as stream:
            stream.write(text)
        if not Path(path).exists():
            Path(temporary).chmod(0o644)
        module.atomic_move(temporary, path)
    except OSError as error:
        raise SysctlError(
            "",
            "sysctl_file",
            path,
            f"cannot be written ({error.strerror})",
            "run the task with become: true, or give another",
        ) from error


def shown(settings: Settings, text: str | None) -> dict[str, Any]:
    """Return one side of the result."""
    running = {written_name(path): value for path, value in sorted(settings.items())}
    return {"running": running, "file": text or ""}


def main() -> None:
    """Run the module."""
    module = AnsibleModule(
        argument_spec=unread(
            {
                "interfaces": {"type": "list", "elements": "str", "default": ["all", "lo"]},
                "arp_ignore": {"type": "int", "default": 1},
                "arp_announce": {"type": "int", "default": 2},
                "sysctl_file": {"type": "path", "default": "/etc/sysctl.d/90-lvs-arp.conf"},
                "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
            }
        ),
        supports_check_mode=True,
    )
    given = as_written(module)
    absent = given["state"] == "absent"
    values = {name: given[name] for name in ("arp_announce", "arp_ignore")}
    try:
        file = parse_file(given["sysctl_file"])
        wanted = parse_settings(given["interfaces"], values)
        if not absent:
            check_interfaces(given["interfaces"])
        running = read_running(list(wanted))
        text = read_file(file)
        if absent:
            wanted = dict.fromkeys(running, 0)
            paths = list(parse_settings(given["interfaces"], values))
            rest = remove_from_file(text or "", paths)
            after = None if text is None or (rest != text and not rest.strip()) else rest
        else:
            after = edit_file(text or "", wanted) if file else None
        changes = {path: value for path, value in wanted.items() if running[path] != value}
        if not module.check_mode:
            write_running(changes)
            if after != text:
                write_file(module, file, after)
    except ModelError as error:
        fail(module, error)
    operations: list[dict[str, Any]] = [
        {
            "action": "edit",
            "item": "sysctl",
            "name": written_name(path),
            "changes": {"value": [running[path], value]},
            "effect": "none",
        }
        for path, value in changes.items()
    ]
    if after != text:
        action = "delete" if after is None else "add" if text is None else "edit"
        operations.append({"action": action, "item": "file", "name": file, "effect": "none"})
    later = {**running, **changes}
    module.exit_json(
        changed=bool(operations),
        before=shown(running, text),
        after=shown(later, after),
        operations=operations,
        diff=[
            {
                "before_header": name,
                "after_header": name,
                "before": old,
                "after": new,
            }
            for name, old, new in (
                ("sysctl", print_settings(running), print_settings(later)),
                (file, text or "", after or ""),
            )
            if name
        ],
    )


if __name__ == "__main__":
    main()
