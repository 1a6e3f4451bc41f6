# Copyright (c) 2026, The lvs.cluster authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the modules for addresses, routes, settings and units are given, good and bad.

The values are made from each module's own options, and every one of them is run in check mode on
the machine at hand, which has an interface C(lo).
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Callable, Iterator, Mapping
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
from ansible.module_utils import basic
from ansible.module_utils.parsing.convert_bool import BOOLEANS

# Of each module, what it takes.
GOOD: Mapping[str, Mapping[str, Any]] = {
    "virtual_ip": {
        "address": "192.0.2.77/32",
        "interface": "lo",
        "label": "lo:7",
        "state": "present",
    },
    "virtual_ips": {
        "owner": "bad-values",
        "addresses": [{"address": "192.0.2.77/32", "interface": "lo", "label": "lo:7"}],
        "release": ["192.0.2.78"],
        "prune": False,
        "adopt": False,
        "state": "present",
    },
    # Without a network there is no gateway to be had.
    "default_gateway": {
        "gateway": "192.0.2.1",
        "interface": "lo",
        "metric": 7,
        "owner": "bad-values",
        "state": "absent",
    },
    "sysctl_arp": {
        "interfaces": ["lo"],
        "arp_ignore": 1,
        "arp_announce": 2,
        "sysctl_file": "/etc/sysctl.d/90-bad-values.conf",
        "state": "present",
    },
    "unit": {
        "owner": "dr-real-server",
        "lines": {"addresses": ["192.0.2.77/32 lo"]},
        "former": "keep",
        "contents": {"dr-real-server.nft": "x"},
        "install": {
            "service": "x",
            "watch_service": "x",
            "program": "x",
            "watch_program": "x",
        },
        "give": ["addresses"],
        "addresses": ["192.0.2.77/32 lo"],
        "adopt": False,
        "release": ["192.0.2.78"],
        "start": False,
        "retire": False,
        "state": "present",
    },
}
TEXTS = [
    "", " ", "\t", "\n", "\0", "\x1b[0m", "x", "x" * 5000, "\u00e9", "\u0663",
    "1", "-1", "1.5", "1e3", "1_000", "9" * 40, "0x10", "None", "null", "yes", "lo", "lo\n", " lo",
    "192.0.2.1", "192.0.2.1\n", " 192.0.2.1", "192.0.2.1 ", "192.0.2.256", "192.0.2", "192.0.2.1/",
    "192.0.2.1/0", "192.0.2.1/33", "192.0.2.1/\u0663", "\uff11\uff19\uff12.0.2.1", "192.0.2.0/24",
    "224.0.0.1", "255.255.255.255", "0.0.0.0", "fe80::1%lo", "[2001:db8::1]", "::ffff:192.0.2.1",
    "/proc/sys/kernel/hostname", "/proc/self/cwd/x", "/sys/kernel/x", "/dev/null", "/etc", "etc",
    "../etc/passwd", "/etc/sysctl.d/x\n", "$(reboot)", "`reboot`", "; reboot", "{{ 7 * 7 }}", "%s",
    "'", '"', "#", "-", "--", "--help", "director-shop", "nat-real-server-", "tun-real-server-a b",
]  # fmt: skip
OTHERS: list[Any] = [
    None, True, False, -1, 0, 9, 2**31, 2**32, 10**30, 1e400, -1e400, 1e400 - 1e400, 0.5, -0.0,
    1e300,
    [], [None], [""], [[]], [["lo"]], [{}], {}, {"": ""}, {"a": {"b": [None]}}, {"x" * 500: []},
    {"addresses": None}, {"addresses": [None]}, {"addresses": ["a\nb"]}, {"addresses": [{}]},
    {"addresses": "x"}, {"../x": []},
]  # fmt: skip
VALUES: list[Any] = [*TEXTS, *OTHERS]

# It knows of no unit.
SYSTEMCTL = """#!/bin/sh
for word; do
    case $word in *.service)
        printf '%s\\n' "Id=$word" LoadState=not-found ActiveState=inactive UnitFileState= ''
    esac
done
"""

Run = Callable[[str, Mapping[str, Any]], dict[str, Any]]


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> Run:
    """Run a module, and return what it says; an exception ends the test."""

    systemctl = tmp_path / "systemctl"
    systemctl.write_text(SYSTEMCTL)
    systemctl.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")

    def run(name: str, options: Mapping[str, Any]) -> dict[str, Any]:
        fixed = {"_ansible_check_mode": True, "_ansible_remote_tmp": str(tmp_path)}
        # Since Python 3.12 syslog takes no NUL, at which Ansible itself would end the module.
        fixed["_ansible_no_log"] = True
        given = json.dumps({"ANSIBLE_MODULE_ARGS": {**options, **fixed}}).encode()
        monkeypatch.setattr(basic, "_ANSIBLE_ARGS", given)
        monkeypatch.setattr(basic, "_ANSIBLE_PROFILE", "legacy", raising=False)
        module = import_module(f"ansible_collections.lvs.cluster.plugins.modules.{name}")
        with pytest.raises(SystemExit):
            module.main()
        told: dict[str, Any] = json.loads(capsys.readouterr().out)
        return told

    return run


def replaced(given: Any, value: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[str, Any]]:
    """Give what is given with the value in place of each part in turn, and the part's name."""
    yield "/".join(path), value
    if isinstance(given, Mapping):
        for key in given:
            for name, changed in replaced(given[key], value, (*path, str(key))):
                yield name, {**given, key: changed}
    elif isinstance(given, list):
        for name, changed in replaced(given[0], value, (*path, "0")):
            yield name, [changed]


# ---- what is right, said once more ---------------------------------------------------------------
Judge = Callable[[Any], bool]


def one_of(*values: Any) -> Judge:
    """Take these, and nothing that Python only takes to be equal."""
    return lambda value: any(type(value) is type(one) and value == one for one in values)


def like(pattern: str) -> Judge:
    """Take a text of this kind."""
    return lambda value: type(value) is str and re.fullmatch(pattern, value) is not None


def number(highest: int) -> Judge:
    """Take a whole number, or the text of one."""
    is_text = like("0|[1-9][0-9]*")
    return lambda value: (type(value) is int or is_text(value)) and 0 <= int(value) <= highest


def boolean(value: Any) -> bool:
    """Take what Ansible takes for one."""
    return not isinstance(value, (list, dict)) and value in BOOLEANS


ADDRESS, OWNER = one_of("192.0.2.1"), like(r"[A-Za-z0-9_-][A-Za-z0-9_.-]{0,63}")
# One that is to be gone need not be one that works, nor be on an interface that is there.
GONE = one_of("192.0.2.1", "224.0.0.1", "255.255.255.255", "0.0.0.0", "::ffff:192.0.2.1")
TEXT = like(r"(?s)[^\0]*")
LEGAL: Mapping[str, Judge] = {
    "virtual_ip/address": ADDRESS,
    "virtual_ip/interface": one_of("lo"),
    "virtual_ip/label": one_of("lo"),
    "virtual_ips/owner": OWNER,
    "virtual_ips/addresses": one_of([]),
    "virtual_ips/addresses/0/address": ADDRESS,
    "virtual_ips/addresses/0/interface": one_of("lo"),
    "virtual_ips/addresses/0/label": one_of("lo"),
    "virtual_ips/release": lambda value: GONE(value) or value == [],
    "virtual_ips/release/0": GONE,
    "virtual_ips/prune": boolean,
    "virtual_ips/adopt": boolean,
    "default_gateway/gateway": GONE,
    "default_gateway/interface": like(r"(?!\.+$)[!-.0-9;-~]{1,15}"),
    "default_gateway/metric": number(2**32 - 1),
    "default_gateway/owner": OWNER,
    "sysctl_arp/interfaces": one_of("lo"),
    "sysctl_arp/interfaces/0": one_of("lo"),
    "sysctl_arp/arp_ignore": number(8),
    "sysctl_arp/arp_announce": number(2),
    "sysctl_arp/sysctl_file": one_of(""),
    "unit/lines": one_of({}),
    "unit/lines/addresses": one_of([]),
    "unit/lines/addresses/0": like(r"(?!#)(?! *$)[ -~]+"),
    "unit/contents": one_of({}),
    "unit/contents/dr-real-server.nft": TEXT,
    "unit/install": one_of({}),
    "unit/install/service": TEXT,
    "unit/install/watch_service": TEXT,
    "unit/install/program": TEXT,
    "unit/install/watch_program": TEXT,
    "unit/give": one_of([]),
    "unit/addresses": one_of([]),
    "unit/adopt": boolean,
    "unit/release": lambda value: GONE(value) or value == [],
    "unit/release/0": GONE,
    "unit/start": boolean,
    "unit/retire": boolean,
}
REQUIRED = {"virtual_ip/address", "virtual_ips/owner", "default_gateway/gateway", "unit/owner"}
REQUIRED |= {"virtual_ips/addresses/0/address"}
REQUIRED |= {path for path in LEGAL if path.startswith(("unit/install/", "unit/contents/"))}
# By these, too, a message may name what is wrong: a part of a line, or what Ansible calls it.
NAMES = ("label", "address", "interface", "dictionary")


@pytest.mark.parametrize("name", GOOD)
def test_what_is_good_is_taken(run: Run, name: str) -> None:
    """Or else what follows would show nothing."""
    told = run(name, GOOD[name])
    assert "failed" not in told, told


@pytest.mark.parametrize("name", GOOD)
def test_every_option_is_tried(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    """The options are those of the module, and no other ones."""
    module = import_module(f"ansible_collections.lvs.cluster.plugins.modules.{name}")
    found: dict[str, Any] = {}

    def take(argument_spec: dict[str, Any], **_more: Any) -> None:
        found.update(argument_spec)
        raise SystemExit

    monkeypatch.setattr(basic, "_ANSIBLE_ARGS", b'{"ANSIBLE_MODULE_ARGS": {}}')
    monkeypatch.setattr(basic, "_ANSIBLE_PROFILE", "legacy", raising=False)
    monkeypatch.setattr(module, "AnsibleModule", take)
    with pytest.raises(SystemExit):
        module.main()
    assert set(found) == set(GOOD[name])


@pytest.mark.parametrize("value", VALUES, ids=lambda value: ascii(value)[:40])
@pytest.mark.parametrize("name", GOOD)
def test_value(run: Run, name: str, value: Any) -> None:
    """In the place of each option in turn: taken where it is legal, else refused in a sentence."""
    for path, options in replaced(GOOD[name], value, (name,)):
        if path == name:
            continue
        told = run(name, options)
        if value is None and path not in REQUIRED and not path.endswith("/0"):
            # Nothing is given: Ansible takes the default, or wants it left out.
            continue
        if path in LEGAL and LEGAL[path](value):
            assert "failed" not in told, (path, value, told)
            continue
        assert told.get("failed"), (path, value, told)
        assert "Traceback" not in json.dumps(told), (path, value, told)
        named = (path.removesuffix("/0").split("/")[-1], *NAMES)
        assert any(word in told["msg"] for word in named), (path, value, told["msg"])
