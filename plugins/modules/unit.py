#!/usr/bin/python

# Copyright (c) 2026, The lvs.cluster authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the unit of a director or real server gives the host."""

from __future__ import annotations

DOCUMENTATION = r"""
module: unit
short_description: Install a unit of the roles, write down what it gives, and have it given now
version_added: 0.1.0
author:
  - The lvs.cluster authors (@lvs-cluster)
description:
  - The roles for directors and real servers install units, which at boot run C(/usr/local/sbin/lvs-unit). That program reads files in
    C(/etc/lvs-cluster), and gives the host what they say. This module installs the unit, writes these files, and runs the program.
  - So what holds after a boot is made in the same way as what holds now, and is looked at in each run, whoever has changed it
    meanwhile. What is so already is left alone.
  - All of it is one step, because each start of a module takes longer than what it finds to do in most runs. What several options
    ask for is done in the order O(contents), O(lines), O(install), O(give), O(addresses), O(start), O(retire).
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
  contents:
    description:
      - Files in C(/etc/lvs-cluster) that the program takes as they are, text by name. A name begins with the owner's.
    type: dict
    default: {}
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
  install:
    description:
      - The text of the unit and of the programs, all four of them. V(service) is C(/etc/systemd/system/lvs-OWNER.service),
        V(watch_service) is C(/etc/systemd/system/lvs-watch@.service), V(program) is C(/usr/local/sbin/lvs-unit), and V(watch_program)
        is C(/usr/local/sbin/lvs-watch).
      - Each file is replaced where it differs, and systemd reads the units where it has not since they changed. What former
        releases installed for the owner is removed then.
    type: dict
    default: {}
  give:
    description:
      - The parts that are given now, in this order.
      - In check mode these are the parts of the files as they were before.
    type: list
    elements: str
    choices: [addresses, daemons, devices, gateway, handover, marks, modules, nft, ports, settings, table, timeouts]
    default: []
  addresses:
    description:
      - The virtual addresses that are the owner's, each as a line C(ADDRESS/PREFIX INTERFACE). They are added as
        M(lvs.cluster.virtual_ips) adds them. Without this option nobody looks at addresses.
    type: list
    elements: str
  adopt:
    description:
      - Whether addresses that are there already become the owner's, because somebody else gave them until now.
    type: bool
    default: false
  release:
    description:
      - Addresses that stay where they are, but are not the owner's any more, because somebody else gives them now.
    type: list
    elements: str
    default: []
  start:
    description:
      - Whether the unit is started, now and at boot, and its watcher with it. Watchers that run a program of before are restarted.
    type: bool
    default: false
  retire:
    description:
      - Whether settings, devices and ports are taken back that were given and are in no file any more. A setting is then what it
        was before, unless somebody else has changed it. With O(addresses), so are addresses that are not among them.
    type: bool
    default: false
  state:
    description:
      - With V(absent) the unit is stopped, which takes back what it gave, and is removed with all of the owner's files. Where no
        other owner has a unit, so are the programs, and the watcher's service. Other options than O(owner) mean nothing then.
      - The unit's own file is the last one, by which the next run finds what this one did not get to.
    type: str
    choices: [present, absent]
    default: present
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
    contents:
      director.nft: "{{ lookup('ansible.builtin.template', 'etc/lvs-cluster/director.nft.j2') }}"
    give: [nft]

- name: Keep ARP quiet about a virtual address, add it, and start the unit that does so at boot
  lvs.cluster.unit:
    owner: dr-real-server
    give: [settings]
    addresses: [192.0.2.1/32 lo]
    start: true

- name: Take a unit away, and all that it has given
  lvs.cluster.unit:
    owner: dr-real-server
    state: absent
"""

RETURN = r"""
changes:
  description:
    - What has been changed on the running host, or in check mode would be, as the program tells it; and what systemd was told.
  returned: success
  type: list
  elements: str
  sample: [added net/ipv4/vs/conntrack 0, loaded director.nft, started lvs-director.service]
files:
  description: The files that were written or removed, or in check mode would be.
  returned: success
  type: list
  elements: str
  sample: [/etc/lvs-cluster/director.settings]
operations:
  description: What was done to addresses, or in check mode would be, as M(lvs.cluster.virtual_ips) returns it.
  returned: with O(addresses)
  type: list
  elements: dict
  sample: []
"""

from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.lvs.cluster.plugins.module_utils._link.unit import (
    UnitFile,
    left_over,
    parse_addresses,
    parse_contents,
    parse_install,
    parse_lines,
    parse_unit_owner,
)
from ansible_collections.lvs.cluster.plugins.module_utils._link.wanted import parse_virtual_ips
from ansible_collections.lvs.cluster.plugins.module_utils._result import fail
from ansible_collections.lvs.cluster.plugins.module_utils._unit import former
from ansible_collections.lvs.cluster.plugins.module_utils._unit.files import HostFiles
from ansible_collections.lvs.cluster.plugins.module_utils._unit.systemd import Systemd
from ansible_collections.lvs.cluster.plugins.module_utils._values import ModelError
from ansible_collections.lvs.cluster.plugins.module_utils._written import as_written

SETTINGS = Path("/etc/lvs-cluster")
UNITS = Path("/etc/systemd/system")
PROGRAM = Path("/usr/local/sbin/lvs-unit")
WATCH_PROGRAM = Path("/usr/local/sbin/lvs-watch")
WATCH_SERVICE = UNITS / "lvs-watch@.service"
PARTS = [
    "addresses", "daemons", "devices", "gateway", "handover", "marks", "modules", "nft", "ports", "settings", "table", "timeouts",
]  # fmt: skip


class Unit:
    """A unit, and what is done to it: C(changes) of the host, C(files), and C(operations)."""

    def __init__(self, module: AnsibleModule, given: dict[str, Any]) -> None:
        """Read what is asked for; raise ModelError before anything is done."""
        self._module = module
        self._given = given
        self.owner = parse_unit_owner(given["owner"])
        self._lines = parse_lines(given["lines"])
        self._contents = parse_contents(self.owner, given["contents"])
        self._install = parse_install(given["install"])
        self._addresses = parse_virtual_ips(
            parse_addresses(given["addresses"] or ()),
            given["release"],
            prune=given["retire"],
            adopt=given["adopt"],
        )
        self.service = f"lvs-{self.owner}.service"
        self.files = HostFiles(module)
        self.systemd = Systemd(module)
        self.changes: list[str] = []
        self.diffs: list[dict[str, str]] = []
        self.more: dict[str, Any] = {}

    def result(self) -> dict[str, Any]:
        """Return what has been done so far."""
        changes = self.changes
        diffs = self.files.diffs + self.diffs
        if changes:
            header = f"what lvs-{self.owner} gives"
            text = "".join(f"{line}\n" for line in changes)
            told = {"before_header": header, "after_header": header, "before": "", "after": text}
            diffs = [*diffs, told]
        return {
            "changed": bool(diffs),
            "changes": changes,
            "files": self.files.paths(),
            "diff": diffs,
            **self.more,
        }

    def have(self) -> None:
        """Do what is asked for, in its order."""
        given = self._given
        if self._contents or self._lines or self._install:
            self.files.directory(SETTINGS, 0o755)
        for name, text in self._contents.items():
            self.files.write(SETTINGS / name, text, 0o644)
        if self._install:
            former.keep_lists(self.files, self.owner)
        self._write_lines()
        if self._install:
            self._install_unit(self._install)
        if given["give"]:
            self._run("give", *given["give"])
        if given["addresses"] is not None:
            self._change_addresses()
        if given["start"]:
            self._systemd(lambda systemd: systemd.start(self.service))
            files = [WATCH_PROGRAM, WATCH_SERVICE]
            self._systemd(lambda systemd: systemd.watch(self.owner, files))
        if given["retire"]:
            self._run("retire")

    def take_away(self) -> None:
        """Stop it, and remove its files; of what a run did not get to there may be only a part."""
        unit = UNITS / self.service
        if unit.exists():
            self._systemd(lambda systemd: systemd.stop(self.service))
        # A unit that has failed, or that a run did not get to, has nothing to stop.
        if PROGRAM.exists():
            self._run("stop")
        for pattern in (f"{self.owner}.*", f"{self.owner}-*.nft"):
            for path in sorted(SETTINGS.glob(pattern)):
                self.files.remove(path)
        for path in () if self._others() else (WATCH_PROGRAM, WATCH_SERVICE, PROGRAM):
            self.files.remove(path)
        self.files.remove(unit)
        self._systemd(lambda systemd: systemd.reload([self.service]))
        former.remove_former(self.files, self.owner)
        if not self._module.check_mode:
            # Where others have files there it stays.
            with suppress(OSError):
                SETTINGS.rmdir()

    def _others(self) -> bool:
        """Tell whether there are units of other owners, which run the same programs."""
        own = {self.service, WATCH_SERVICE.name}
        return any(path.name not in own for path in UNITS.glob("lvs-*.service"))

    def _write_lines(self) -> None:
        for part, lines in self._lines.items():
            file = UnitFile(self.owner, part)
            before = file.read()
            left = left_over(part, before, lines) if self._given["former"] == "keep" else []
            if before == [*lines, *left] and file.exists():
                continue
            self.files.diffs.append(file.diff(before, [*lines, *left]))
            if not self._module.check_mode:
                file.write(lines, left)

    def _install_unit(self, texts: dict[str, str]) -> None:
        self.files.write(PROGRAM, texts["program"], 0o755)
        self.files.write(WATCH_PROGRAM, texts["watch_program"], 0o644)
        self.files.write(WATCH_SERVICE, texts["watch_service"], 0o644)
        self.files.write(UNITS / self.service, texts["service"], 0o644)
        units = [self.service, f"lvs-watch@{self.owner}.service"]
        self._systemd(lambda systemd: systemd.reload(units))
        former.remove_former(self.files, self.owner)

    def _systemd(self, do: Callable[[Systemd], object]) -> None:
        try:
            do(self.systemd)
        finally:
            self.changes += self.systemd.changes
            self.systemd.changes = []

    def _change_addresses(self) -> None:
        # Not where nobody asks for addresses: pyroute2 takes longer to load than all the rest.
        from ansible_collections.lvs.cluster.plugins.module_utils._link.addresses import (
            change_owned,
        )

        found = change_owned(self._module, self.owner, self._addresses)
        self.more["operations"] = found["operations"]
        if found["changed"]:
            header = f"addresses of {self.owner}"
            self.diffs.append({"before_header": header, "after_header": header, **found["diff"]})

    def _run(self, *words: str) -> None:
        """Run the program, in check mode to see what it would do."""
        check = self._module.check_mode
        if check and not PROGRAM.exists():
            self.changes.append(f"{' '.join(words)}, once {PROGRAM} is installed")
            return
        trial = ["-n"] if check else []
        command = [str(PROGRAM), *trial, self.owner, *words]
        status, told, problems = self._module.run_command(command)
        if check and problems.startswith("usage:"):
            self.changes.append(f"{' '.join(words)}, once {PROGRAM} of this release is installed")
            return
        self.changes += told.splitlines()
        if status != 0:
            self._module.fail_json(
                msg=f"{self.owner}: {' '.join(words)} failed: {problems.strip() or told.strip()}",
                **self.result(),
            )


def main() -> None:
    """Run the module."""
    module = AnsibleModule(
        argument_spec={
            "owner": {"type": "str", "required": True},
            "contents": {"type": "dict", "default": {}},
            "lines": {"type": "dict", "default": {}},
            "former": {"type": "str", "choices": ["keep", "drop"], "default": "drop"},
            "install": {"type": "dict", "default": {}},
            "give": {"type": "list", "elements": "str", "choices": PARTS, "default": []},
            "addresses": {"type": "list", "elements": "str"},
            "adopt": {"type": "bool", "default": False},
            "release": {"type": "list", "elements": "str", "default": []},
            "start": {"type": "bool", "default": False},
            "retire": {"type": "bool", "default": False},
            "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
        },
        supports_check_mode=True,
    )
    given = as_written(module)
    try:
        unit = Unit(module, given)
    except ModelError as error:
        fail(module, error)
    try:
        if given["state"] == "absent":
            unit.take_away()
        else:
            unit.have()
    except ModelError as error:
        fail(module, error, **unit.result())
    module.exit_json(**unit.result())


if __name__ == "__main__":
    main()
