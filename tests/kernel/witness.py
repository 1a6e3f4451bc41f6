# Copyright (c) 2025, The lvs.cluster authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The modules under test, with ipvsadm, which shares no code with them, as the witness."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from node import Node


class Ipvs:
    """Runs modules, and reads the table back after each."""

    def __init__(self, node: Node) -> None:
        self.node = node
        # What the last step left; nobody else edits the table.
        self._left: str | None = None

    def rules(self) -> list[str]:
        """Return the table as ipvsadm prints it."""
        return self.node.command("ipvsadm", "-Sn").splitlines()

    def listed(self, *options: str) -> list[list[str]]:
        """Return the words of each line of a listing below the headings."""
        lines = self.node.command("ipvsadm", "-Ln", *options).splitlines()
        return [line.split() for line in lines[3:]]

    def add(self, *rules: str) -> None:
        """Set the table by ipvsadm."""
        self._left = None
        self.node.command("ipvsadm", "-R", text="".join(f"{rule}\n" for rule in rules))

    def run_module(self, module: str, arguments: dict[str, Any], check: bool) -> dict[str, Any]:
        """Run a module and return its result, whatever that is."""
        return self.node.module(module, arguments, check=check)

    def run(self, module: str, check: bool = False, **arguments: Any) -> dict[str, Any]:
        """Run a module that must not fail; `changed` has to be what ipvsadm sees.

        In check mode nothing may change, and the diff has to begin with what is there.
        """
        before = self._all() if self._left is None else self._left
        result = self.run_module(module, arguments, check)
        assert not result.get("failed"), result
        after = self._all()
        if check:
            assert after == before, result
        else:
            assert (after != before) == result["changed"], (before, after, result)
        return result

    def converge(self, module: str, **arguments: Any) -> dict[str, Any]:
        """Run a module in check mode, for real, and again; return the result of the second."""
        predicted = self.run(module, check=True, **arguments)
        result = self.run(module, **arguments)
        assert predicted["changed"] == result["changed"]
        for part in ("before", "after", "operations", "diff"):
            assert predicted[part] == result[part], part
        again = self.run(module, **arguments)
        assert again["changed"] is False
        assert again["operations"] == []
        if module in ("ipvs_table", "ipvs_drain"):
            # Of several services, those to which nothing is done are not told.
            assert again["before"] == again["after"] == []
            assert {*again["diff"].values()} == {""}
        else:
            assert again["before"] == again["after"] == result["after"]
        return result

    def refuse(self, module: str, *said: str, check: bool = False, **arguments: Any) -> str:
        """Run a module that must fail in one sentence and change nothing."""
        before = self._all() if self._left is None else self._left
        result = self.node.module(module, arguments, check=check)
        assert result.get("failed") is True, result
        assert self._all() == before
        message: str = result["msg"]
        for words in said:
            assert words in message, message
        assert "\n" not in message.strip()
        return message

    @staticmethod
    def wait_for(happened: Callable[[], bool], seconds: float = 20) -> None:
        """Wait for an event that has to come."""
        deadline = time.monotonic() + seconds
        while not happened():
            assert time.monotonic() < deadline, "it did not happen"

    def _all(self) -> str:
        """Return all that ipvsadm knows of the table; -Sn alone forgets thresholds."""
        shown = self.node.command(
            "sh", "-c", "ipvsadm -Sn && ipvsadm -Ln --thresholds && ipvsadm -Ln --tun-info"
        )
        # The heading tells the size of the kernel's table of connections, which the kernel
        # itself changes with their number (7.2 does); the last two words of a real server
        # are its connections, which come and go.
        self._left = "\n".join(
            line.rsplit(maxsplit=2)[0] if line.startswith("  ->") else line
            for line in shown.splitlines()
            if not line.startswith("IP Virtual Server version")
        )
        return self._left


class Settings(Ipvs):
    """The same for the timeouts and the daemons, which are beside the table."""

    def timeouts(self) -> list[int]:
        """Return the timeouts as ipvsadm prints them: tcp, tcpfin, udp."""
        shown = self.node.command("ipvsadm", "-L", "--timeout")
        return [int(word) for word in shown.split(":")[1].split()]

    def daemons(self) -> list[str]:
        """Return the daemons as ipvsadm prints them."""
        return self.node.command("ipvsadm", "-L", "--daemon").splitlines()

    def _all(self) -> str:
        # Others than our modules edit these too: what the last step left is not kept.
        return f"{self.timeouts()} {self.daemons()}"
