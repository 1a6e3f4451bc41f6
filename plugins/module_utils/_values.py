# Copyright (c) 2025, The lvs.cluster authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Addresses, numbers and choices: read one, or say what is wrong with it.

Private to the collection: names and behaviour may change in any release.
"""

from __future__ import annotations

import re
import socket
from collections.abc import Sequence

FAMILIES = ("ipv4", "ipv6")
MAX_PORT = 65535

# As people and YAML write whole numbers; int() reads digits of any script, and much else.
_WHOLE_NUMBER = re.compile("0|-?[1-9][0-9]*")
# No number that anybody may give here has so many digits, and int() may not read thousands.
_MAX_DIGITS = 20
# What a message shows of a value.
_SHOWN = 200
# 1.0.0.0 to 223.255.255.255, 2000::/3 and fc00::/7: nearly all, with nothing to ask about them.
_ORDINARY = re.compile(
    "(?:[1-9]|[1-9][0-9]|1[0-9][0-9]|2[01][0-9]|22[0-3])[.]|[23][0-9a-f]{3}:|f[cd][0-9a-f]{2}:"
)
_MAPPED = bytes(10) + b"\xff\xff"


class ModelError(ValueError):
    """One thing that is wrong: what it is wrong with, why, and what to do instead.

    C(item) is what messages call the thing (C(service tcp 192.0.2.1:80)), C(field) the option's
    name, empty where it is the whole thing, C(value) what was given, None where nothing was;
    C(why) goes on from these, and C(advice) is an imperative. Neither ends with a full stop.
    """

    def __init__(self, item: object, field: str, value: object, why: str, advice: str) -> None:
        super().__init__(item, field, value, why, advice)
        self.item = item
        self.field = field
        self.value = value
        self.why = why
        self.advice = advice

    def __str__(self) -> str:
        """Return it as one sentence."""
        return sentence(str(self.item), self.field, self.value, self.why, self.advice)


def sentence(item: str, field: str, value: object, why: str, advice: str) -> str:
    """Return what is wrong, and its fix, as one sentence on one line."""
    subject = " ".join(filter(None, (field, "" if value is None else shown(value))))
    told = " ".join(filter(None, (subject, why)))
    whole = f"{item}: {told}; {advice}." if item else f"{told}; {advice}."
    return "".join(one if one.isprintable() else repr(one)[1:-1] for one in whole)


def shown(value: object) -> str:
    """Return a value as a message shows it: texts in quotes, booleans as YAML has them."""
    if isinstance(value, bool):
        return str(value).lower()
    try:
        text = repr(value)
    except ValueError:  # a number of thousands of digits
        return "of thousands of digits"
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}..."


def _octets(address: str) -> bytes | None:
    """Return the 4 or 16 octets of an address, or None for what is no address at all."""
    for family in (socket.AF_INET, socket.AF_INET6):
        try:
            return socket.inet_pton(family, address)
        except (OSError, ValueError, UnicodeError):
            continue
    return None


def _spelled_address(octets: bytes) -> str:
    return socket.inet_ntop(socket.AF_INET if len(octets) == 4 else socket.AF_INET6, octets)


def address_family(address: str) -> str | None:
    """Return `ipv4` or `ipv6`, or None for what is no address at all."""
    octets = _octets(address)
    return None if octets is None else "ipv4" if len(octets) == 4 else "ipv6"


def canonical_address(address: str) -> str | None:
    """Return the address in the one way the kernel's tools print it, or None if it is none."""
    octets = _octets(address)
    return None if octets is None else _spelled_address(octets)


def packed_address(address: str) -> bytes:
    """Return the 4 or 16 octets of a valid address."""
    return socket.inet_pton(socket.AF_INET6 if ":" in address else socket.AF_INET, address)


def join_host_port(address: str, port: int) -> str:
    """Return C(192.0.2.1:80) or C([2001:db8::1]:80)."""
    return f"[{address}]:{port}" if ":" in address else f"{address}:{port}"


def netmask_of_prefix(prefix: int) -> str:
    """Return the dotted IPv4 netmask of a prefix length."""
    bits = (0xFFFFFFFF << (32 - prefix)) & 0xFFFFFFFF
    return socket.inet_ntop(socket.AF_INET, bits.to_bytes(4, "big"))


def parse_integer(item: object, name: str, value: object, lowest: int, highest: int) -> int:
    """Return a whole number within the range."""
    number = value if isinstance(value, int) and not isinstance(value, bool) else None
    if isinstance(value, str) and _WHOLE_NUMBER.fullmatch(value):
        number = int(value) if len(value) <= _MAX_DIGITS else highest + 1
    advice = f"give one from {lowest} to {highest}"
    if number is None:
        raise ModelError(item, name, value, "is not a whole number", advice)
    if not lowest <= number <= highest:
        shown_as = value if isinstance(value, str) and len(value) > _MAX_DIGITS else number
        raise ModelError(item, name, shown_as, "is out of range", advice)
    return int(number)


def parse_choice(item: object, name: str, value: object, choices: Sequence[str]) -> str:
    """Return one of a few words."""
    if not isinstance(value, str) or value not in choices:
        advice = f"use one of {', '.join(choices)}"
        why = "is not given" if value is None else "is not known"
        raise ModelError(item, name, value, why, advice)
    return str(value)


def parse_boolean(item: object, name: str, value: object) -> bool:
    """Return a boolean."""
    if isinstance(value, str) and value.lower() in ("true", "yes", "false", "no"):
        return value.lower() in ("true", "yes")
    if not isinstance(value, bool):
        raise ModelError(item, name, value, "is not a boolean", "use true or false")
    return value


def parse_address(item: object, name: str, value: object) -> str:
    """Return an address in the one way the kernel's tools print it."""
    return _spelled_address(_address_octets(item, name, value))


def _address_octets(item: object, name: str, value: object) -> bytes:
    octets = _octets(value) if isinstance(value, str) else None
    if octets is not None:
        return octets
    bare = value.strip() if isinstance(value, str) else ""
    if _octets(bare) is not None:
        why = "has white space around it"
        raise ModelError(item, name, value, why, f"write it as {bare}")
    why = "is not an IPv4 or IPv6 address"
    advice = "give one without brackets, prefix length, or zone"
    raise ModelError(item, name, value, why, advice)


def parse_server_address(item: object, name: str, value: object) -> str:
    """Return the address of one host, in the one way the kernel's tools print it."""
    address = _spelled_address(_address_octets(item, name, value))
    problem = problem_of_server_address(address)
    if problem is not None:
        raise ModelError(item, name, address, *problem)
    return address


def problem_of_address(address: str) -> tuple[str, str] | None:
    """Return why nobody has this address, and what to do instead; None where somebody may."""
    if _ORDINARY.match(address):
        return None
    octets = packed_address(address)
    if not any(octets):
        return "stands for no host", "give the address of one"
    if is_multicast(octets):
        return "is a multicast address", "give the address of one host"
    if octets == b"\xff" * 4:
        return "is the broadcast address of every network", "give the address of one host"
    if len(octets) == 16 and octets.startswith(_MAPPED):
        return "is an IPv4 address in the form of IPv6", f"write it as {address[len('::ffff:') :]}"
    return None


def problem_of_server_address(address: str) -> tuple[str, str] | None:
    """Return the same of an address to which packets are to be sent from here.

    A link-local address says nothing without an interface, and the kernel's IPVS takes none.
    """
    if _ORDINARY.match(address):
        return None
    octets = packed_address(address)
    if len(octets) == 16 and octets[0] == 0xFE and octets[1] & 0xC0 == 0x80:
        why = "is a link-local address, which means another host on each link"
        return why, "give another address of the host"
    return problem_of_address(address)


def is_multicast(octets: bytes) -> bool:
    """Tell whether a packed address is that of a group."""
    return octets[0] == 0xFF if len(octets) == 16 else 224 <= octets[0] <= 239


def family_name(family: str) -> str:
    """Return what messages call an address family."""
    return "IPv4" if family == "ipv4" else "IPv6"


def in_network(address: bytes, network: bytes, prefix: int) -> bool:
    """Tell whether an address lies in a network of its own family."""
    if len(address) != len(network):
        return False
    shift = 8 * len(address) - prefix
    return int.from_bytes(address, "big") >> shift == int.from_bytes(network, "big") >> shift
