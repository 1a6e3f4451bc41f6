# Copyright (c) 2025, The lvs.cluster authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Sysctls of interfaces: in the running kernel, and in a file of sysctl.d.

Private to the collection: names and behaviour may change in any release.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path

from .._values import ModelError, parse_integer
from .interface import parse_interface

ROOT = "net/ipv4/conf"
NAMES = ("arp_announce", "arp_ignore")
HIGHEST = {"arp_announce": 2, "arp_ignore": 8}

# Path below /proc/sys to value.
Settings = Mapping[str, int]


class SysctlError(ModelError):
    """What cannot be read or written, why, and what to do instead."""


def parse_settings(interfaces: Sequence[object], values: Mapping[str, object]) -> dict[str, int]:
    """Return the settings of these interfaces."""
    numbers = {n: parse_integer("", n, value, 0, HIGHEST[n]) for n, value in values.items()}
    if not interfaces:
        raise ModelError("", "interfaces", interfaces, "is empty", "give one, such as lo, or all")
    return {
        f"{ROOT}/{parse_interface('interfaces', interface)}/{name}": number
        for interface in interfaces
        for name, number in numbers.items()
    }


_KERNELS = {"proc", "sys", "dev"}


def parse_file(path: object) -> str:
    """Read the name of a file of sysctl.d, or of none."""
    if path == "":
        return ""
    text = path if isinstance(path, str) else ""
    real = Path(os.path.realpath(text)) if "\0" not in text else Path("/")
    why = ""
    if not text.startswith("/"):
        why = "is not the path of a file"
    elif text != text.strip() or not text.isprintable():
        why = "has white space at an end, or what cannot be printed"
    elif _KERNELS & {*real.parts[1:2], *Path(text).parts[1:2]}:
        why = "is in /proc, /sys or /dev, where the kernel has files of its own"
    elif text.endswith("/") or _is_directory(real):
        why = "is a directory"
    if why:
        advice = "give one such as /etc/sysctl.d/90-lvs-arp.conf, or '' for none"
        raise ModelError("", "sysctl_file", path, why, advice)
    return text


def _is_directory(path: Path) -> bool:
    try:
        return path.is_dir()
    except OSError:  # a name that is too long, which reading tells
        return False


def check_interfaces(interfaces: Sequence[str]) -> None:
    """Raise ModelError for an interface that the kernel does not have."""
    directory = Path("/proc/sys", ROOT)
    for interface in interfaces:
        if not (directory / interface).is_dir():
            known = sorted(entry.name for entry in directory.iterdir())
            raise ModelError(
                "",
                "interfaces",
                interface,
                "does not exist on this host",
                f"use one of {', '.join(known)}",
            )


def read_running(paths: Sequence[str]) -> dict[str, int]:
    """Return what the kernel has; what it does not know is left out."""
    found = {}
    for path in paths:
        try:
            found[path] = int(Path("/proc/sys", path).read_text(encoding="ascii"))
        except FileNotFoundError:
            continue
    return found


def write_running(settings: Settings) -> None:
    """Set what the kernel has."""
    for path, value in settings.items():
        try:
            Path("/proc/sys", path).write_text(f"{value}\n", encoding="ascii")
        except OSError as error:
            raise SysctlError(
                f"sysctl {path}",
                "value",
                value,
                f"cannot be set ({error.strerror})",
                "run the task with become: true, on a host that may set its own sysctls",
            ) from error


def written_name(path: str) -> str:
    """Return the name of a sysctl as files of sysctl.d have it."""
    interface = path.split("/")[3]
    return path if "." in interface else path.replace("/", ".")


def path_of(name: str) -> str:
    """Return the path of a sysctl from its name as sysctl.d(5) reads it."""
    first = next((character for character in name if character in "./"), ".")
    if first == "/":
        return name
    return name.translate(str.maketrans("./", "/."))


def setting_of(line: str) -> tuple[str, str] | None:
    """Return path and value of a line of a file of sysctl.d, or None if it sets nothing."""
    text = line.strip()
    if not text or text[0] in "#;" or "=" not in text:
        return None
    name, _equals, value = text.partition("=")
    return path_of(name.strip().lstrip("-").strip()), value.strip()


def edit_file(text: str, settings: Settings) -> str:
    """Return the file with these settings, each once; all else in it stays."""
    missing = dict(settings)
    lines = []
    for line in text.splitlines():
        found = setting_of(line)
        if found is None or found[0] not in settings:
            lines.append(line)
            continue
        path, value = found
        if path not in missing:
            continue
        wanted = missing.pop(path)
        lines.append(line if value == str(wanted) else f"{written_name(path)} = {wanted}")
    lines.extend(f"{written_name(path)} = {value}" for path, value in missing.items())
    return "".join(f"{line}\n" for line in lines)


def remove_from_file(text: str, paths: Sequence[str]) -> str:
    """Return the file without these sysctls; all else in it stays."""
    kept = []
    for line in text.splitlines():
        found = setting_of(line)
        if found is None or found[0] not in paths:
            kept.append(line)
    return "".join(f"{line}\n" for line in kept)


def print_settings(settings: Settings) -> str:
    """Return settings as sysctl prints them."""
    return "".join(f"{written_name(path)} = {settings[path]}\n" for path in sorted(settings))
