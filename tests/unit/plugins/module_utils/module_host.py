# Copyright (c) 2026, The lvs.cluster authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What of AnsibleModule the files and units of a host need, beside a systemctl that is told."""

from __future__ import annotations

from tempfile import gettempdir
from typing import Any


class Module:
    """A module that runs in check mode or not, on a host without SELinux."""

    def __init__(self, told: str = "", status: int = 0, *, check_mode: bool = False) -> None:
        self.check_mode = check_mode
        self.told, self.status = told, status
        self.commands: list[str] = []
        self.tmpdir = gettempdir()

    def run_command(self, command: list[str], **_options: Any) -> tuple[int, str, str]:
        """Take a command; only C(show) says something."""
        self.commands.append(" ".join(command[1:]))
        return self.status, self.told if command[1] == "show" else "", ""

    def selinux_default_context(self, _path: str) -> list[Any]:
        """Return none."""
        return [None, None, None]

    def set_context_if_different(self, *_given: Any) -> bool:
        """Set none."""
        return False

    @property
    def done(self) -> list[str]:
        """The commands that do something."""
        return [command for command in self.commands if not command.startswith("show")]


class Ended(Exception):
    """A module has ended, with this result."""


class EndingModule(Module):
    """A module with arguments, which ends by raising Ended."""

    def __init__(
        self, told: str, params: dict[str, Any], status: int = 0, *, check_mode: bool = False
    ) -> None:
        super().__init__(told, status, check_mode=check_mode)
        self.params = params

    def run_command(self, command: list[str], **options: Any) -> tuple[int, str, str]:
        """Take a command; what is no systemctl has the status."""
        status, told, problems = super().run_command(command, **options)
        return (0 if command[0] == "systemctl" else status), told, problems

    def exit_json(self, **result: Any) -> None:
        """End well."""
        raise Ended(result)

    def fail_json(self, **result: Any) -> None:
        """End."""
        raise Ended({**result, "failed": True})
