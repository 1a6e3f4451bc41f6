# Copyright (c) 2026, The lvs.cluster authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a value of a variable may be, and how one is read.

Private to the collection: names and behaviour may change in any release.

A value is what its YAML says: text is not taken apart into a list, and a number is not text. What
comes as text all the same, out of a template, an INI file or C(-e), is read where nothing else can
be meant: a number where one is meant, and the words of YAML where a boolean is. Pure code.
"""

from __future__ import annotations

import difflib
import ipaddress
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from types import MappingProxyType
from typing import Any, Callable, NamedTuple

from ansible_collections.lvs.cluster.plugins.module_utils._values import (
    ModelError,
    family_name,
    parse_address,
    parse_boolean,
    parse_choice,
    parse_integer,
    parse_server_address,
)

from .._problem import Problem


class Place(NamedTuple):
    """Where a value stands: what messages call the thing, and the name that the user wrote.

    C(number) is its place in a list, from 1 on.
    """

    item: str
    field: str
    number: int = 0

    def within(self, name: object) -> Place:
        """Return the place of a part of it that has a name."""
        return Place(self.item, f"{self.field}.{name}")

    def problem(self, value: object, why: str, advice: str) -> Problem:
        """Return what is wrong here."""
        return Problem(self.item, self.field, value, why, advice)


@dataclass(frozen=True)
class Kind:
    """What a value may be: C(parse) returns it as it is used, or raises ModelError.

    The error needs neither item nor field. C(example) is a value that may be, C(type) and
    C(choices) are as an argument specification has them. Of what is C(secret) no value is shown.
    """

    parse: Callable[[Any], Any]
    example: Any
    type: str = "str"
    choices: tuple[str, ...] = ()
    secret: bool = False

    def read(self, value: Any, place: Place, problems: list[Problem]) -> Any:
        """Return the value as it is used; None, and a problem more, for one that may not be."""
        try:
            return self.parse(plain(value))
        except ModelError as error:
            told = None if self.secret else error.value
            problems.append(place.problem(told, error.why, error.advice))
            return None

    @property
    def specification(self) -> dict[str, Any]:
        """What an argument specification says of it."""
        found: dict[str, Any] = {"type": self.type}
        if self.choices:
            found["choices"] = list(self.choices)
        if self.secret:
            found["no_log"] = True
        return found


def plain(value: Any) -> Any:
    """Return the text of a secret of a vault, which older Ansible hands on as an object."""
    return str(value) if getattr(value, "__ENCRYPTED__", False) else value


def refused(value: object, why: str, advice: str) -> ModelError:
    """Return what a reader of values raises: the place is added by whoever knows it."""
    return ModelError("", "", value, why, advice)


# ---- text --------------------------------------------------------------------------------------
def _text(value: Any) -> str:
    if not isinstance(value, str):
        advice = "give some" if value is None else "put it in quotes, or give some"
        raise refused(value, "is not text", advice)
    if not value.strip():
        raise refused(value, "is empty", "give some text")
    for character in value:
        if not character.isprintable():
            why = f"has a character that is no part of a line (U+{ord(character):04X})"
            raise refused(value, why, "leave it out")
    return value


def matching(pattern: str, what: str, example: str) -> Kind:
    """Return the kind of text that a regular expression matches as a whole.

    C(what) is what others are told that they are not, such as C(the name of an interface).
    """

    def parse(value: Any) -> str:
        text = _text(value)
        if not re.fullmatch(pattern, text):
            raise refused(value, f"is not {what}", f"give one such as {example}")
        return text

    return Kind(parse, example)


def optional(kind: Kind) -> Kind:
    """Return the kind of a value that may be left empty, too."""
    return replace(kind, parse=lambda value: "" if value == "" else kind.parse(value))


def secret(kind: Kind) -> Kind:
    """Return the kind of a value that messages do not show."""
    return replace(kind, secret=True)


def written(kind: Kind, write: Callable[[str], object]) -> Kind:
    """Return the kind of those values that a file can say as well.

    C(write) is the function of C(_formats) that writes one, and raises ModelError where it cannot.
    """

    def parse(value: Any) -> Any:
        read = kind.parse(value)
        if read != "":
            write(str(read))
        return read

    return replace(kind, parse=parse)


TEXT = Kind(_text, "example")
PATH = matching(r"/.*", "the whole path of a file", "/etc/lvs-cluster/example")
INTERFACE = matching(
    r"(?!\.{1,2}$)[A-Za-z0-9_.@+=~,-]{1,15}", "the name of a network interface", "eth1"
)
USER = matching(r"[A-Za-z_][A-Za-z0-9_.-]{0,30}[A-Za-z0-9_$.-]?", "the name of a user", "nobody")

HOST = matching(
    r"[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?|[0-9A-Fa-f:.]*:[0-9A-Fa-f:.]*",
    "the name or address of a host",
    "mail.example.com",
)
MAIL = matching(r"[A-Za-z0-9.!$%&*+/=?^_{|}~-]+@[A-Za-z0-9.-]+", "an address", "root@example.com")


# ---- numbers, booleans, choices ----------------------------------------------------------------
def number(lowest: int, highest: int) -> Kind:
    """Return the kind of a whole number within the range."""
    return Kind(lambda value: parse_integer("", "", value, lowest, highest), lowest, "int")


def seconds(lowest: float, highest: float, example: float = 1) -> Kind:
    """Return the kind of a time in seconds within the range, which need not be whole."""

    def parse(value: Any) -> float:
        if isinstance(value, bool) or not re.fullmatch(r"-?[0-9]+(\.[0-9]+)?", str(value)):
            raise refused(value, "is not a number", f"give seconds from {lowest} to {highest}")
        found = float(value)
        if not lowest <= found <= highest:
            raise refused(value, "is out of range", f"give seconds from {lowest} to {highest}")
        return int(found) if found.is_integer() else found

    return Kind(parse, example, "float")


BOOLEAN = Kind(partial(parse_boolean, "", ""), True, "bool")


def one_of(*choices: str) -> Kind:
    """Return the kind of a word out of a few."""
    return Kind(
        lambda value: parse_choice("", "", value, choices), choices[0], choices=tuple(choices)
    )


# ---- addresses ---------------------------------------------------------------------------------
def _network(value: Any) -> str:
    try:
        found = ipaddress.ip_interface(value if isinstance(value, str) and "/" in value else "")
    except ValueError:
        why, advice = "is not a network", "give address and prefix length, such as 192.0.2.0/24"
        raise refused(value, why, advice) from None
    if found.ip != found.network.network_address:
        why = f"is an address in the network {found.network}"
        raise refused(value, why, f"give {found.network}")
    if not found.network.prefixlen:
        raise refused(value, "is every address that there is", "give networks of yours")
    return str(found.network)


def prefix_of(family: str, also: str = "") -> Kind:
    """Return the kind of a prefix length of a family; C(also) is what else is advised."""
    longest = 32 if family == "ipv4" else 128

    def parse(value: Any) -> int:
        try:
            return parse_integer("", "", value, 1, longest)
        except ModelError:
            why = f"is not a prefix length of {family_name(family)}"
            advice = f"give a number from 1 to {longest}, or leave it out{also}"
            raise refused(value, why, advice) from None

    return Kind(parse, 24, "int")


ADDRESS = Kind(partial(parse_address, "", ""), "192.0.2.1")
HOST_ADDRESS = Kind(partial(parse_server_address, "", ""), "192.0.2.1")
NETWORK = Kind(_network, "192.0.2.0/24")


# ---- lists and mappings ------------------------------------------------------------------------
def _as_it_is(value: Any) -> Any:
    return value


@dataclass(frozen=True)
class ListOf(Kind):
    """A list, whose elements are of a kind; C(unique) ones are there once each.

    C(needed) is what is told of one that is empty, where it may not be.
    """

    parse: Callable[[Any], Any] = _as_it_is
    example: Any = ()
    type: str = "list"
    elements: Kind = TEXT
    unique: bool = False
    needed: str = ""

    def read(self, value: Any, place: Place, problems: list[Problem]) -> Any:
        """Return the elements that may be, in a list."""
        if not isinstance(value, (list, tuple)):
            shown = _shown(self, value)
            problems.append(place.problem(shown, "is not a list", _list_advice(shown)))
            return None
        if self.needed and not value:
            problems.append(place.problem(value, "is empty", self.needed))
            return None
        found: list[Any] = []
        for position, entry in enumerate(value, 1):
            before = len(problems)
            read = self.elements.read(entry, place._replace(number=position), problems)
            if len(problems) > before:
                continue
            if self.unique and read in found:
                problems.append(place.problem(entry, "is there twice", "leave out one of the two"))
            found.append(read)
        return found

    @property
    def specification(self) -> dict[str, Any]:
        """With the specification of the elements, as Ansible has it."""
        inner = self.elements.specification
        return {"elements": inner.pop("type"), **inner, "type": "list"}


def _shown(kind: Kind, value: Any) -> Any:
    """Return a value as it may be told; what it is instead may have a secret in it."""
    return None if _has_secret(kind) else value


def _has_secret(kind: Kind) -> bool:
    parts: Iterable[Kind] = ()
    if isinstance(kind, ListOf):
        parts = (kind.elements,)
    elif isinstance(kind, MappingOf):
        parts = (kind.keys, kind.values)
    elif isinstance(kind, Record):
        parts = kind.fields.values()
    return kind.secret or any(map(_has_secret, parts))


def _list_advice(value: Any) -> str:
    return f"write it as a list: [{value}]" if _is_word(value) else "give a list, or leave it out"


def _is_word(value: Any) -> bool:
    return isinstance(value, str) and bool(re.fullmatch(r"[\w./@-]+", value))


@dataclass(frozen=True)
class Services(ListOf):
    """A description, which has a reader of its own in C(_cluster)."""

    elements: Kind = Kind(_as_it_is, {}, "dict")

    def read(self, value: Any, place: Place, problems: list[Problem]) -> Any:
        """Return it as it is."""
        return value


SERVICES = Services()


def list_of(elements: Kind, unique: bool = True, needed: str = "") -> Kind:
    """Return the kind of a list; C(needed) is what to do about an empty one that may not be."""
    return ListOf(elements=elements, example=[elements.example], unique=unique, needed=needed)


SELINUX_BOOLEANS = list_of(
    matching(r"[a-z0-9_]{1,64}", "the name of a boolean of SELinux", "httpd_use_nfs")
)


@dataclass(frozen=True)
class MappingOf(Kind):
    """A mapping whose keys are the user's, such as settings of another program by name."""

    parse: Callable[[Any], Any] = _as_it_is
    example: Any = field(default_factory=dict)
    type: str = "dict"
    keys: Kind = TEXT
    values: Kind = TEXT

    def read(self, value: Any, place: Place, problems: list[Problem]) -> Any:
        """Return the entries that may be."""
        if not isinstance(value, Mapping):
            advice = "give a mapping, or leave it out"
            problems.append(place.problem(_shown(self, value), "is not a mapping", advice))
            return None
        found = {}
        for key, entry in value.items():
            before = len(problems)
            name = self.keys.read(key, place, problems)
            if len(problems) == before:
                read = self.values.read(entry, place.within(key), problems)
                if len(problems) == before:
                    found[name] = read
        return found


def mapping_of(keys: Kind, values: Kind) -> Kind:
    """Return the kind of a mapping whose keys are the user's."""
    return MappingOf(keys=keys, values=values, example={keys.example: values.example})


@dataclass(frozen=True)
class Record(Kind):
    """A mapping whose keys are known, such as an entry of a list.

    C(noun) is what one is called in a list, with its field C(called) or else its number.
    """

    parse: Callable[[Any], Any] = _as_it_is
    example: Any = field(default_factory=dict)
    type: str = "dict"
    noun: str = ""
    fields: Mapping[str, Kind] = field(default_factory=dict)
    required: tuple[str, ...] = ()
    called: str = "name"
    # The specification does not list its fields.
    is_open: bool = False

    def read(self, value: Any, place: Place, problems: list[Problem]) -> Any:
        """Return the fields that are given, and may be."""
        if not isinstance(value, Mapping):
            problems.append(place.problem(_shown(self, value), "is not a mapping", self._needs))
            return None
        if self.noun:
            name = value.get(self.called)
            own = name if isinstance(name, str) and name.isprintable() and name else place.number
            item = f"{self.noun} {own} of {place.item}" if place.item else f"{self.noun} {own}"
            place = place._replace(item=item)
        found = {}
        for key, entry in value.items():
            if key not in self.fields:
                advice = f"use {nearest(str(key), self.fields)}"
                told = place.within(key).problem(None, "is not a field of it", advice)
                problems.append(told)
            elif entry is not None:
                read = self.fields[key].read(entry, place.within(key), problems)
                if read is not None:
                    found[key] = read
        for key in self.required:
            if value.get(key) is None:
                advice = f"give one such as {self.fields[key].example}"
                problems.append(place.within(key).problem(None, "is not given", advice))
        return found

    @property
    def _needs(self) -> str:
        names = ", ".join(self.required or self.fields)
        return f"give {names}"

    @property
    def specification(self) -> dict[str, Any]:
        """With its fields as the options."""
        if self.is_open:
            return {"type": "dict"}
        options = {name: kind.specification for name, kind in self.fields.items()}
        for name in self.required:
            options[name]["required"] = True
        return {"type": "dict", "options": options}


def record(
    noun: str, fields: Mapping[str, Kind], required: Iterable[str] = (), called: str = "name"
) -> Kind:
    """Return the kind of a mapping whose keys are known; C(noun) where it is one of a list."""
    return Record(
        noun=noun,
        fields=MappingProxyType(dict(fields)),
        required=tuple(required),
        called=called,
        example={name: fields[name].example for name in required or list(fields)[:1]},
    )


def nearest(name: str, known: Iterable[str], prefix: str = "") -> str:
    """Return what to use in place of a name: the nearest, or one of all.

    C(prefix) is what all of them begin with, which makes none nearer.
    """
    names = list(known)
    found = difflib.get_close_matches(name, names, 1)
    return prefix + found[0] if found else f"one of {', '.join(prefix + name for name in names)}"
