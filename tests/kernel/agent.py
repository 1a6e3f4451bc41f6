# Copyright (c) 2025, The lvs.cluster authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs on the node: takes requests as lines of JSON, answers each with one.

A module runs in this process, which has the libraries read already. What is to be killed or
refused, and what starts processes itself, has one of its own, forked from this one, and that takes
User-Mode Linux longer than most modules take. A command runs as any command.
"""

from __future__ import annotations

import contextlib
import dataclasses
import importlib
import io
import json
import os
import runpy
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable, Sequence
from typing import Any

COLLECTION = "ansible_collections.lvs.cluster.plugins"
FORKED = ("ipvs_check", "unit")
"""Modules that start processes."""
CHANGING = ("DIE_AFTER_WRITES", "REFUSE_WRITE")
"""Variables by which a module's own functions are replaced."""
# A number that IPVS has no command of; it begins the message (struct genlmsghdr).
NO_COMMAND = b"\xff"


def preload() -> None:
    """Read what every module reads."""
    importlib.import_module("ansible.module_utils.basic")
    for name in ("_ipvs.drain", "_ipvs.module", "_link.module", "_link.sysctl"):
        importlib.import_module(f"{COLLECTION}.module_utils.{name}")


def run_module(name: str, arguments: dict[str, Any]) -> None:
    """Run a module in this process as Ansible does, with its arguments as JSON."""
    from ansible.module_utils import basic  # noqa: PLC0415

    basic._ANSIBLE_ARGS = json.dumps({"ANSIBLE_MODULE_ARGS": arguments}).encode()
    basic._ANSIBLE_PROFILE = "legacy"
    runpy.run_module(f"{COLLECTION}.modules.{name}", run_name="__main__", alter_sys=True)


def die_after(writes: int) -> None:
    """Write to the kernel and to files one thing at a time, and be killed after so many."""
    left = writes

    def counted(write: Callable[..., Any]) -> Callable[..., Any]:
        def write_or_die(*arguments: Any, **options: Any) -> Any:
            nonlocal left
            if left == 0:
                os.kill(os.getpid(), signal.SIGKILL)
            left -= 1
            return write(*arguments, **options)

        return write_or_die

    module_utils = f"{COLLECTION}.module_utils"
    vars(importlib.import_module(f"{module_utils}._ipvs.kernel"))["BATCH"] = 1
    netlink = importlib.import_module(f"{module_utils}._netlink").Netlink
    netlink.send_batch = counted(netlink.send_batch)
    links = importlib.import_module(f"{module_utils}._link.kernel").Links
    links.do = counted(links.do)
    owner = importlib.import_module(f"{module_utils}._link.owner")
    vars(owner)["write_lines"] = counted(owner.write_lines)
    # What the unit's module does: files, those of lines, and what the program and systemd are told.
    unit = importlib.import_module(f"{module_utils}._link.unit")
    vars(unit)["write_lines"] = counted(unit.write_lines)
    files = importlib.import_module(f"{module_utils}._unit.files")
    vars(files)["_replace"] = counted(vars(files)["_replace"])
    basic = importlib.import_module("ansible.module_utils.basic").AnsibleModule
    basic.run_command = counted(basic.run_command)


def refuse(write: int) -> None:
    """Let the kernel refuse one change: by a command, or on an interface, that there is not."""
    module_utils = f"{COLLECTION}.module_utils"
    netlink = importlib.import_module(f"{module_utils}._netlink").Netlink
    links = importlib.import_module(f"{module_utils}._link.kernel").Links
    send_batch, do = netlink.send_batch, links.do
    left = write

    def sent(self: Any, batch: Sequence[tuple[int, bytes]]) -> Any:
        nonlocal left
        changed = list(batch)
        if 0 <= left < len(batch):
            kind, payload = batch[left]
            changed[left] = (kind, NO_COMMAND + payload[1:])
        left -= len(batch)
        return send_batch(self, changed)

    def done(self: Any, step: Any) -> Any:
        nonlocal left
        left -= 1
        if left != -1:
            return do(self, step)
        nowhere = {
            name: dataclasses.replace(item, interface="nowhere")
            for name, item in (("before", step.before), ("after", step.after))
            if item is not None
        }
        return do(self, dataclasses.replace(step, **nowhere))

    netlink.send_batch, links.do = sent, done


def answer_of(request: dict[str, Any]) -> dict[str, Any]:
    """Run what is asked for, and return how it ended."""
    if "command" in request:
        return run_command(request)
    alone = request["module"] in FORKED or any(name in request["environment"] for name in CHANGING)
    return fork_module(request) if alone else call_module(request)


def status_of(request: dict[str, Any]) -> int:
    """Run a module in this process, and return what would be its exit status."""
    try:
        run_module(request["module"], request["arguments"])
    except SystemExit as ended:
        return ended.code if isinstance(ended.code, int) else 1
    except BaseException:
        sys.excepthook(*sys.exc_info())
        return 1
    return 0


def call_module(request: dict[str, Any]) -> dict[str, Any]:
    """Run a module in this process and return what it printed."""
    before = dict(os.environ)
    os.environ.update(request["environment"])
    try:
        with (
            contextlib.redirect_stdout(io.StringIO()) as out,
            contextlib.redirect_stderr(io.StringIO()) as err,
        ):
            status = status_of(request)
    finally:
        os.environ.clear()
        os.environ.update(before)
    return {"rc": status, "out": out.getvalue(), "err": err.getvalue()}


def fork_module(request: dict[str, Any]) -> dict[str, Any]:
    """Run a module in a child and return what it printed."""
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        pid = os.fork()
        if pid == 0:
            status = 1
            try:
                os.dup2(out.fileno(), 1)
                os.dup2(err.fileno(), 2)
                os.environ.update(request.get("environment", {}))
                if "DIE_AFTER_WRITES" in os.environ:
                    die_after(int(os.environ["DIE_AFTER_WRITES"]))
                if "REFUSE_WRITE" in os.environ:
                    refuse(int(os.environ["REFUSE_WRITE"]))
                status = status_of(request)
            finally:
                sys.stdout.flush()
                sys.stderr.flush()
                os._exit(status)
        _pid, waited = os.waitpid(pid, 0)
        out.seek(0)
        err.seek(0)
        return {
            "rc": os.waitstatus_to_exitcode(waited),
            "out": out.read().decode(),
            "err": err.read().decode(),
        }


def run_command(request: dict[str, Any]) -> dict[str, Any]:
    """Run a command and return what it printed."""
    done = subprocess.run(
        request["command"],
        input=request.get("input", ""),
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, **request.get("environment", {})},
    )
    return {"rc": done.returncode, "out": done.stdout, "err": done.stderr}


def main() -> None:
    """Answer requests until there are no more; or run one module, named in the first argument."""
    if len(sys.argv) > 1:
        run_module(sys.argv[1], json.load(sys.stdin))
        return
    preload()
    answers = os.fdopen(os.dup(1), "w")
    answers.write("ready\n")
    answers.flush()
    for line in sys.stdin:
        request = json.loads(line)
        answers.write(json.dumps(answer_of(request)) + "\n")
        answers.flush()


if __name__ == "__main__":
    main()
