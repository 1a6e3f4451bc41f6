# Copyright (c) 2026, The lvs.cluster authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the role bird shows of the routers' passwords: nothing, with -vvv and --diff neither."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml

TASKS = Path(__file__).parents[3] / "roles" / "bird" / "tasks"


def task(name: str, module: str) -> dict[str, Any]:
    """The task of a file that uses a module and says nothing of it."""
    found = [one for one in yaml.safe_load((TASKS / name).read_text()) if module in one]
    return next(one for one in found if "no_log" in one)


def test_what_bird_is_told_is_not_logged() -> None:
    """The plan has the passwords in it, whether or not there are any."""
    assert task("plan.yml", "ansible.builtin.set_fact")["no_log"] is True


def test_the_file_is_not_logged_where_it_has_passwords() -> None:
    """A user without any sees the difference; the file is root's, and BIRD's to read."""
    written = task("configure.yml", "ansible.builtin.template")
    assert written["ansible.builtin.template"]["mode"] == "0640"
    assert written["no_log"] == "{{ __bird_plan.secret }}"
