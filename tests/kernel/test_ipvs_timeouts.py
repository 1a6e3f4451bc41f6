# Copyright (c) 2025, The lvs.cluster authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""ipvs_timeouts on a real kernel, with ipvsadm as the witness."""

from __future__ import annotations

from typing import Any

import pytest
from witness import Settings


@pytest.mark.parametrize(
    ("arguments", "shown"),
    [
        ({"tcp": 7200}, [7200, 120, 300]),
        ({"tcp_fin": 30}, [900, 30, 300]),
        ({"udp": 1}, [900, 120, 1]),
        ({"tcp": 901, "tcp_fin": 121, "udp": 301}, [901, 121, 301]),
        # The most that every kernel takes, at 1000 ticks a second.
        ({"tcp": 2147483, "tcp_fin": 2147483, "udp": 2147483}, [2147483] * 3),
    ],
)
def test_what_is_named_is_set(
    settings: Settings, arguments: dict[str, Any], shown: list[int]
) -> None:
    """It is predicted, set, and left alone; what is not named stays."""
    result = settings.converge("ipvs_timeouts", **arguments)
    assert settings.timeouts() == shown
    assert result["before"] == {"tcp": 900, "tcp_fin": 120, "udp": 300}
    assert result["after"] == dict(zip(("tcp", "tcp_fin", "udp"), shown, strict=True))
    (operation,) = result["operations"]
    assert operation["changes"] == {n: [result["before"][n], v] for n, v in arguments.items()}
    assert (operation["action"], operation["item"], operation["effect"]) == (
        "edit",
        "timeouts",
        "none",
    )
    assert result["diff"] == {
        "before": "--set 900 120 300\n",
        "after": f"--set {' '.join(map(str, shown))}\n",
    }


def test_diff_is_what_ipvsadm_takes(settings: Settings) -> None:
    """Given back to ipvsadm, the diff's first half undoes the change."""
    settings.node.command("ipvsadm", "--set", "77", "66", "55")
    result = settings.run("ipvs_timeouts", tcp=1000, udp=1000)
    assert settings.timeouts() == [1000, 66, 1000]
    settings.node.command("ipvsadm", *result["diff"]["before"].split())
    assert settings.timeouts() == [77, 66, 55]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ({"tcp": 0}, ["timeouts: tcp 0 is no time", "1 to 2147483", "leave it out"]),
        ({"tcp": 60, "udp": -1}, ["timeouts: udp -1 is out of range", "1 to 2147483"]),
        ({"tcp_fin": 2147484}, ["timeouts: tcp_fin 2147484 is out of range"]),
        ({}, ["one of the following is required: tcp, tcp_fin, udp"]),
    ],
)
def test_bad_timeouts(settings: Settings, arguments: dict[str, Any], said: list[str]) -> None:
    """What is no timeout is refused, and the others with it are not set."""
    settings.refuse("ipvs_timeouts", *said, **arguments)


SEND = """
import socket
s = socket.socket(type=socket.SOCK_DGRAM)
s.bind(("192.168.0.111", 40530))
s.sendto(b"x", ("192.168.0.111", 5305))
"""


def test_connections_take_it_at_their_next_packet(settings: Settings) -> None:
    """The running timer of a connection goes on until then, as the documentation says."""
    service = "-u 192.168.0.111:5305"
    settings.add(f"-A {service} -s rr", f"-a {service} -r 192.168.137.129:5305 -m")

    def expires() -> int:
        lines = settings.node.command("ipvsadm", "-Lnc").splitlines()
        (shown,) = [line.split()[1] for line in lines if "192.168.0.111:40530" in line]
        minutes, seconds = shown.split(":")
        return int(minutes) * 60 + int(seconds)

    settings.run("ipvs_timeouts", udp=100000)
    settings.node.command("python3", "-c", SEND)
    assert expires() > 50000
    settings.run("ipvs_timeouts", udp=1)
    assert expires() > 50000
    settings.node.command("python3", "-c", SEND)
    settings.wait_for(lambda: "40530" not in settings.node.command("ipvsadm", "-Lnc"))
