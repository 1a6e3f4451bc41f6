# Copyright (c) 2026, The lvs.cluster authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How a playbook starts another run: by the same Ansible, and the same way to connect.

Private to the collection: names and behaviour may change in any release.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

PLAYBOOKS = Path(__file__).parents[2] / "playbooks"
ANSIBLE = (sys.executable, "-m", "ansible", "playbook")
# Options of the command line that say how to connect, and by what it hands them on.
_OPTIONS = {
    "remote_user": "--user",
    "private_key_file": "--private-key",
    "connection": "--connection",
    "timeout": "--timeout",
    "ssh_common_args": "--ssh-common-args",
    "ssh_extra_args": "--ssh-extra-args",
    "sftp_extra_args": "--sftp-extra-args",
    "scp_extra_args": "--scp-extra-args",
    "become_method": "--become-method",
    "become_user": "--become-user",
    "become_password_file": "--become-password-file",
    "connection_password_file": "--connection-password-file",
    "forks": "--forks",
}
_SEVERAL = {
    "vault_ids": "--vault-id",
    "vault_password_files": "--vault-password-file",
    "extra_vars": "--extra-vars",
}
# A password that was typed is not known to another run.
_ASKS = ("ask_pass", "become_ask_pass", "ask_vault_pass")


def asks_for_password(options: Mapping[str, Any]) -> bool:
    """Tell whether somebody has to type a password for such a run."""
    return any(options.get(name) for name in _ASKS)


def inventories(sources: Sequence[str]) -> list[str]:
    """Return the words that name inventories."""
    return [word for source in sources for word in ("--inventory", source)]


def whole_source(given: str) -> str:
    """Return an inventory by its whole path, where it is a path."""
    return str(Path(given).absolute()) if os.path.lexists(given) else given


def handed_on(options: Mapping[str, Any]) -> Iterator[str]:
    """Give the words that hand the options of this run on."""
    for name, switch in _OPTIONS.items():
        if options.get(name):
            yield from (switch, str(options[name]))
    for name, switch in _SEVERAL.items():
        for value in options.get(name) or ():
            yield from (switch, str(value))
    if options.get("become"):
        yield "--become"
