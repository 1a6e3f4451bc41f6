# Copyright (c) 2025, The lvs.cluster authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is asked of pyroute2, and what is made of its answers. The kernel tier has the real ones."""

from __future__ import annotations

import errno
import os
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.lvs.cluster.plugins.module_utils._link import kernel
from ansible_collections.lvs.cluster.plugins.module_utils._link.model import (
    Address,
    DefaultRoute,
    LinkError,
    Step,
)
from pyroute2 import NetlinkError

LO = socket.if_nametoindex("lo")


class Answer(dict[str, Any]):
    """A message as all versions give it."""

    def __init__(self, fields: dict[str, Any], **attributes: Any) -> None:
        super().__init__(fields)
        self.attributes = attributes

    def get_attr(self, name: str) -> Any:
        return self.attributes.get(name)


def address(text: str, **fields: Any) -> Answer:
    """Return an IPv4 address of lo."""
    header = {"index": LO, "family": 2, "prefixlen": 8, "flags": 0, **fields}
    return Answer(header, IFA_LOCAL=text, IFA_ADDRESS=text, IFA_LABEL="lo")


def route(**attributes: Any) -> Answer:
    """Return an IPv4 default route of the main table by lo."""
    fields = {"dst_len": 0, "type": 1, "flags": 0, "table": 254}
    fields = {**fields, **attributes.pop("fields", {})}
    return Answer(fields, **{"RTA_OIF": LO, **attributes})


def refused(code: int) -> Exception:
    """Return an error of the kernel as pyroute2 raises it."""
    error: Exception = NetlinkError(code)
    return error


class Pyroute2:
    """Stands for IPRoute: gives prepared answers in turn, and keeps what was asked."""

    opened = 0

    def __init__(self, answers: Iterator[Any]) -> None:
        Pyroute2.opened += 1
        self._answers = answers
        self.asked: list[tuple[Any, dict[str, Any]]] = []

    def close(self) -> None:
        """Do nothing."""

    def _next(self, command: Any, **fields: Any) -> Any:
        self.asked.append((command, fields))
        answer = next(self._answers)
        if isinstance(answer, Exception):
            raise answer
        return tuple(answer)

    addr = route = _next

    def get_addr(self) -> Any:
        return self._next("get_addr")

    def get_routes(self, **fields: Any) -> Any:
        return self._next("get_routes", **fields)


Prepare = Callable[..., tuple[kernel.Links, Pyroute2]]


@pytest.fixture
def prepared(monkeypatch: pytest.MonkeyPatch) -> Prepare:
    """Give Links that get the prepared answers, and what they ask."""

    def prepare(*answers: Any) -> tuple[kernel.Links, Pyroute2]:
        Pyroute2.opened = 0
        left = iter(answers)
        asked: list[Pyroute2] = []

        def opened() -> Pyroute2:
            asked.append(Pyroute2(left))
            return asked[-1]

        monkeypatch.setattr(kernel, "IPRoute", opened)
        return kernel.Links(), asked[0]

    return prepare


def test_addresses(prepared: Prepare) -> None:
    """Those of the interfaces that are asked for, of both families."""
    six = Answer(
        {"index": LO, "family": 10, "prefixlen": 128, "flags": 1},
        IFA_ADDRESS="::1", IFA_FLAGS=0x81,
    )  # fmt: skip
    second = address("127.0.0.2", flags=1)
    answers = [address("127.0.0.1"), second, six, address("10.0.0.1", index=LO + 999)]
    links, _asked = prepared(answers, answers)
    assert links.addresses(["lo"]) == [
        Address("127.0.0.1", 8, "lo", "lo"),
        Address("127.0.0.2", 8, "lo", "lo", secondary=True),
        Address("::1", 128, "lo"),
    ]


INTERRUPTED = refused(-1)
LOST = OSError(errno.ENOBUFS, "No buffer space available")
ONE, TWO = [address("127.0.0.1")], [address("127.0.0.1"), address("127.0.0.2")]


@pytest.mark.parametrize(
    ("answers", "found", "opened"),
    [
        ([ONE, ONE], 1, 1),
        ([ONE, TWO, TWO], 2, 1),
        ([ONE, TWO, ONE, TWO, TWO], 2, 1),
        ([ONE, INTERRUPTED, ONE, ONE], 1, 2),
        ([LOST, refused(errno.ENOBUFS), TWO, TWO], 2, 3),
    ],
)
def test_what_changes_meanwhile_is_read_again(
    prepared: Prepare, answers: list[Any], found: int, opened: int
) -> None:
    """Two looks in a row have to find the same; after an error, by a new socket."""
    links, _asked = prepared(*answers)
    assert len(links.addresses(["lo"])) == found
    assert Pyroute2.opened == opened


def test_what_never_stops_changing(prepared: Prepare) -> None:
    """It ends in a sentence."""
    links, _asked = prepared(*([ONE, TWO] * kernel.ATTEMPTS))
    with pytest.raises(LinkError, match="changed under each attempt to read them; find out"):
        links.addresses(["lo"])


@pytest.mark.parametrize("error", [refused(errno.EPERM), OSError(errno.EBADF, "Bad file")])
def test_other_errors_of_reading(prepared: Prepare, error: Exception) -> None:
    """They are not tried again."""
    links, _asked = prepared(error)
    with pytest.raises(type(error)):
        links.addresses(["lo"])


def test_default_routes(prepared: Prepare) -> None:
    """Only those that packets take, of the main table, by metric; of several hops the first."""
    hop = Answer({"oif": LO}, RTA_GATEWAY="10.0.0.4")
    answers = [
        route(RTA_GATEWAY="10.0.0.1", RTA_PRIORITY=9),
        route(RTA_GATEWAY="10.0.0.2"),
        route(RTA_GATEWAY="10.0.0.3", fields={"dst_len": 8}),
        route(RTA_GATEWAY="10.0.0.3", fields={"type": 7}),
        route(RTA_GATEWAY="10.0.0.3", fields={"flags": kernel.RTM_F_CLONED}),
        route(RTA_GATEWAY="10.0.0.3", fields={"table": 252}, RTA_TABLE=1000),
        route(RTA_OIF=None, RTA_MULTIPATH=[hop, Answer({"oif": 0})], RTA_PRIORITY=4),
        route(RTA_PRIORITY=5),
    ]
    links, asked = prepared(answers, answers)
    assert links.default_routes("ipv4") == [
        DefaultRoute("10.0.0.2", "lo", 0, "ipv4"),
        DefaultRoute("10.0.0.4", "lo", 4, "ipv4"),
        DefaultRoute("", "lo", 5, "ipv4"),
        DefaultRoute("10.0.0.1", "lo", 9, "ipv4"),
    ]
    assert asked.asked[0] == ("get_routes", {"family": 2})


def test_a_route_to_an_address(prepared: Prepare) -> None:
    """The route itself is asked for, not what becomes of it for this address."""
    links, asked = prepared([route(RTA_GATEWAY="10.0.0.1", RTA_PREFSRC="10.0.0.9")], [])
    match = links.route_to("192.0.2.1", source="10.0.0.9", interface="lo")
    assert match is not None
    assert (match.prefix, match.gateway, match.interface) == (0, "10.0.0.1", "lo")
    assert (match.table, match.local, match.source) == (254, False, "10.0.0.9")
    command, fields = asked.asked[0]
    assert command == (26, 0x5)
    assert fields == {
        "family": 2, "dst": "192.0.2.1", "dst_len": 32, "flags": 0x2000,
        "src": "10.0.0.9", "src_len": 32, "oif": LO,
    }  # fmt: skip
    assert links.route_to("2001:db8::1") is None


@pytest.mark.parametrize("code", kernel.NO_ROUTE)
def test_no_route(prepared: Prepare, code: int) -> None:
    """An address that cannot be reached has none."""
    links, _asked = prepared(refused(code))
    assert links.route_to("192.0.2.1") is None


SINGLE = {"ifa_preferred": 0, "ifa_valid": 2**32 - 1}


@pytest.mark.parametrize(
    ("step", "command", "extra"),
    [
        (Step("add", after=Address("10.0.0.1", 24, "lo", "lo:1")), (20, 0x605), {"label": "lo:1"}),
        (Step("add", after=Address("fd00::1", 64, "lo")), (20, 0x605), {"flags": 2}),
        (
            Step("add", after=Address("fd00::1", 128, "lo")),
            (20, 0x605),
            {"flags": 2, "ifa_cacheinfo": SINGLE},
        ),
        (Step("delete", before=Address("10.0.0.1", 24, "lo", "lo")), (21, 0x5), {}),
        (Step("delete", before=Address("fd00::1", 128, "lo")), (21, 0x5), {}),
    ],
)
def test_changes_of_addresses(
    prepared: Prepare, step: Step, command: tuple[int, int], extra: dict[str, Any]
) -> None:
    """A new one has to be new; a single IPv6 address is deprecated at once."""
    links, asked = prepared([])
    links.do(step)
    item = step.item
    assert isinstance(item, Address)
    common = {
        "index": LO, "family": 10 if ":" in item.address else 2, "prefixlen": item.prefix,
        "address": item.address, "local": item.address,
    }  # fmt: skip
    assert asked.asked == [(command, {**common, **extra})]


GATEWAY = DefaultRoute("10.0.0.1", "lo", 7, "ipv4")


@pytest.mark.parametrize(
    ("step", "command", "extra"),
    [
        (Step("add", after=GATEWAY), (24, 0x605), {"scope": 0, "proto": 4}),
        (Step("edit", GATEWAY, GATEWAY), (24, 0x505), {"scope": 0, "proto": 4}),
        (Step("delete", before=GATEWAY), (25, 0x5), {"scope": 255}),
    ],
)
def test_changes_of_routes(
    prepared: Prepare, step: Step, command: tuple[int, int], extra: dict[str, Any]
) -> None:
    """A new one has to be new, an edited one replaces that of its metric."""
    links, asked = prepared([])
    links.do(step)
    common = {
        "family": 2, "table": 254, "type": 1, "oif": LO, "gateway": "10.0.0.1", "priority": 7,
    }  # fmt: skip
    assert asked.asked == [(command, {**common, **extra})]


@pytest.mark.parametrize(
    ("code", "words"),
    [
        (errno.EPERM, "become: true"),
        (errno.EEXIST, "added by somebody else meanwhile; run the task again."),
        (errno.EADDRNOTAVAIL, "deleted by somebody else meanwhile"),
        (errno.EACCES, "disable_ipv6"),
        (errno.EXDEV, "refused by the kernel: Invalid cross-device link"),
    ],
)
def test_errors_of_changes(prepared: Prepare, code: int, words: str) -> None:
    """One sentence: the item, what is wrong, and its fix."""
    links, _asked = prepared(refused(code))
    with pytest.raises(LinkError) as raised:
        links.do(Step("add", after=Address("10.0.0.1", 24, "lo", "lo")))
    assert str(raised.value).startswith("inet 10.0.0.1/24 dev lo lo: ")
    assert words in str(raised.value)


def test_an_interface_that_is_gone(prepared: Prepare) -> None:
    """The kernel has no name for it."""
    links, _asked = prepared()
    with pytest.raises(LinkError, match="is on an interface that is gone"):
        links.do(Step("delete", before=Address("10.0.0.1", 24, "gone0")))


@pytest.mark.parametrize(
    ("version", "numbers"),
    [("0.5.14", (0, 5, 14)), ("0.9.7.post1", (0, 9, 7)), ("0.8", (0, 8)), ("unknown", ())],
)
def test_versions(monkeypatch: pytest.MonkeyPatch, version: str, numbers: tuple[int, ...]) -> None:
    """Versions compare as numbers."""
    monkeypatch.setattr(kernel, "PYROUTE2_VERSION", version)
    assert kernel.pyroute2_version() == numbers


LIKE_PYPI = "__version__ = '0.7.2'"
LIKE_DEBIAN_12 = """
try:
    from pyroute2.config.version import __version__
except ImportError:
    __version__ = 'unknown'
"""


@pytest.mark.parametrize(
    ("says", "metadata", "version", "numbers"),
    [
        (LIKE_PYPI, "pyroute2-0.7.2.dist-info/METADATA", "0.7.2", "(0, 7, 2)"),
        (LIKE_DEBIAN_12, "pyroute2-0.7.2.dist-info/METADATA", "0.7.2", "(0, 7, 2)"),
        (LIKE_DEBIAN_12, "pyroute2-0.5.13.egg-info/PKG-INFO", "0.5.13", "(0, 5, 13)"),
        (LIKE_DEBIAN_12, None, "unknown", "()"),
        ("", "pyroute2-0.7.2.dist-info/METADATA", "0.7.2", "(0, 7, 2)"),
    ],
)
def test_every_package_answers(
    tmp_path: Path, says: str, metadata: str | None, version: str, numbers: str
) -> None:
    """Debian 12's own package has no pyroute2.config.version; PyPI's of the same version has."""
    library = "class IPRoute: pass\nclass NetlinkError(Exception): pass\n"
    for name, text in {
        "pyroute2/__init__.py": f"{says}\n{library}",
        "pyroute2/config/__init__.py": "",
        **(
            {metadata: f"Metadata-Version: 2.1\nName: pyroute2\nVersion: {version}\n"}
            if metadata
            else {}
        ),
    }.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text)
    # Without site-packages: what is installed beside the tests is not asked.
    collections = Path(kernel.__file__).parents[6]
    ask = (
        f"from {kernel.__name__} import PYROUTE2_IMPORT_ERROR, PYROUTE2_VERSION, pyroute2_version\n"
        "print(PYROUTE2_IMPORT_ERROR, PYROUTE2_VERSION, pyroute2_version())"
    )
    done = subprocess.run(
        [sys.executable, "-S", "-c", ask],
        env={**os.environ, "PYTHONPATH": f"{tmp_path}:{collections}"},
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert (done.stdout, done.stderr) == (f"None {version} {numbers}\n", "")
