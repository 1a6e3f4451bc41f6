#!/usr/bin/env bash
# pyroute2 0.9.7: IPVS().service("update", ...) and IPVS().dest("update", ...) ask the kernel to delete.
#
# Beside add, set and del the two take a command update. It is sent as IPVS_CMD_DEL_SERVICE (3) and IPVS_CMD_DEL_DEST (7)
# of linux/ip_vs.h: a virtual service goes with all its real servers. What changes one is set (2 and 6).
#
# Seen, as "of what: add set update del":
#   service: 1 2 3 3
#   dest: 5 6 7 7
#
# Needs pip and Python 3.9 or later. Nothing is sent to a kernel.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m pip install --quiet --disable-pip-version-check --target "$folder" pyroute2==0.9.7

cat >"$folder/try.py" <<'PYTHON'
import asyncio
from socket import IPPROTO_TCP

from pyroute2 import IPVSDest, IPVSService
from pyroute2.ipvs import AsyncIPVS


class Socket:
    """In place of the library's own: keeps what it would send."""

    async def _do_request(self, message, msg_flags):
        self.sent = message["cmd"]


def sent(what, command):
    socket, service = Socket(), IPVSService(addr="192.0.2.1", port=80, protocol=IPPROTO_TCP)
    given = [service] if what == "service" else [service, IPVSDest(addr="198.51.100.1", port=80)]
    asyncio.run(getattr(AsyncIPVS, what)(socket, command, *given))
    return str(socket.sent)


for what in ("service", "dest"):
    print(f"{what}:", *(sent(what, command) for command in ("add", "set", "update", "del")))
PYTHON
PYTHONPATH=$folder python3 "$folder/try.py" | tee "$folder/seen"

sed -n 's/^#   \([a-z]*: [0-9 ]*\)$/\1/p' "$0" | diff - "$folder/seen"
