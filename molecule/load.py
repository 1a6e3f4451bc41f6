"""Clients of a cluster while something happens to it: requests and downloads that take long."""

from __future__ import annotations

import json
from typing import Any

from nodes import CHECKOUT, established, until
from testinfra.host import Host

CLIENTS = CHECKOUT / "molecule" / "shared" / "files" / "clients.py"
SIZE = 256 * 1024


class Load:
    """Requests and downloads that go on while the body runs, and what became of them."""

    def __init__(  # noqa: PLR0913 - they are what a load is
        self,
        client: Host,
        addresses: list[str],
        *,
        requests: int,
        rate: int,
        downloads: int,
        size: int = SIZE,
        again: bool = False,
    ) -> None:
        """Take where they go, how many requests there are to be at least, and how many a second.

        A download takes some four seconds for each 2 KiB of its size. With `again` another one
        begins when it has ended, so that there are always so many.
        """
        self._client = client
        self._size = size
        often = "again" if again else "once"
        self._arguments = " ".join(map(str, [requests, rate, downloads, size, often, *addresses]))
        self._going: list[tuple[int, str]] = []
        self.requests: list[dict[str, Any]] = []
        self.downloads: list[dict[str, Any]] = []

    def __enter__(self) -> Load:
        """Begin, and wait until all downloads have."""
        self._client.check_output("rm -f /tmp/load.*")
        self._client.check_output(f"cat >/tmp/clients.py <<'END'\n{CLIENTS.read_text()}\nEND")
        # First of all that has to be done: it must not be late itself.
        self._client.check_output(
            f"nice -n -15 python3 /tmp/clients.py {self._arguments}"
            " >/tmp/load.told 2>&1 </dev/null &"
        )
        self._going = [(port, at) for port, at in json.loads(self._wait_for("/tmp/load.ready"))]
        return self

    def __exit__(self, *_exception: object) -> None:
        """End, and take what became of it."""
        self._client.check_output("touch /tmp/load.stop")
        found = json.loads(self._wait_for("/tmp/load.json"))
        self.requests, self.downloads = found["requests"], found["downloads"]

    def _wait_for(self, path: str) -> str:
        def there() -> bool:
            told = self._client.file("/tmp/load.told").content_string
            assert not told, told
            return bool(self._client.file(path).exists)

        until(f"the clients have made {path}", there, 300)
        return str(self._client.file(path).content_string)

    def unknown_to(self, director: Host) -> set[int]:
        """Return the ports of the downloads of which a director has no connection.

        A port alone does not tell: connections to several addresses may have the same.
        """
        ends = [line.split()[:2] for line in established(director)]
        known = {
            (int(client.rpartition(":")[2]), virtual.rpartition(":")[0].strip("[]"))
            for client, virtual in ends
        }
        return {port for port, address in self._going if (port, address) not in known}

    def known_to(self, director: Host) -> bool:
        """Tell whether a director has a connection for each of the downloads."""
        return not self.unknown_to(director)

    def failed(self, after: float = 0) -> list[dict[str, Any]]:
        """Return the requests that failed, of those that began after a time."""
        return [one for one in self.requests if one["error"] and one["begin"] > after]

    def broken(self) -> list[dict[str, Any]]:
        """Return the downloads that did not come to their end."""
        return [one for one in self.downloads if one["error"] or one["size"] != self._size]

    def without_service(self, address: str) -> float:
        """Return for how long, at most, no request came to its end, in seconds."""
        ends = sorted(
            one["end"] for one in self.requests if one["address"] == address and not one["error"]
        )
        return float(max(later - end for end, later in zip(ends, ends[1:])))
