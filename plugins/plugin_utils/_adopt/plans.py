# Copyright (c) 2026, The lvs.cluster authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the playbook adopt asks the lookup C(lvs.cluster.plan) for.

Private to the collection: names and behaviour may change in any release.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from ansible import constants, context
from ansible.utils.unsafe_proxy import wrap_var
from ansible_collections.lvs.cluster.plugins.module_utils._unit.host import configuration
from ansible_collections.lvs.cluster.plugins.module_utils._values import (
    ModelError,
    canonical_address,
)

from .._another_run import whole_source
from .._asked import Asked, Plan
from .._cluster.inventory import answer_of
from .._preflight.drain import read_variables
from .._problem import Problem
from . import check_run, ipvsadm, keepalived, ldirectord
from .director import from_director, owner_of
from .found import HOST, Found, Names

_DEFAULTS: Mapping[str, Any] = {
    "adopt_to": "",
    "adopt_file": "",
    "adopt_addresses": {},
    "adopt_ports": {},
    "adopt_as_hosts": False,
    "adopt_overwrite": False,
}
_KEEPALIVED = re.compile(
    r"^\s*(?:virtual_server(?:_group)?|vrrp_\w+|global_defs|static_\w+|include\w?)\b[^=]*$",
    re.MULTILINE,
)
_LDIRECTORD = re.compile(r"^virtual6?\s*=", re.MULTILINE)


def _settings(asked: Asked) -> tuple[dict[str, Any], list[Problem]]:
    problems: list[Problem] = []
    values = read_variables(_DEFAULTS, asked.variable, problems)
    found = dict(zip(_DEFAULTS, values))
    for name in ("adopt_to", "adopt_file"):
        if found[name]:
            found[name] = str(Path(found[name]).expanduser().absolute())
    return found, problems


def _names(settings: Mapping[str, Any], known: Mapping[str, Sequence[str]]) -> Names:
    """Return what hosts and ports are called; C(known) are names of the director's own file."""
    addresses = {**_of_others(known), **settings["adopt_addresses"]}
    return Names(addresses, settings["adopt_ports"], settings["adopt_as_hosts"])


def _of_others(known: Mapping[str, Sequence[str]]) -> dict[str, list[str]]:
    """Return names and addresses of other hosts, without those that could not be of any."""
    found: dict[str, list[str]] = {}
    for name, addresses in known.items():
        own = [one for one in map(canonical_address, addresses) if one is not None]
        own = [one for one in own if one != "::1" and not one.startswith("127.")]
        if own and _is_host(name):
            found[name] = own
    return found


def _is_host(name: str) -> bool:
    try:
        HOST.parse(name)
    except ModelError:
        return False
    return True


def _adopt(asked: Asked) -> dict[str, Any]:
    """Return what is asked for, whole paths of files among it, and what is wrong with it."""
    settings, problems = _settings(asked)
    if not settings["adopt_to"] and not problems:
        advice = "give the folder that the inventory is written to: -e lvs_adopt_to=shop"
        problems.append(Problem("", "lvs_adopt_to", None, "is not given", advice))
    for name, is_there, why in (
        ("adopt_file", Path.is_file, "is no file"),
        ("adopt_to", lambda path: path.is_dir() or not os.path.lexists(path), "is no directory"),
    ):
        if settings[name] and not is_there(Path(settings[name])):
            advice = "give a path from where the command runs"
            problems.append(Problem("", f"lvs_{name}", settings[name], why, advice))
    return {
        "problems": [problem.as_result() for problem in problems],
        "to": settings["adopt_to"],
        "file": settings["adopt_file"],
    }


def _adopted(asked: Asked) -> dict[str, Any]:
    """Return what was found of the director that asks, or in the file that is given."""
    settings = _settings(asked)[0]
    if settings["adopt_file"]:
        found = _of_file(Path(settings["adopt_file"]), _names(settings, {}))
    else:
        answer = {**answer_of(lambda name: asked.variable(name, None)), **asked.option("running")}
        names = _names(settings, answer.get("known_hosts") or {})
        found = from_director(asked.host, answer, asked.options.get("table") or {}, names)
    result: dict[str, Any] = wrap_var(found.as_result(secrets=True))
    return result


def _of_file(path: Path, names: Names) -> Found:
    """Read a file, and with keepalived.conf what it includes, as far as it is there."""
    text = path.read_text(encoding="utf-8", errors="replace")
    if _LDIRECTORD.search(text):
        return ldirectord.from_ldirectord(text, names, path=str(path))
    if _KEEPALIVED.search(text):
        texts = configuration(Path("/"), path)
        return keepalived.from_keepalived(text, names, texts, str(path))
    return ipvsadm.from_ipvsadm_save(text, names, path=str(path))


def _adopt_conflicts(asked: Asked) -> list[dict[str, Any]]:
    """Return which files are there already and would be others."""
    settings = _settings(asked)[0]
    conflicts = []
    for file in asked.option("files"):
        path = Path(settings["adopt_to"]) / file["path"]
        if path.exists() and path.read_bytes() != file["text"].encode():
            conflicts.append(str(path))
    if not conflicts or settings["adopt_overwrite"]:
        return []
    why = f"has other files already: {', '.join(conflicts)}"
    advice = "give another folder, or -e lvs_adopt_overwrite=true, and what is in them is lost"
    return [Problem("", "lvs_adopt_to", None, why, advice).as_result()]


def _adopt_check(asked: Asked) -> dict[str, Any]:
    """Return how the check run is started."""
    options = context.CLIARGS
    hosts: Sequence[str] = asked.option("servers")
    found = check_run.check_run(
        options,
        [whole_source(one) for one in options.get("inventory") or constants.DEFAULT_HOST_LIST],
        _settings(asked)[0]["adopt_to"],
        hosts,
        any(_takes_over(asked.hostvars[host]) for host in hosts),
    )
    return found.as_result()


def _takes_over(variables: Mapping[str, Any]) -> bool:
    """Tell whether a health checker has a configuration that is not the role's yet."""
    answer = {**answer_of(variables.get), **(variables.get("__adopt_running") or {})}
    owner = owner_of(answer)
    return bool(owner) and owner not in (answer.get("taken") or ())


def _adopt_checked(asked: Asked) -> dict[str, Any]:
    """Return what the check run has found."""
    told = check_run.told_by(str(asked.option("said")))
    return {**told, "report": check_run.report(told, asked.option("servers"))}


PLANS: Mapping[str, Plan] = {
    "adopt": _adopt,
    "adopted": _adopted,
    "adopt_conflicts": _adopt_conflicts,
    "adopt_check": _adopt_check,
    "adopt_checked": _adopt_checked,
}
