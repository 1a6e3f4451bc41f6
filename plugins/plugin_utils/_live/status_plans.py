# Copyright (c) 2026, The lvs.cluster authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the lookup C(lvs.cluster.plan) is asked by the playbooks status and watch.

Private to the collection: names and behaviour may change in any release.
"""

from __future__ import annotations

import json
import multiprocessing
import os
import secrets
import socket
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ansible import constants, context
from ansible.utils.unsafe_proxy import wrap_var
from ansible_collections.lvs.cluster.plugins.module_utils._values import ModelError

from .._another_run import asks_for_password, whole_source
from .._asked import Asked, Plan
from .._cluster.description import DESCRIPTION, cluster_for, read
from .._cluster.drained import drain, remembered, told
from .._cluster.groups import groups_of
from .._cluster.inventory import answer_of
from .._cluster.model import HEALTH_CHECKERS, Cluster
from .._problem import Problem
from .._settings.kinds import Place
from .._settings.roles import CLUSTER
from . import terminal, watching
from .page import page
from .serve import HOST
from .status import FORMAT, Answer, cluster_status, questions

_PAGE, _DATA = "status.html", "status.json"


def _status_units(asked: Asked) -> list[dict[str, Any]]:
    """Return which units of this host are looked at; a description that is bad is told once."""
    try:
        return questions(cluster_for(asked), asked.host)
    except ModelError:
        return []


def _numbers(asked: Asked, problems: list[Problem], **defaults: int) -> dict[str, int]:
    """Read variables that are numbers."""
    found = {}
    for name, default in defaults.items():
        whole = CLUSTER.variable(name)
        given = asked.variable(whole, None)
        read = None
        if given not in (None, ""):
            read = CLUSTER.variables[name].read(given, Place("", whole), problems)
        found[name] = default if read is None else int(read)
    return found


def _folder(asked: Asked, problems: list[Problem]) -> str:
    """Return the folder that is written to, empty for none."""
    name = CLUSTER.variable("status_to")
    given = asked.variable(name, None)
    if given in (None, ""):
        return ""
    to = CLUSTER.variables["status_to"].read(given, Place("", name), problems)
    if to is None:
        return ""
    path = Path(to).expanduser().absolute()
    if os.path.lexists(path) and not path.is_dir():
        advice = "give a folder, which is made if it is not there"
        problems.append(Problem("", name, str(path), "is no directory", advice))
    elif _former(path) is None:
        why, advice = f"has another {_DATA}", "give a folder of its own"
        problems.append(Problem("", name, str(path), why, advice))
    return str(path)


def _former(to: Path) -> dict[str, Any] | None:
    """Return the report of before, nothing where there is none; None for what is not ours."""
    try:
        found = json.loads((to / _DATA).read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    except (OSError, ValueError):
        return None
    return found if isinstance(found, dict) and found.get("format") == FORMAT else None


def _status_asked(asked: Asked) -> dict[str, Any]:
    """Return what is asked for, and what is wrong with it and with the descriptions."""
    problems: list[Problem] = []
    to = _folder(asked, problems)
    _numbers(asked, problems, status_refresh=0)
    for services in _descriptions(asked).values():
        problems += read(services, asked.hostvars, groups_of(asked))[1]
    once = {str(problem): problem for problem in problems}
    return {"problems": [problem.as_result() for problem in once.values()], "to": to}


def _descriptions(asked: Asked) -> dict[str, Any]:
    """Return what each director goes by, which may have a description of its own.

    The one for all is that of no name.
    """
    shared = asked.variable(DESCRIPTION, None)
    shared = [] if shared is None else shared
    directors = groups_of(asked).hosts["directors"]
    return {
        "": shared,
        **{name: _own_services(asked.hostvars[name], shared) for name in directors},
    }


def _own_services(variables: Mapping[str, Any], shared: Any) -> Any:
    manager = variables.get("director_manager")
    for role in [*([manager] if manager in HEALTH_CHECKERS else []), "director"]:
        if variables.get(f"{role}_virtual_services") is not None:
            return variables[f"{role}_virtual_services"]
    return shared


def _clusters(asked: Asked) -> dict[str, Cluster]:
    """Return the clusters of these descriptions, each of them read once."""
    groups = groups_of(asked)
    lines = remembered(groups.hosts["directors"], asked.hostvars)
    known: list[tuple[Any, Cluster]] = []

    def cluster(services: Any) -> Cluster:
        for given, found in known:
            if given == services:
                return found
        described, problems = read(services, asked.hostvars, groups)
        if problems:
            raise ModelError(*problems[0])
        known.append((services, drain(described, lines)))
        return known[-1][1]

    return {name: cluster(services) for name, services in _descriptions(asked).items()}


def _answer(variables: Mapping[str, Any]) -> Answer:
    """Return what the tasks of the role _status have asked a host."""
    units = variables.get("__status_units") or {}
    return Answer(
        str(variables.get("__status_at") or ""),
        answer_of(variables.get),
        variables.get("__status_table") or {},
        [one for one in units.get("results") or () if not one.get("skipped")],
    )


def _status(asked: Asked) -> dict[str, Any]:
    """Return what is shown, and the files that are written."""
    clusters = _clusters(asked)
    shared = clusters.pop("")
    to = _folder(asked, [])
    names = dict.fromkeys([*clusters, *shared.hosts])
    found = cluster_status(
        clusters,
        shared,
        {name: _answer(asked.hostvars[name]) for name in names},
        str(asked.option("now")),
        former=(_former(Path(to)) if to else None) or {},
        drained=told(shared),
        problems=[one["message"] for one in asked.options.get("problems") or ()],
        warnings=[one["message"] for one in asked.options.get("warnings") or ()],
    )
    data = found.as_result()
    refresh = _numbers(asked, [], status_refresh=0)["status_refresh"]
    texts = {_PAGE: page(found, refresh), _DATA: json.dumps(data, indent=1) + "\n"} if to else {}
    result: dict[str, Any] = wrap_var(
        {
            "lines": terminal.lines(found),
            "status": data,
            "files": [{"path": name, "text": text} for name, text in texts.items()],
        }
    )
    return result


# ---- watch ---------------------------------------------------------------------------------------
def _watch(asked: Asked) -> dict[str, Any]:
    """Return how the page is made again and again, where it is, and what is refused of that."""
    problems: list[Problem] = []
    folder = _folder(asked, problems)
    found = _numbers(asked, problems, watch_port=8400, watch_every=10, watch_for=0)
    options = context.CLIARGS
    if asks_for_password(options):
        why = "has asked for a password, which the runs that it starts do not know"
        advice = "give a file that has it, such as --become-password-file"
        problems.append(Problem("", "lvs.cluster.watch", None, why, advice))
    if not problems and not _is_free(found["watch_port"]):
        why, advice = "is in use on this machine", "give another one"
        problems.append(Problem("", "lvs_watch_port", found["watch_port"], why, advice))
    if problems:
        return {"problems": [problem.as_result() for problem in problems]}
    # Of the playbook's run, and not of one of the processes that it works out variables in.
    run = multiprocessing.parent_process()
    wish = watching.Wish(
        found["watch_port"],
        found["watch_every"],
        found["watch_for"],
        folder or tempfile.mkdtemp(prefix="lvs-watch-"),
        not folder,
        secrets.token_urlsafe(16),
        os.getpid() if run is None or run.pid is None else run.pid,
    )
    sources = options.get("inventory") or constants.DEFAULT_HOST_LIST
    return {
        "problems": [],
        "words": watching.PROGRAM,
        "chdir": str(Path.cwd()),
        "told": watching.told(wish, options, [whole_source(one) for one in sources]),
        "address": watching.address(wish),
    }


def _is_free(port: int) -> bool:
    with socket.socket() as asked:
        asked.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            asked.bind((HOST, port))
        except OSError:
            return False
    return True


PLANS: Mapping[str, Plan] = {
    "watch": _watch,
    "status_asked": _status_asked,
    "status_units": _status_units,
    "status": _status,
}
