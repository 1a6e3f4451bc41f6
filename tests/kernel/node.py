# Copyright (c) 2025, The lvs.cluster authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The node of the lab on which the modules run, and what can be asked of it."""

from __future__ import annotations

import io
import json
import subprocess
import tarfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any

import ansible.module_utils
from libraries import OLD_PYTHON, Library, library_files, python_files

CHECKOUT = Path(__file__).resolve().parents[2]
LAB = str(CHECKOUT / "lab" / "lab")
INVENTORY = CHECKOUT / "tests" / "kernel" / "inventory"
NODE = "kernel"
ON_NODE = "/var/tmp/lvs-kernel-tests"
PACKAGES = ("ipvsadm", "nftables", "python3-pyroute2")
# A connection that no change to the node's links cuts.
NO_SSH = "127.0.0.1 1 127.0.0.1 22"


@dataclass(frozen=True)
class Done:
    """How a command on the node ended."""

    rc: int
    out: str
    err: str


class Node:
    """One SSH connection to the node, and the agent at its other end.

    The first one prepares the node. One with a library lets the modules use that one, in place of
    what the node has installed.
    """

    def __init__(self, library: Library | None = None) -> None:
        self.python = "python3"
        self.path = ON_NODE
        if library is None:
            self._prepare()
        else:
            self._use(library)
        self._agent = subprocess.Popen(
            [LAB, "exec", NODE, f"PYTHONPATH={self.path}", self.python, f"{ON_NODE}/agent.py"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert self._agent.stdout is not None
        assert self._agent.stdout.readline() == "ready\n"

    def _prepare(self) -> None:
        up = subprocess.run(
            [LAB, "exec", NODE, "true"], capture_output=True, text=True, check=False
        )
        if up.returncode != 0:
            subprocess.run([LAB, "up", str(INVENTORY)], check=True)
        packages = " ".join(PACKAGES)
        self._exec(
            f"dpkg -s {packages} >/dev/null 2>&1 ||"
            f" (apt-get -q update && apt-get -qy install --no-install-recommends {packages})"
        )
        self._exec(f"rm -rf {ON_NODE} && mkdir {ON_NODE} && tar -xzC {ON_NODE}", _archive())

    def _use(self, library: Library) -> None:
        directory = f"{ON_NODE}/pyroute2-{library.version}"
        self._send(library_files(library), directory)
        self.path = f"{directory}:{ON_NODE}"
        if library.needs_old_python:
            root = f"{ON_NODE}/python"
            if self._exec(f"test -d {root}", may_fail=True) != 0:
                self._send(python_files(), root)
            self.python = f"{root}/{OLD_PYTHON}"

    def _send(self, source: Path, directory: str) -> None:
        buffer = io.BytesIO()
        with tarfile.open(fileobj=buffer, mode="w:gz", compresslevel=1) as archive:
            archive.add(source, ".")
        self._exec(f"mkdir {directory} && tar -xzC {directory}", buffer.getvalue())

    def __enter__(self) -> Node:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        value: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        assert self._agent.stdin is not None
        self._agent.stdin.close()
        self._agent.wait()

    @staticmethod
    def _exec(command: str, data: bytes = b"", *, may_fail: bool = False) -> int:
        done = subprocess.run(
            [LAB, "exec", NODE, "sh", "-c", command], input=data, check=not may_fail
        )
        return done.returncode

    def _ask(self, request: dict[str, Any]) -> dict[str, Any]:
        assert self._agent.stdin is not None
        assert self._agent.stdout is not None
        self._agent.stdin.write(json.dumps(request) + "\n")
        self._agent.stdin.flush()
        line = self._agent.stdout.readline()
        assert line, "the agent on the node has ended"
        answer: dict[str, Any] = json.loads(line)
        return answer

    def try_command(self, *command: str, text: str = "") -> Done:
        """Run a command; it may fail."""
        return Done(**self._ask({"command": command, "input": text}))

    def command(self, *command: str, text: str = "") -> str:
        """Run a command that must not fail, and return what it printed."""
        done = self.try_command(*command, text=text)
        assert done.rc == 0, done
        return done.out

    def module(
        self,
        name: str,
        arguments: dict[str, Any],
        *,
        check: bool = False,
        environment: dict[str, str] | None = None,
    ) -> dict[str, Any]:
        """Run a module and return its result, whatever that is."""
        answer = self._ask(
            {
                "module": name,
                "arguments": as_sent(arguments, check=check),
                "environment": environment or {},
            }
        )
        return _result(Done(**answer))

    def killed_module(self, name: str, arguments: dict[str, Any], *, writes: int) -> Done:
        """Run a module that makes its changes one by one, and kill it after so many of them.

        It ends by itself where it has no more to send.
        """
        environment = {"DIE_AFTER_WRITES": str(writes), "SSH_CONNECTION": NO_SSH}
        sent = as_sent(arguments, check=False)
        return Done(**self._ask({"module": name, "arguments": sent, "environment": environment}))

    def refused_module(self, name: str, arguments: dict[str, Any], *, write: int) -> dict[str, Any]:
        """Run a module, and have the kernel refuse its change of this number, from 0 on."""
        environment = {"REFUSE_WRITE": str(write), "SSH_CONNECTION": NO_SSH}
        return self.module(name, arguments, environment=environment)

    def module_by(
        self, launcher: Sequence[str], name: str, arguments: dict[str, Any], *, check: bool = False
    ) -> dict[str, Any]:
        """Run a module through a launcher, in a Python of its own."""
        return _result(self._by(launcher, name, arguments, check=check))

    def killed_by(self, launcher: Sequence[str], name: str, arguments: dict[str, Any]) -> Done:
        """Run a module through a launcher that kills it, in a Python of its own."""
        return self._by(launcher, name, arguments, check=False)

    def _by(
        self, launcher: Sequence[str], name: str, arguments: dict[str, Any], *, check: bool
    ) -> Done:
        sent = json.dumps(as_sent(arguments, check=check))
        return self.try_command(*launcher, f"{ON_NODE}/agent.py", name, text=sent)


def as_sent(arguments: dict[str, Any], *, check: bool) -> dict[str, Any]:
    """Return arguments as Ansible sends them."""
    return {
        **arguments,
        "_ansible_check_mode": check,
        "_ansible_diff": True,
        "_ansible_remote_tmp": "/tmp",
        "_ansible_keep_remote_files": False,
    }


def _result(done: Done) -> dict[str, Any]:
    assert done.out.strip().startswith("{"), done
    result: dict[str, Any] = json.loads(done.out)
    assert "Traceback" not in done.err, done.err
    return result


def _archive() -> bytes:
    """Return what Ansible would send along, as a tar archive."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz", compresslevel=1) as archive:

        def add(source: Path, name: str) -> None:
            archive.add(source, name, filter=lambda m: None if "__pycache__" in m.name else m)

        for name in ("agent.py", "client.py", "reader.py"):
            add(Path(__file__).with_name(name), name)
        add(Path(ansible.module_utils.__path__[0]), "ansible/module_utils")
        for part in ("modules", "module_utils"):
            add(CHECKOUT / "plugins" / part, f"ansible_collections/lvs/cluster/plugins/{part}")
        empty = tarfile.TarInfo("ansible/__init__.py")
        archive.addfile(empty, io.BytesIO())
    return buffer.getvalue()
