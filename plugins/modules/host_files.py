#!/usr/bin/python

# Copyright (c) 2026, The lvs.cluster authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Files of a host that a role has, all in one step."""

from __future__ import annotations

DOCUMENTATION = r"""
module: host_files
short_description: Have files, directories and links be there or not, all in one step
version_added: 0.1.0
author:
  - The lvs.cluster authors (@lvs-cluster)
description:
  - Has files with their contents, directories and links as they are to be, one after the other. What is so already is left alone.
  - All of it is one step, because each start of a module takes longer than what it finds to do in most runs.
  - A file is replaced at once; whoever reads it finds all of the old text or all of the new one. Its directory has to be there.
  - Where one fails, those before it stay, and those behind it are not done.
  - Contents are in the module's result under C(--diff), and in the log of the host. A task whose contents are secret has C(no_log).
  - It is for the roles of this collection. It does not look into directories; for that there is M(ansible.builtin.file).
extends_documentation_fragment:
  - lvs.cluster.attributes
  - lvs.cluster.attributes.actiongroup_ipvs
options:
  files:
    description: What is to be so, in this order. Each has one of O(files[].path), O(files[].paths) and O(files[].contents).
    type: list
    elements: dict
    required: true
    suboptions:
      path:
        description: The whole path.
        type: path
      paths:
        description: The whole paths of several that have all else in common, for directories and what is to be absent.
        type: list
        elements: path
      contents:
        description: The texts of several files that have all else in common, by whole path.
        type: dict
      state:
        description:
          - V(file) has O(files[].content), V(directory) is there, V(link) is a symbolic link in the place of whatever is there. V(absent)
            is not there; of a directory neither is what is in it.
        type: str
        choices: [absent, directory, file, link]
        default: file
      content:
        description: The text of a file at O(files[].path).
        type: str
      target:
        description: Where a link leads, as it is written there. Every link has one.
        type: str
      mode:
        description: The mode of a file or directory, as octal digits in quotes. V(0755) of a directory, V(0644) of a file without it.
        type: str
      owner:
        description: Whose a file or directory is. Without it one that is made is root's, and of others the owner stays.
        type: str
      group:
        description: The group that a file or directory has. Without it one that is made has root's, and of others the group stays.
        type: str
      validate:
        description:
          - A command that fails where a file must not have such contents. In one of its words V(%s) stands for a file that has them.
          - In check mode it is not run.
        type: list
        elements: str
seealso:
  - module: lvs.cluster.host_service
  - module: ansible.builtin.file
  - module: ansible.builtin.template
"""

EXAMPLES = r"""
- name: Have a directory, and what is in it
  lvs.cluster.host_files:
    files:
      - path: /etc/exports.d
        state: directory
      - path: /etc/exports.d/lvs-cluster.exports
        content: "{{ lookup('ansible.builtin.template', 'etc/exports.d/lvs-cluster.exports.j2') }}"

- name: Have virtual hosts that Apache takes, and have them enabled
  lvs.cluster.host_files:
    files:
      - path: /etc/apache2/sites-available/lvs-cluster.conf
        content: "{{ lookup('ansible.builtin.template', 'etc/apache2/sites-available/lvs-cluster.conf.j2') }}"
        validate: [apache2ctl, -t, -c, Include %s]
      - path: /etc/apache2/sites-enabled/lvs-cluster.conf
        state: link
        target: ../sites-available/lvs-cluster.conf
      - path: /etc/apache2/sites-enabled/000-0-lvs-cluster.conf
        state: absent

- name: Install a program of several files
  lvs.cluster.host_files:
    files:
      - paths: [/usr/local/lib/lvs-cluster, /usr/local/lib/lvs-cluster/lvs_cluster]
        state: directory
      - contents:
          /usr/local/lib/lvs-cluster/lvs_cluster/a.py: "{{ lookup('ansible.builtin.file', 'a.py', rstrip=false) }}"
          /usr/local/lib/lvs-cluster/lvs_cluster/b.py: "{{ lookup('ansible.builtin.file', 'b.py', rstrip=false) }}"

- name: Write what nobody else reads
  lvs.cluster.host_files:
    files:
      - path: /etc/lvs-cluster/php-app/wordpress/wp-config.php
        content: "{{ lookup('ansible.builtin.template', 'etc/lvs-cluster/php-app/wp-config.php.j2') }}"
        group: www-data
        mode: "0640"
  no_log: true
"""

RETURN = r"""
changed_files:
  description: The files that were written, made or removed, or in check mode would be.
  returned: success
  type: list
  elements: str
  sample: [/etc/exports.d/lvs-cluster.exports]
"""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.lvs.cluster.plugins.module_utils._result import fail
from ansible_collections.lvs.cluster.plugins.module_utils._unit.files import HostFiles
from ansible_collections.lvs.cluster.plugins.module_utils._values import ModelError

MODES = {"file": "0644", "directory": "0755"}
NEEDED = {"file": "content", "link": "target"}


def single(one: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Give each of those that have all else in common."""
    if one["contents"] is not None:
        for path, content in one["contents"].items():
            yield {**one, "path": path, "content": str(content)}
    elif one["paths"] is not None:
        for path in one["paths"]:
            yield {**one, "path": path}
    else:
        yield one


def check(one: dict[str, Any]) -> None:
    """Raise ModelError where it cannot be so."""
    path = one["path"]
    if not path.startswith("/"):
        raise ModelError("host_files", "path", path, "is no whole path", "begin it with a slash")
    needed = NEEDED.get(one["state"])
    if needed and one[needed] is None:
        why = f"is missing of a {one['state']}"
        raise ModelError(path, needed, None, why, f"give its {needed}")
    try:
        fits = one["mode"] is None or 0 <= int(one["mode"], 8) <= 0o7777
    except ValueError:
        fits = False
    if not fits:
        why = "is no mode"
        raise ModelError(
            path, "mode", one["mode"], why, "give octal digits in quotes, such as '0644'"
        )
    if one["validate"] and not any("%s" in word for word in one["validate"]):
        why = "does not say which file it is about"
        raise ModelError(path, "validate", one["validate"], why, "put %s into one of its words")


def validator(module: AnsibleModule, one: dict[str, Any]) -> Callable[[str], None] | None:
    """Return what raises ModelError where a file has contents that it must not have."""
    if not one["validate"]:
        return None

    def validate(temporary: str) -> None:
        command = [word.replace("%s", temporary) for word in one["validate"]]
        status, told, problems = module.run_command(command)
        if status != 0:
            why = f"would have what {command[0]} says no to: {(problems or told).strip()}"
            advice = "correct what it is made of; it is as it was"
            raise ModelError(one["path"], "", None, why, advice)

    return validate


def have(module: AnsibleModule, files: HostFiles, one: dict[str, Any]) -> None:
    """Have one of them be so."""
    path, state = Path(one["path"]), one["state"]
    mode = int(one["mode"] or MODES.get(state, "0"), 8)
    owners = (one["owner"], one["group"])
    if state == "file":
        files.write(path, one["content"], mode, owners, validator(module, one))
    elif state == "directory":
        files.directory(path, mode, owners)
    elif state == "link":
        files.link(path, Path(one["target"]))
    else:
        files.remove(path)


def main() -> None:
    """Run the module."""
    module = AnsibleModule(
        argument_spec={
            "files": {
                "type": "list",
                "elements": "dict",
                "required": True,
                "options": {
                    "path": {"type": "path"},
                    "paths": {"type": "list", "elements": "path"},
                    "contents": {"type": "dict"},
                    "state": {
                        "type": "str",
                        "choices": ["absent", "directory", "file", "link"],
                        "default": "file",
                    },
                    "content": {"type": "str"},
                    "target": {"type": "str"},
                    "mode": {"type": "str"},
                    "owner": {"type": "str"},
                    "group": {"type": "str"},
                    "validate": {"type": "list", "elements": "str"},
                },
                "required_one_of": [("path", "paths", "contents")],
                "mutually_exclusive": [("path", "paths", "contents"), ("content", "contents")],
            },
        },
        supports_check_mode=True,
    )
    files = HostFiles(module)
    wanted = [one for entry in module.params["files"] for one in single(entry)]
    try:
        for one in wanted:
            check(one)
        for one in wanted:
            have(module, files, one)
    except ModelError as error:
        fail(module, error, changed=bool(files.diffs), changed_files=files.paths())
    module.exit_json(changed=bool(files.diffs), changed_files=files.paths(), diff=files.diffs)


if __name__ == "__main__":
    main()
