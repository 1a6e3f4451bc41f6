# Copyright (c) 2026, The lvs.cluster authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Small stand-ins for what the programs of the roles run: ip, nft, ipvsadm and others.

The host is in the directory `LVS_ROOT`: its state is in files there, a line for each thing. What
the commands do not know ends the test.
"""

from __future__ import annotations

import os
import re
import sys
from pathlib import Path

ROOT = Path(os.environ["LVS_ROOT"])


def read(name: str) -> list[str]:
    """Return the lines of a part of the host's state."""
    path = ROOT / "state" / name
    return path.read_text().splitlines() if path.exists() else []


def write(name: str, lines: list[str]) -> None:
    """Replace a part of the host's state."""
    (ROOT / "state" / name).write_text("".join(f"{line}\n" for line in lines))


def refuse(why: str) -> int:
    """Fail as the command would."""
    print(why, file=sys.stderr)
    return 2


def add(name: str, line: str) -> int:
    """Add what must not be there."""
    lines = read(name)
    if line in lines:
        return refuse(f"File exists: {line}")
    write(name, [*lines, line])
    return 0


def delete(name: str, line: str) -> int:
    """Delete what must be there."""
    lines = read(name)
    if line not in lines:
        return refuse(f"Cannot assign requested address: {line}")
    lines.remove(line)
    write(name, lines)
    return 0


def ip_addr(words: list[str]) -> int:
    """Addresses: `DEVICE ADDRESS/PREFIX`, and what they are added with beside it."""
    action, *rest = words
    if action == "show":
        device = rest[rest.index("dev") + 1] if "dev" in rest else ""
        address = rest[rest.index("to") + 1] if "to" in rest else ""
        for line in read("addresses"):
            on, shown = line.split()
            if device in ("", on) and address in ("", shown.split("/")[0]):
                family = "inet6" if ":" in shown else "inet"
                print(f"2: {on}    {family} {shown} scope global {on}\\       valid_lft forever")
        return 0
    address, _dev, device, *how = rest
    if action == "add" and how:
        write("added", [*read("added"), f"{address} {' '.join(how)}"])
    return (add if action == "add" else delete)("addresses", f"{device} {address}")


def ip_link(words: list[str]) -> int:
    """Devices: those that there are in `devices`, those that are up in `up`."""
    if words[0] == "show":
        device = words[-1]
        print(f"3: {device}: <NOARP,UP>" if device in read("up") else "", end="")
        return 0
    _set, _dev, device, state = words
    if device not in read("devices"):
        return refuse(f'Cannot find device "{device}"')
    return (add if state == "up" else delete)("up", device)


def ip_fou(family: str, words: list[str]) -> int:
    """Ports: `FAMILY PORT`."""
    if words == ["show"]:
        for line in read("fou"):
            of, port = line.split()
            print(f"port {port} gue" + (" -6" if of == "6" else ""))
        return 0
    return (add if words[0] == "add" else delete)("fou", f"{family} {words[2]}")


def ip_route(family: str, words: list[str]) -> int:
    """Default routes, as they are shown."""
    name = f"routes{family}"
    if words[0] == "show":
        print("".join(f"{line} \n" for line in read(name)), end="")
        return 0
    action, *route = words
    if action == "replace":
        write(name, [" ".join(route), *(r for r in read(name) if "metric" in r)])
        return 0
    shown = {re.sub(r" (linkdown|dead)", "", line): line for line in read(name)}
    given = " ".join(route)
    return (add if action == "add" else delete)(name, shown.get(given, given))


def ip(words: list[str]) -> int:
    """Hand on to the object's own."""
    family = "4"
    while words[0].startswith("-"):
        family = words[0][1] if words[0] in ("-4", "-6") else family
        words = words[1:]
    name, *rest = words
    if name == "addr":
        return ip_addr(rest)
    if name == "link":
        return ip_link(rest)
    return ip_fou(family, rest) if name == "fou" else ip_route(family, rest)


def nft(words: list[str]) -> int:
    """Tables and chains: `FAMILY TABLE` and `FAMILY TABLE CHAIN`. What is loaded is kept, too."""
    have = read("nft")
    if words[0] == "-f":
        text = sys.stdin.read() if words[1] == "-" else Path(words[1]).read_text()
        if "BROKEN" in text:
            return refuse("syntax error")
        for table, body in re.findall(r"^table (.+?) \{$(.*?)^\}$", text, re.MULTILINE | re.DOTALL):
            found = [table, *(f"{table} {c}" for c in re.findall(r"chain (\w+) \{", body))]
            have += [name for name in found if name not in have]
        write("nft", have)
        write("loaded", [*read("loaded"), text])
        return 0
    action, _kind, *name = words
    wanted = " ".join(name)
    if wanted not in have:
        return refuse("No such file or directory")
    if action == "delete":
        write("nft", [line for line in have if not f"{line} ".startswith(f"{wanted} ")])
    return 0


def key_of(rule: str) -> str:
    """Return how a rule names its service."""
    words = rule.split()
    v6 = " -6" if words[1] == "-f" and "-6" in words else ""
    return f"{words[1]} {words[2]}{v6}"


def restore(rules: list[str]) -> int:
    """Take rules, none of which may be there."""
    table = read("table")
    services = {key_of(rule) for rule in table if rule.startswith("-A")}
    for rule in rules:
        new = rule.startswith("-A")
        if (key_of(rule) in services) is new:
            return refuse(f"Service already exists, or there is none: {rule}")
        services.add(key_of(rule))
        table.append(rule)
    write("table", table)
    return 0


def ipvsadm(words: list[str]) -> int:
    """The table, as rules; daemons as they are started; timeouts as they are set."""
    if words == ["-R"]:
        return restore(sys.stdin.read().splitlines())
    if words == ["-L", "--daemon"]:
        for line in read("daemons"):
            print(f"{line.split()[1]} sync daemon (mcast={line.split()[3]}, syncid=0)")
        return 0
    return {
        "--start-daemon": start_daemon,
        "--stop-daemon": stop_daemon,
        "--set": set_timeouts,
        "-D": delete_service,
    }[words[0]](words)


def start_daemon(words: list[str]) -> int:
    """Start one that does not run."""
    return add("daemons", " ".join(words))


def stop_daemon(words: list[str]) -> int:
    """Stop one that runs."""
    (line,) = [line for line in read("daemons") if line.split()[1] == words[1]]
    return delete("daemons", line)


def set_timeouts(words: list[str]) -> int:
    """Set all three."""
    write("timeouts", words[1:])
    return 0


def delete_service(words: list[str]) -> int:
    """Delete one that is there, with its real servers."""
    key = " ".join(words[1:])
    table = read("table")
    if not any(rule.startswith("-A") and key_of(rule) == key for rule in table):
        return refuse("No such service")
    write("table", [rule for rule in table if key_of(rule) != key])
    return 0


def ipvsadm_save(_words: list[str]) -> int:
    """Print the table."""
    print("".join(f"{rule}\n" for rule in read("table")), end="")
    return 0


def sysctl(words: list[str]) -> int:
    """Keep what the file says."""
    write("sysctls", Path(words[-1]).read_text().splitlines())
    return 0


def modprobe(words: list[str]) -> int:
    """Bring the devices of modules that there are."""
    names = [word for word in words if not word.startswith("-")]
    for name in names:
        bring = [line.split()[1] for line in read("modules") if line.split()[0] == name]
        write("devices", [*read("devices"), *(b for b in bring if b not in read("devices"))])
    return 0 if all(any(x.split()[0] == n for x in read("modules")) for n in names) else 1


def sleep(words: list[str]) -> int:
    """Say for how long."""
    write("slept", [*read("slept"), words[0]])
    return 0


def ldirectord(words: list[str]) -> int:
    """Tell what the test says of a configuration that has no mistake in it."""
    if "MISTAKE" in Path(words[0]).read_text():
        return refuse("Error reading file: unknown directive")
    print("ldirectord is stopped")
    return 3


COMMANDS = {
    "ip": ip,
    "ipvsadm": ipvsadm,
    "ipvsadm-save": ipvsadm_save,
    "ldirectord": ldirectord,
    "modprobe": modprobe,
    "nft": nft,
    "sleep": sleep,
    "sysctl": sysctl,
}


def install() -> None:
    """Put the commands where a program under test finds them first."""
    (ROOT / "bin").mkdir(parents=True)
    (ROOT / "state").mkdir()
    for name in COMMANDS:
        path = ROOT / "bin" / name
        # Imported, so that it is compiled once.
        run = f"import sys; sys.path.insert(0, '{Path(__file__).parent}'); import stand_ins as s"
        code = f"{run}; sys.exit(s.COMMANDS['{name}'](sys.argv[1:]))"
        path.write_text(f'#!/bin/sh\nexec {sys.executable} -SE -c "{code}" "$@"\n')
        path.chmod(0o755)
