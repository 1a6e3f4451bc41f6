# Copyright (c) 2026, The lvs.cluster authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the role director makes of what the host has told."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml
from ansible.parsing.dataloader import DataLoader
from ansible.template import Templar, trust_as_template

VARIABLES = Path(__file__).parents[3] / "roles" / "director" / "vars" / "main.yml"


@pytest.mark.parametrize(
    ("told", "modules"),
    [
        (["ip_vs_rr.ko", "ip_vs.ko", "ip_vs_wrr.ko"], ["ip_vs", "ip_vs_rr"]),
        # What is built in is told without an end, and is there.
        (["ip_vs.ko"], ["ip_vs"]),
        (["IP Virtual Server"], []),
        ([], []),
    ],
)
def test_modules_that_are_loaded(told: list[str], modules: list[str]) -> None:
    """IPVS and its schedulers, where the kernel has them as files; each run in the same order."""
    variables = {
        **yaml.safe_load(VARIABLES.read_text()),
        "__preflight_host": {"kernel_ipvs": told},
        "__director_plan": {"schedulers": ["rr", "sh"]},
    }
    template = trust_as_template(variables["__director_modules"])
    assert Templar(loader=DataLoader(), variables=variables).template(template) == modules
