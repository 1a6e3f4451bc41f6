# Copyright (c) 2026, The lvs.cluster authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Chromium without a window, told what to do by a pipe (the DevTools protocol)."""

from __future__ import annotations

import base64
import json
import os
import subprocess
import tempfile
import time
from pathlib import Path
from typing import Any

_OPTIONS = (
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--hide-scrollbars",
)


class Chromium:
    """A browser with one page open."""

    def __init__(self) -> None:
        """Start it."""
        # It reads what is asked at 3, and answers at 4.
        ask, self._ask = os.pipe()
        self._told, tell = os.pipe()
        self._home = tempfile.TemporaryDirectory(ignore_cleanup_errors=True)
        command = ["chromium", *_OPTIONS, f"--user-data-dir={self._home.name}"]
        place = f'exec "$@" --remote-debugging-pipe 3<&{ask} 4>&{tell}'
        self._process = subprocess.Popen(
            ["bash", "-c", place, "bash", *command, "about:blank"],
            pass_fds=(ask, tell),
            stderr=subprocess.DEVNULL,
        )
        os.close(ask)
        os.close(tell)
        self._number = 0
        self._rest = b""
        target = self._send("Target.createTarget", {"url": "about:blank"})["targetId"]
        attach = {"targetId": target, "flatten": True}
        self._session = self._send("Target.attachToTarget", attach)["sessionId"]
        self.do("Page.enable")
        # What is asked of the page in here is no script of its own.
        self.do("Page.setBypassCSP", enabled=True)

    def close(self) -> None:
        """End it."""
        self._process.terminate()
        self._process.wait(20)
        os.close(self._ask)
        os.close(self._told)
        self._home.cleanup()

    def do(self, method: str, **parameters: Any) -> dict[str, Any]:
        """Have the page do something."""
        return self._send(method, parameters, self._session)

    def value(self, expression: str) -> Any:
        """Return the value of an expression of JavaScript in the page."""
        found = self.do(
            "Runtime.evaluate", expression=expression, awaitPromise=True, returnByValue=True
        )
        assert "exceptionDetails" not in found, found["exceptionDetails"]
        return found["result"].get("value")

    def show(self, page: Path, width: int, theme: str) -> None:
        """Open a page in a window of this width, for a reader who likes it light or dark."""
        size = {"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": width < 600}
        self.do("Emulation.setDeviceMetricsOverride", **size)
        media = [{"name": "prefers-color-scheme", "value": theme}]
        self.do("Emulation.setEmulatedMedia", features=media)
        self.do("Page.navigate", url=page.absolute().as_uri())
        # Until then it is the page of before.
        here = json.dumps(page.absolute().as_uri())
        ready = f"document.readyState === 'complete' && location.href === {here}"
        end = time.monotonic() + 60
        while not self.value(ready):
            assert time.monotonic() < end, "the page does not come"
            time.sleep(0.05)

    def at(self, time_of_day: str) -> None:
        """Have the pages that are opened from now on take it for this time."""
        source = f"Date.now = () => Date.parse({json.dumps(time_of_day)});"
        self.do("Page.addScriptToEvaluateOnNewDocument", source=source)

    def picture(self, width: int, height: int) -> bytes:
        """Return what there is to see, from the page's beginning, as PNG."""
        clip = {"x": 0, "y": 0, "width": width, "height": height, "scale": 1}
        taken = self.do(
            "Page.captureScreenshot", format="png", captureBeyondViewport=True, clip=clip
        )
        return base64.b64decode(taken["data"])

    def _send(
        self, method: str, parameters: dict[str, Any], session: str | None = None
    ) -> dict[str, Any]:
        self._number += 1
        asked = {"id": self._number, "method": method, "params": parameters}
        if session is not None:
            asked["sessionId"] = session
        whole = json.dumps(asked).encode() + b"\0"
        while whole:
            whole = whole[os.write(self._ask, whole) :]
        while True:
            told = self._next()
            if told.get("id") == self._number:
                assert "error" not in told, told["error"]
                answer: dict[str, Any] = told["result"]
                return answer

    def _next(self) -> dict[str, Any]:
        while b"\0" not in self._rest:
            more = os.read(self._told, 1 << 20)
            assert more, "chromium has ended"
            self._rest += more
        one, _end, self._rest = self._rest.partition(b"\0")
        told: dict[str, Any] = json.loads(one)
        return told
