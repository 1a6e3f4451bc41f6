#!/usr/bin/env bash
# pyroute2 0.7.2 to 0.8.1: addr('add', ..., preferred_lft=0) is accepted, and the address is not deprecated.
#
# An address with a preferred lifetime of 0 stays usable, and is never chosen as the source of new connections:
# what a virtual address wants. 0.6.4 and 0.9.7 ask the kernel for it. The releases between take the argument
# without an error and drop it. The attribute itself, ifa_cacheinfo, is sent by all of them.
#
# Seen, as "VERSION by preferred_lft, by ifa_cacheinfo":
#   0.6.4 deprecated, deprecated
#   0.7.2 preferred, deprecated
#   0.7.7 preferred, deprecated
#   0.8.1 preferred, deprecated
#   0.9.7 deprecated, deprecated
#
# Needs root for a network namespace of its own, pip, Python 3.9 to 3.11 and iproute2.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT

cat >"$folder/try.py" <<'PYTHON'
import socket
import subprocess
import sys

from pyroute2 import IPRoute

FOREVER = 2**32 - 1
ADDRESS = "2001:db8::1"


def added(**lifetime):
    with IPRoute() as kernel:
        index = kernel.link_lookup(ifname="lo")[0]
        kernel.addr("add", index=index, family=socket.AF_INET6, address=ADDRESS, prefixlen=128, **lifetime)
    shown = subprocess.run(["ip", "-o", "addr", "show", "to", ADDRESS], capture_output=True, text=True, check=True).stdout
    subprocess.run(["ip", "addr", "del", f"{ADDRESS}/128", "dev", "lo"], check=True)
    return "deprecated" if "deprecated" in shown else "preferred"


print(sys.argv[1], added(preferred_lft=0) + ",", added(ifa_cacheinfo={"ifa_preferred": 0, "ifa_valid": FOREVER}))
PYTHON

for version in 0.6.4 0.7.2 0.7.7 0.8.1 0.9.7; do
    python3 -m pip install --quiet --disable-pip-version-check --target "$folder/$version" "pyroute2==$version"
    PYTHONPATH=$folder/$version unshare --net python3 "$folder/try.py" "$version"
done | tee "$folder/seen"

sed -n 's/^#   \([0-9.]* [a-z]*, [a-z]*\)$/\1/p' "$0" | diff - "$folder/seen"
