# Copyright (c) 2025, The lvs.cluster authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A command line of ipvsadm(8), taken apart into its command and what it gives.

Private to the collection: names and behaviour may change in any release.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Mapping
from typing import Any

from .._values import ModelError

# What ipvsadm takes where -p has no value (ipvsadm(8)).
DEFAULT_PERSISTENT_TIMEOUT = 360

COMMANDS = {
    "-A": "-A", "--add-service": "-A",
    "-E": "-E", "--edit-service": "-E",
    "-D": "-D", "--delete-service": "-D",
    "-a": "-a", "--add-server": "-a",
    "-e": "-e", "--edit-server": "-e",
    "-d": "-d", "--delete-server": "-d",
    "-C": "-C", "--clear": "-C",
}  # fmt: skip
_OTHER_COMMANDS = {
    "--set": "use ipvs_timeouts for timeouts",
    "--start-daemon": "use ipvs_sync_daemon for daemons",
    "--stop-daemon": "use ipvs_sync_daemon for daemons",
    **dict.fromkeys(("-L", "-l", "--list", "-S", "--save"), "use ipvs_info to read the table"),
    **dict.fromkeys(("-Z", "--zero", "-R", "--restore"), "leave it out"),
}
_PROTOCOLS = {
    "-t": "tcp", "--tcp-service": "tcp",
    "-u": "udp", "--udp-service": "udp",
    "--sctp-service": "sctp",
}  # fmt: skip
VALUES = {
    **dict.fromkeys(_PROTOCOLS, "service"),
    "-f": "fwmark", "--fwmark-service": "fwmark",
    "-s": "scheduler", "--scheduler": "scheduler",
    "-M": "persistent_netmask", "--netmask": "persistent_netmask",
    "--pe": "persistence_engine",
    "-b": "scheduler_flags", "--sched-flags": "scheduler_flags",
    "-r": "server", "--real-server": "server",
    "-w": "weight", "--weight": "weight",
    "-x": "upper_threshold", "--u-threshold": "upper_threshold",
    "-y": "lower_threshold", "--l-threshold": "lower_threshold",
    "--tun-type": "tunnel_type",
    "--tun-port": "tunnel_port",
}  # fmt: skip
_PERSISTENT = ("-p", "--persistent")
_SETTINGS: Mapping[str, tuple[str, Any]] = {
    "-m": ("forward", "nat"), "--masquerading": ("forward", "nat"),
    "-i": ("forward", "tun"), "--ipip": ("forward", "tun"),
    "-g": ("forward", "dr"), "--gatewaying": ("forward", "dr"),
    "-6": ("family", "ipv6"), "--ipv6": ("family", "ipv6"),
    "-o": ("one_packet", True), "--ops": ("one_packet", True),
    "--tun-nocsum": ("tunnel_checksum", "none"),
    "--tun-csum": ("tunnel_checksum", "csum"),
    "--tun-remcsum": ("tunnel_checksum", "remcsum"),
    "-n": ("numeric", True), "--numeric": ("numeric", True),
}  # fmt: skip
# What names a service, or a real server.
SERVICES = (*_PROTOCOLS, "-f", "--fwmark-service")
SERVERS = ("-r", "--real-server")
# Whatever stands before it: a prompt, a path, sudo. But not what is commented out.
_COMMAND_LINE = re.compile(r"(?!\s*#)(?:.*[\s/])?ipvsadm\s(.*)")
# What a message shows of a line.
_SHOWN = 200
_QUOTING = re.compile("[\"'\\\\#]")


def line_label(line: str, number: int) -> str:
    """Return what messages call a line of rules."""
    rule = line.strip()
    return f"rules, line {number} ({rule if len(rule) <= _SHOWN else f'{rule[:_SHOWN]}...'})"


def words_of(line: str, number: int) -> list[str]:
    """Return the words of a line behind the command's name, none of a comment."""
    command_line = _COMMAND_LINE.match(line) if "ipvsadm" in line else None
    rule = command_line[1] if command_line else line
    if _QUOTING.search(rule) is None:
        return rule.split()
    try:
        return shlex.split(rule, comments=True)
    except ValueError as error:
        item = line_label(line, number)
        raise ModelError(item, "", None, str(error), "close what is open") from error


def wrong(why: str, advice: str) -> ModelError:
    """Return what is wrong with a whole line, which whoever reads it has to name."""
    return ModelError("", "", None, why, advice)


def options_of(words: list[str]) -> tuple[str, dict[str, Any]]:
    """Return the command of a rule, by its short name, and what it gives, under the fields' names.

    Raises ModelError.
    """
    command = ""
    found: dict[str, Any] = {}
    waiting = words[::-1]
    while waiting:
        switch, value = _switch(waiting)
        if switch in COMMANDS:
            if command:
                raise wrong(f"{command} and {switch} are two commands", "give one a line")
            command = COMMANDS[switch]
        elif switch in _SETTINGS:
            field, setting = _SETTINGS[switch]
            _give(found, field, setting, switch)
        elif switch in _PERSISTENT:
            if value is None and waiting and not waiting[-1].startswith("-"):
                value = waiting.pop()
            timeout = DEFAULT_PERSISTENT_TIMEOUT if value is None else value
            _give(found, "persistent_timeout", timeout, switch)
        elif switch in VALUES:
            _give(found, VALUES[switch], _value(switch, value, waiting), switch)
            if switch in _PROTOCOLS:
                found["protocol"] = _PROTOCOLS[switch]
        elif switch in _OTHER_COMMANDS:
            advice = _OTHER_COMMANDS[switch]
            raise ModelError("", switch, None, "does not describe a table", advice)
        else:
            raise ModelError("", switch, None, "is no option of a rule", "see ipvsadm(8)")
    if not command:
        advice = "begin it with -A for a service, -a for a real server"
        raise wrong("it has no command", advice)
    return command, found


def _switch(waiting: list[str]) -> tuple[str, str | None]:
    """Take the next switch off, with its value where the two are one word (popt(3))."""
    word = waiting.pop()
    if word.startswith("--"):
        switch, equals, value = word.partition("=")
        return switch, value if equals else None
    if len(word) <= 2 or not word.startswith("-"):
        return word, None
    switch, rest = word[:2], word[2:]
    if switch in VALUES or switch in _PERSISTENT:
        return switch, rest[1:] if rest.startswith("=") else rest
    if switch in _SETTINGS or switch in COMMANDS or switch in _OTHER_COMMANDS:
        waiting.append(f"-{rest}")
        return switch, None
    return word, None


def _value(switch: str, value: str | None, waiting: list[str]) -> str:
    """Return what is given for a switch, in the same word or in the next one."""
    if value is None and waiting:
        value = waiting.pop()
    # ipvsadm -S prints -b and nothing behind it where it has no name for the flag that is set.
    if value is None and VALUES[switch] != "scheduler_flags":
        raise ModelError("", switch, None, "has no value", "give one")
    return value or ""


def _give(found: dict[str, Any], field: str, value: object, switch: str) -> None:
    if field in found and field != "numeric":
        raise ModelError("", switch, None, "says once more what was said already", "say it once")
    found[field] = value
