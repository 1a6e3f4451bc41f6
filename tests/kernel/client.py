# Copyright (c) 2026, The lvs.cluster authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs on the node: a server, or a client with many requests, which tells how they ended.

    client.py serve ADDRESS PORT PORTS            on PORTS ports from PORT on
    client.py ask ADDRESS PORT PORTS REQUESTS     REQUESTS, on PORTS ports from PORT on in turn
    client.py refused tcp|udp ADDRESS PORT        whether a packet is refused, at once

The answer is a line of JSON.
"""

from __future__ import annotations

import json
import socket
import sys
import threading
from collections import Counter
from contextlib import suppress

AT_ONCE = 16
ANSWER = b"served\n"


def family(address: str) -> socket.AddressFamily:
    """Return what an address is of."""
    return socket.AF_INET6 if ":" in address else socket.AF_INET


def serve(address: str, port: int, ports: int) -> None:
    """Answer everybody, one after the other on each port."""
    for number in range(ports):
        threading.Thread(target=serve_port, args=(address, port + number)).start()


def serve_port(address: str, port: int) -> None:
    """Answer everybody who comes to a port."""
    with socket.create_server((address, port), family=family(address), backlog=1024) as listening:
        while True:
            connection, _peer = listening.accept()
            with connection, suppress(OSError):
                connection.sendall(ANSWER)


def request(address: str, port: int) -> str:
    """Make one request, and return how it ended."""
    with socket.socket(family(address)) as connection:
        # TCP asks again after 1, 2, 4 ... seconds, maybe in the middle of a change each time.
        connection.settimeout(60)
        try:
            connection.connect((address, port))
            return "served" if connection.recv(len(ANSWER)) == ANSWER else "cut"
        except OSError as error:
            return type(error).__name__


def ask(address: str, port: int, ports: int, requests: int) -> Counter[str]:
    """Make many requests, several at once."""
    left = iter(range(requests))
    lock = threading.Lock()
    ended: Counter[str] = Counter()

    def work() -> None:
        while True:
            with lock:
                number = next(left, None)
            if number is None:
                return
            how = request(address, port + number % ports)
            with lock:
                ended[how] += 1

    threads = [threading.Thread(target=work) for _ in range(AT_ONCE)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return ended


def refused(protocol: str, address: str, port: int) -> bool:
    """Tell whether somebody answers that there is nobody; nobody else answers."""
    kind = socket.SOCK_STREAM if protocol == "tcp" else socket.SOCK_DGRAM
    with socket.socket(family(address), kind) as connection:
        # TCP asks again after a second; it passes over an answer that comes while it still asks.
        connection.settimeout(1.5)
        try:
            connection.connect((address, port))
            connection.send(b"?")
            connection.recv(1)
        except TimeoutError:
            return False
        except ConnectionRefusedError:
            return True
    raise AssertionError("somebody has answered")


def main(word: str, *given: str) -> None:
    """Do what the first word says."""
    if word == "serve":
        serve(given[0], int(given[1]), int(given[2]))
    elif word == "ask":
        print(json.dumps(ask(given[0], *map(int, given[1:]))))
    else:
        print(json.dumps(refused(given[0], given[1], int(given[2]))))


if __name__ == "__main__":
    main(*sys.argv[1:])
