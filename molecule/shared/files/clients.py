"""The clients of a cluster: many requests, and downloads that take long.

clients.py REQUESTS RATE DOWNLOADS SIZE once|again ADDRESS...

DOWNLOADS begin, of SIZE bytes each, a little at a time. When all have, or could not, requests
begin, RATE in a second, at least REQUESTS and until the file /tmp/load.stop is there; then the
downloads hurry to their end. With `again` each that ends before is followed by another. The
addresses take turns. The port and address of each download that has begun are written to
/tmp/load.ready, and what became of all to /tmp/load.json, with times by the hosts' clock.
"""

from __future__ import annotations

import asyncio
import itertools
import json
import resource
import socket
import sys
import time
from pathlib import Path
from typing import Any

STOP, READY = Path("/tmp/load.stop"), Path("/tmp/load.ready")
RESULT = Path("/tmp/load.json")
TIMEOUT = 30
PAUSE, CHUNK = 4, 2048
# How pages of real servers begin: by the name, or with a greeting.
PAGES = (b"rs", b"hello,")


async def request(address: str) -> None:
    """Ask for the page; raise whatever goes wrong."""
    reader, writer = await asyncio.open_connection(address, 80)
    try:
        writer.write(b"GET / HTTP/1.0\r\n\r\n")
        answer = await reader.read()
        page = answer.partition(b"\r\n\r\n")[2]
        if not answer.startswith(b"HTTP/1.1 200 ") or not page.startswith(PAGES):
            raise ValueError(f"answer {answer!r}")
    finally:
        writer.close()


async def timed(address: str, found: list[dict[str, Any]]) -> None:
    """Ask for the page, and note how it went."""
    entry: dict[str, Any] = {"address": address, "begin": time.time(), "error": None}
    try:
        await asyncio.wait_for(request(address), TIMEOUT)
    except (OSError, ValueError, asyncio.TimeoutError) as error:
        entry["error"] = repr(error)
    entry["end"] = time.time()
    found.append(entry)


async def requests(
    at_least: int, rate: float, addresses: list[str], found: list[dict[str, Any]]
) -> None:
    """Begin so many in a second, whether or not the ones before are through."""
    running = set()
    begin = time.monotonic()
    for number, address in enumerate(itertools.cycle(addresses)):
        if number >= at_least and STOP.exists():
            break
        await asyncio.sleep(begin + number / rate - time.monotonic())
        task = asyncio.create_task(timed(address, found))
        running.add(task)
        task.add_done_callback(running.discard)
    await asyncio.gather(*running)


async def download(address: str, size: int, entry: dict[str, Any], hurry: asyncio.Event) -> None:
    """Take a part of the large file, a little at a time."""
    entry.update({"address": address, "size": 0, "error": None, "begin": time.time()})
    try:
        connection = socket.socket(socket.AF_INET6 if ":" in address else socket.AF_INET)
        # What is to come has to be with the server still, not in the client's own buffer.
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, CHUNK)
        connection.setblocking(False)
        await asyncio.get_running_loop().sock_connect(connection, (address, 80))
        entry["port"] = connection.getsockname()[1]
        reader, writer = await asyncio.open_connection(sock=connection, limit=CHUNK)
        writer.write(f"GET /large HTTP/1.0\r\nRange: bytes=0-{size - 1}\r\n\r\n".encode())
        await reader.readuntil(b"\r\n\r\n")
        while entry["size"] < size:
            data = await asyncio.wait_for(reader.read(CHUNK), TIMEOUT)
            if not data:
                raise ValueError("ended early")
            entry["size"] += len(data)
            if not hurry.is_set():
                await asyncio.sleep(PAUSE)
        writer.close()
    except (OSError, ValueError, asyncio.TimeoutError) as error:
        entry["error"] = repr(error)
    entry["end"] = time.time()


async def downloads_one_by_one(
    address: str, size: int, found: list[dict[str, Any]], hurry: asyncio.Event, *, again: bool
) -> None:
    """Take it, and take it again until they are to hurry, or one has failed."""
    while True:
        entry: dict[str, Any] = {}
        found.append(entry)
        await download(address, size, entry, hurry)
        if not again or entry["error"] or hurry.is_set():
            break


async def main(  # noqa: PLR0913, PLR0917 - what the program is given
    at_least: int, rate: float, count: int, size: int, again: str, addresses: list[str]
) -> None:
    """Do all of it."""
    resource.setrlimit(resource.RLIMIT_NOFILE, (8192, 8192))
    downloads: list[dict[str, Any]] = []
    hurry = asyncio.Event()
    going_on = [
        asyncio.create_task(
            downloads_one_by_one(address, size, downloads, hurry, again=again == "again")
        )
        for address in itertools.islice(itertools.cycle(addresses), count)
    ]
    while len(downloads) < count or not all(
        entry.get("size") or entry.get("error") for entry in downloads
    ):
        await asyncio.sleep(0.1)
    ready = READY.with_suffix(".new")
    going = [[entry["port"], entry["address"]] for entry in downloads if not entry["error"]]
    ready.write_text(json.dumps(going))
    ready.rename(READY)
    found: list[dict[str, Any]] = []
    await requests(at_least, rate, addresses, found)
    hurry.set()
    await asyncio.gather(*going_on)
    whole = RESULT.with_suffix(".whole")
    whole.write_text(json.dumps({"requests": found, "downloads": downloads}))
    whole.rename(RESULT)


if __name__ == "__main__":
    at_least, rate, count, size = (int(word) for word in sys.argv[1:5])
    asyncio.run(main(at_least, rate, count, size, sys.argv[5], sys.argv[6:]))
