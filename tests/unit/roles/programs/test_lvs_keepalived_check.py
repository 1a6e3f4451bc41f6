# Copyright (c) 2026, The lvs.cluster authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether keepalived takes a configuration."""

from __future__ import annotations

import pytest
from machine import Machine

SERVER = """virtual_server 192.0.2.1 80 {
    real_server 10.0.0.1 80 {
        weight WEIGHT
        lvs_method NAT
    }
}
"""


@pytest.mark.parametrize(
    ("text", "status", "told"),
    [
        (SERVER.replace("WEIGHT", "1"), 0, ""),
        (SERVER.replace("WEIGHT", "0"), 0, ""),
        (SERVER.replace("NAT", "MISTAKE"), None, "Unknown keyword"),
    ],
)
def test_a_configuration_is_checked(
    host: Machine, text: str, status: int | None, told: str
) -> None:
    """By keepalived itself, which would not have it that all servers have weight 0."""
    conf = host.root / "keepalived.conf"
    conf.write_text(text)
    assert told in host.run("lvs-keepalived-check", str(conf), status=status)
    assert conf.read_text() == text


def test_nothing_else_is_changed(host: Machine) -> None:
    """What is tested is what is going to be there, but for the weights of 0."""
    text = SERVER.replace("WEIGHT", "10") + "# weight 0\n" + SERVER.replace("WEIGHT", "0")
    conf = host.root / "keepalived.conf"
    conf.write_text(text)
    host.run("lvs-keepalived-check", str(conf))
    tested = "\n".join(host.has("tested")) + "\n"
    assert tested == text.replace("        weight 0\n", "        weight 1\n")


def test_beside_what_keepalived_does_for_others(host: Machine) -> None:
    """It is tested in the configuration that includes it, in place of what is included now."""
    part, conf = host.root / "part.conf", host.root / "keepalived.conf"
    part.write_text(SERVER.replace("WEIGHT", "1"))
    theirs = "# Theirs, with weight 2\ninclude others.conf\n"
    for line in ("", "include /etc/keepalived/lvs-cluster.conf\n"):
        conf.write_text(theirs + line)
        host.run("lvs-keepalived-check", str(part), str(conf))
        *kept, included = host.has("tested")
        assert kept == theirs.splitlines()
        assert included.startswith("include /")
        assert conf.read_text() == theirs + line
    assert not list(host.root.glob(".lvs-check*"))
    conf.write_text("MISTAKE\n")
    assert "Unknown" in host.run("lvs-keepalived-check", str(part), str(conf), status=None)
