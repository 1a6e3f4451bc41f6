"""The cluster of inventory ldirectord: a health checker owns the table, also after a reboot."""

from __future__ import annotations

import pytest
from nodes import fetch, table, until
from testinfra.host import Host

VIP, VIP6 = "10.0.0.100", "fd00:10::100"
RS1, RS2 = "192.168.137.131", "192.168.137.130"


def test_table(director: Host) -> None:
    """The seed's, as ipvsadm -Ln shows it; after a boot as soon as the servers are checked."""
    seed = [
        ["TCP", f"{VIP}:80", "rr"],
        ["->", f"{RS2}:80", "Route", "1"],
        ["->", f"{RS1}:80", "Route", "1"],
        ["TCP", f"[{VIP6}]:80", "rr"],
        ["->", "[fd00:137::130]:80", "Route", "1"],
        ["->", "[fd00:137::131]:80", "Route", "1"],
    ]
    until("the servers are in", lambda: table(director) == seed)


@pytest.mark.parametrize("url", [VIP, f"[{VIP6}]"])
def test_answers_alternate(client: Host, url: str) -> None:
    """Round robin over both, by IPv4 and by IPv6."""
    assert fetch(client, url, 6) in (["rs2", "rs1"] * 3, ["rs1", "rs2"] * 3)


def test_the_table_is_ldirectords_alone(director: Host) -> None:
    """The director's unit has nothing that it could restore at boot."""
    for name in ("ldirectord", "lvs-director"):
        unit = director.service(name)
        assert unit.is_running
        assert unit.is_enabled
    assert "-A " not in director.file("/etc/ipvsadm.rules").content_string
    assert not director.service("ipvsadm").is_masked
    assert director.check_output("systemctl list-units --failed --quiet --plain") == ""


def test_configuration(director: Host) -> None:
    """Nobody else can read it; the distribution's own is kept."""
    assert director.file("/etc/ha.d/ldirectord.cf").mode == 0o600
    kept = director.file("/etc/ha.d/ldirectord.cf.before-lvs-cluster").content_string
    assert kept.startswith("# Dummy configuration file.")
