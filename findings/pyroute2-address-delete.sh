#!/usr/bin/env bash
# pyroute2 0.6.4: addr('del', ...) fails with errno 95 on a kernel since 5.19; 0.7.2 and later delete the address.
#
# 0.6.4, the release of Ubuntu 22.04, sends "del" with the flags of "add". One of them, NLM_F_EXCL, has the number
# of NLM_F_BULK, by which kernels since 5.19 understand that many are to be deleted at once, and addresses have no
# such thing. A pair of the message's type and its flags in place of the word is taken by every release.
#
# Seen on Linux 6.18, as "VERSION by the word, by a pair":
#   0.6.4 errno 95, deleted
#   0.7.2 deleted, deleted
#   0.9.7 deleted, deleted
#
# Needs root for a network namespace of its own, pip, Python 3.9 to 3.11, and a kernel since 5.19.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT

cat >"$folder/try.py" <<'PYTHON'
import sys

from pyroute2 import IPRoute, NetlinkError

RTM_DELADDR = 21
NLM_F_REQUEST_AND_ACK = 0x005


def deleted(command):
    with IPRoute() as kernel:
        place = {"index": kernel.link_lookup(ifname="lo")[0], "address": "192.0.2.1", "prefixlen": 32}
        if not [a for a in kernel.get_addr() if a.get_attr("IFA_ADDRESS") == "192.0.2.1"]:
            kernel.addr("add", **place)
        try:
            kernel.addr(command, **place)
        except NetlinkError as error:
            return f"errno {error.code}"
    return "deleted"


print(sys.argv[1], deleted("del") + ",", deleted((RTM_DELADDR, NLM_F_REQUEST_AND_ACK)))
PYTHON

for version in 0.6.4 0.7.2 0.9.7; do
    python3 -m pip install --quiet --disable-pip-version-check --target "$folder/$version" "pyroute2==$version"
    PYTHONPATH=$folder/$version unshare --net python3 "$folder/try.py" "$version"
done | tee "$folder/seen"

sed -n 's/^#   \([0-9.]* [a-z0-9 ]*, [a-z]*\)$/\1/p' "$0" | diff - "$folder/seen"
