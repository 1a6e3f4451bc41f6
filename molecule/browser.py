"""A visitor of a web site, and an editor of WordPress."""

from __future__ import annotations

import json
import shlex
from typing import Any

from testinfra.host import Host


class Browser:
    """Asks for a site's pages by its name, at an address of one's choice, and keeps its cookies."""

    def __init__(self, host: Host, name: str, address: str) -> None:
        """Take the host that asks, the site's name, and where that is."""
        self._host = host
        self._name = name
        self._address = address
        self._cookies = "/root/cookies"

    def at(self, host: Host, address: str) -> Browser:
        """Return the same visitor, with the same cookies, at another host and address."""
        jar = self._host.check_output(f"cat {self._cookies}")
        host.run("cat >%s <<'END'\n%s\nEND", self._cookies, jar)
        return Browser(host, self._name, address)

    def get(self, path: str, **fields: str) -> str:
        """Return a page; with fields they are posted."""
        return self._ask(path, fields)[1]

    def status(self, path: str) -> int:
        """Return the status by which a page is answered; 0 where there is no answer."""
        return self._ask(path, {})[0]

    def log_in(self, user: str, password: str) -> None:
        """Open a session of WordPress."""
        self._host.check_output(f"rm -f {self._cookies}")
        self.get("/wp-login.php", log=user, pwd=password, testcookie="1")

    def post(self, title: str) -> dict[str, Any]:
        """Write a post, in the session."""
        nonce = self.get("/wp-admin/admin-ajax.php?action=rest-nonce")
        answer = self.get(
            "/?rest_route=/wp/v2/posts", _wpnonce=nonce, title=title, status="publish"
        )
        written: dict[str, Any] = json.loads(answer)
        return written

    def _ask(self, path: str, fields: dict[str, str]) -> tuple[int, str]:
        command = [
            "curl", "-sS", "--max-time", "30", "--cookie", self._cookies, "--cookie-jar",
            self._cookies, "--resolve", f"{self._name}:80:{self._address}", "-w", "\n%{http_code}",
        ]  # fmt: skip
        for name, value in fields.items():
            command += ["--data-urlencode", f"{name}={value}"]
        told = self._host.run(shlex.join([*command, f"http://{self._name}{path}"])).stdout
        page, _newline, status = told.rpartition("\n")
        return int(status or 0), page
