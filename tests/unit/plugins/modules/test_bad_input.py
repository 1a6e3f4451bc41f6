# Copyright (c) 2026, The lvs.cluster authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Values of every kind for every option of the modules for IPVS, out of their argument specs.

Each module runs as a whole, in check mode, on a host without IPVS. None of these values is one of
the option's, so that each has to end in one sentence.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from ansible.module_utils import basic
from ansible_collections.lvs.cluster.plugins.module_utils._ipvs import connect
from ansible_collections.lvs.cluster.plugins.module_utils._ipvs.errors import IpvsError
from ansible_collections.lvs.cluster.plugins.module_utils._ipvs.spec import (
    real_server_spec,
    service_spec,
)
from ansible_collections.lvs.cluster.plugins.modules import (
    ipvs_drain,
    ipvs_info,
    ipvs_real_server,
    ipvs_service,
    ipvs_sync_daemon,
    ipvs_table,
    ipvs_timeouts,
)

MODULES = {
    module.__name__.rpartition(".")[2]: module
    for module in (
        ipvs_drain,
        ipvs_info,
        ipvs_real_server,
        ipvs_service,
        ipvs_sync_daemon,
        ipvs_table,
        ipvs_timeouts,
    )
}
DNS = {"virtual_address": "192.0.2.1", "virtual_port": 53, "protocol": "udp"}
# What each module is given besides, and is content with.
GOOD: dict[str, dict[str, Any]] = {
    "ipvs_drain": {"services": []},
    "ipvs_info": {},
    "ipvs_real_server": {**DNS, "address": "192.0.2.2", "state": "absent"},
    "ipvs_service": DNS,
    "ipvs_sync_daemon": {"role": "master", "interface": "lo"},
    "ipvs_table": {"services": []},
    "ipvs_timeouts": {"tcp": 900},
}
# What a value needs to be one at all.
NEEDS: dict[str, dict[str, Any]] = {
    "fwmark": {"virtual_address": None, "virtual_port": None, "protocol": None},
    "family": {"virtual_address": None, "virtual_port": None, "protocol": None, "fwmark": 1},
    "persistent_netmask": {"persistent_timeout": 9},
    "rules": {"services": None},
    "src": {"services": None},
}

# The digits of other scripts, which Python takes for digits too.
WIDE = str.maketrans("0123456789", "".join(chr(0xFF10 + i) for i in range(10)))
ARABIC = str.maketrans("0123456789", "".join(chr(0x660 + i) for i in range(10)))
E_ACUTE = "\xe9"
RIGHT_TO_LEFT = "\u202e"

NOT_TEXT: tuple[Any, ...] = (5, -1, True, 1.5, [], ["x"], [[]], {}, {"x": "y"}, [{}], [None])
# As far as a table's services have it there is no telling what is true from what is not.
NOT_BOOLEAN: tuple[Any, ...] = ("", " ", "maybe", "\0", E_ACUTE, 5, -1, [], ["x"], {}, 0.5, 2**70)
NOT_WHOLE: tuple[Any, ...] = (
    *("", " ", " 8", "8 ", "8\n", "\t8", "8\0", "\0", "08", "+8", "-0", "8.0", "8.5", "8e1"),
    *("8_0", "0x8", "eight", "nan", "None", "true", "80".translate(WIDE), "8".translate(ARABIC)),
    *("\xb2", "\u2167", "\u5341", True, False, 8.0, 8.5, [], [8], {}, {"x": 8}, [[]]),
    *(float("inf"), float("-inf"), float("nan"), -1, -(2**70), 2**70, "-1", str(2**70), "9" * 4000),
)
NO_ADDRESS = (
    *("", " ", "192.0.2.2\n", " 192.0.2.2", "192.0.2.2 ", "\t::1", "::1\r\n", "192.0.2.2\0"),
    *("192.0.2.2\0x", "192.0.2", "192.0.2.256", "192.0.2.2".translate(WIDE), "192.0.2.2/24"),
    *("1.0.0.1".translate(ARABIC), "[::1]", "fe80::1%lo", "rs1", "::1::", "0x7f000001"),
    *("0300.0.2.2", "1" * 5000, E_ACUTE, RIGHT_TO_LEFT, *NOT_TEXT),
)
# A prefix length is a number, and a number will do as well as its digits.
NO_NETMASK = (
    *(value for value in NO_ADDRESS if value != 5),
    *("33", 33, -1, "-1", "24 ", "024", "24".translate(WIDE)),
)
NO_CHOICE = ("", " ", "x", "none\n", "\0", E_ACUTE, *NOT_TEXT)
NO_LIST_OF_CHOICES = (*([value] for value in ("", " ", "x", "none ", "\0", *NOT_TEXT)), {"x": 1}, 5)
NO_SCOPE = (
    *([value] for value in ("", "x", "\0", "0", "192.0.2.0/33", "192.0.2.0/", "192.0.2.0/024")),
    *([value] for value in (" 5", "5\n", "::1 ", "192.0.2.0/" + "24".translate(WIDE), -1, True)),
    *([[]], [{}], [None], [1.5], [2**32], {"x": 1}),
)
NO_INTERFACE = ("", " ", "lo ", "lo\n", "l o", "lo\0", "a/b", "..", "x" * 16, E_ACUTE, "no-such")
NO_FILE = ("", "/no/such\0", "/no/such\n", "/", "/proc/self/mem", E_ACUTE * 400)
NO_RULES = (
    *(
        "x",
        "-A",
        "-A -f 1\0",
        "'",
        "-A -f " + "8".translate(WIDE),
        "-A -f 08",
        "-A -f 1 -s rr -b x",
    ),
    *("-A -t 192.0.2.1:" + "80".translate(WIDE), "-A -f " + "9" * 5000, 5, True, ["x"], {"x": "y"}),
)
BY_NAME: dict[str, tuple[Any, ...]] = {
    "drain_timeout": tuple(value for value in NOT_WHOLE if value != 0),
    "virtual_address": NO_ADDRESS,
    "address": NO_ADDRESS,
    "group": NO_ADDRESS,
    "persistent_netmask": NO_NETMASK,
    "interface": NO_INTERFACE,
    "src": NO_FILE,
    "rules": NO_RULES,
    "scope": NO_SCOPE,
    "services": (*([value] for value in (*NOT_TEXT, "x", "", [DNS], {1: 2})), {"x": 1}, 5, True),
}
NO_SECONDS = (*(value for value in NO_CHOICE if value not in (5, 1.5, 1)), "nan", "inf", -1, 2**70)
BY_TYPE = {"float": NO_SECONDS, "int": NOT_WHOLE, "bool": NOT_BOOLEAN, "list": NO_LIST_OF_CHOICES}


def bad_values(name: str, option: dict[str, Any]) -> tuple[Any, ...]:
    """Return what is none of an option's values, whatever else is given."""
    kind = BY_TYPE.get(option.get("type", "str"), NO_CHOICE)
    return BY_NAME.get(name, kind)


def spec_of(module: Any) -> dict[str, Any]:
    """Return a module's argument spec, as Ansible is given it."""
    found: dict[str, Any] = {}

    class Given(Exception):
        pass

    def give(argument_spec: dict[str, Any], **_other: object) -> None:
        found.update(argument_spec)
        raise Given

    with pytest.MonkeyPatch.context() as patch, pytest.raises(Given):
        patch.setattr(basic, "_ANSIBLE_ARGS", b'{"ANSIBLE_MODULE_ARGS": {}}')
        patch.setattr(basic, "_ANSIBLE_PROFILE", "legacy", raising=False)
        patch.setattr(module, "AnsibleModule", give)
        module.main()
    return found


def beside(good: dict[str, Any], name: str, value: Any) -> dict[str, Any]:
    """Return arguments that are good but for one."""
    merged = {**good, **NEEDS.get(name, {}), name: value}
    return {n: given for n, given in merged.items() if given is not None}


def cases() -> Iterator[tuple[str, str, Any, dict[str, Any]]]:
    """Give module, option, value, and all of the arguments."""
    for module, found in MODULES.items():
        for name, option in spec_of(found).items():
            for value in bad_values(name, option):
                yield module, name, value, beside(GOOD[module], name, value)
    for name, option in service_spec().items():
        for value in bad_values(name, option):
            services = [beside(DNS, name, value)]
            yield "ipvs_table", f"services.{name}", value, {"services": services}
    for name, option in real_server_spec().items():
        for value in bad_values(name, option):
            server = {"address": "192.0.2.2", "forward": "tun", name: value}
            services = [{**DNS, "real_servers": [server]}]
            yield "ipvs_table", f"real_servers.{name}", value, {"services": services}


CASES = list(cases())


def run(name: str, arguments: dict[str, Any], capsys: pytest.CaptureFixture[str]) -> dict[str, Any]:
    """Run a module as Ansible does, with arguments as JSON, and return its result."""
    fixed = {"_ansible_check_mode": True, "_ansible_remote_tmp": "/tmp"}
    # Since Python 3.12 syslog takes no NUL, at which Ansible itself would end the module.
    fixed["_ansible_no_log"] = True
    sent = {**arguments, **fixed}
    with pytest.MonkeyPatch.context() as patch:

        def no_ipvs() -> None:
            raise IpvsError("no IPVS", no_ipvs=True)

        patch.setattr(connect, "Ipvs", no_ipvs)
        patch.setattr(basic, "_ANSIBLE_ARGS", json.dumps({"ANSIBLE_MODULE_ARGS": sent}).encode())
        patch.setattr(basic, "_ANSIBLE_PROFILE", "legacy", raising=False)
        with pytest.raises(SystemExit):
            MODULES[name].main()
    result: dict[str, Any] = json.loads(capsys.readouterr().out)
    return result


def is_one_sentence(message: str, option: str) -> bool:
    """Tell whether a message is short, and names the option or the service in it.

    A value may end in a newline, and a message of Ansible's own in the value.
    """
    named = option.rpartition(".")[2] in message or message.startswith("service ")
    return named and "\n" not in message.strip() and len(message) < 1000


@pytest.mark.parametrize("name", MODULES)
def test_what_is_good_of_itself_passes(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Otherwise nothing is shown by what is refused."""
    result = run(name, GOOD[name], capsys)
    assert not result.get("failed"), result


def test_what_is_no_number_is_told_with_what_is_one(capsys: pytest.CaptureFixture[str]) -> None:
    """The readers of values know it, and AnsibleModule does not."""
    for module, option, value, arguments in CASES:
        if spec_of(MODULES[module]).get(option, {}).get("type") == "int":
            message = run(module, arguments, capsys)["msg"]
            assert "; give " in message, (module, option, value)
            assert message.endswith("."), (module, option, value)


def test_each_value_is_refused_in_a_sentence(capsys: pytest.CaptureFixture[str]) -> None:
    """By module, option and value: no traceback, and nothing taken for what it is not."""
    passed, told_badly = [], []
    for module, option, value, arguments in CASES:
        result = run(module, arguments, capsys)
        message = str(result.get("msg", ""))
        if not result.get("failed"):
            passed.append((module, option, value))
        elif not is_one_sentence(message, option) or "exception" in result:
            told_badly.append((module, option, value, message))
    assert passed == []
    assert told_badly == []
    assert len(CASES) > 1000


def test_numbers_are_numbers_as_text_too(capsys: pytest.CaptureFixture[str]) -> None:
    """Templates give text."""
    result = run("ipvs_service", {**DNS, "virtual_port": "5300"}, capsys)
    assert result["after"]["virtual_port"] == 5300
