#!/usr/bin/env bash
# pyroute2 0.9.7: IPVSDest sends tun_port in the machine's byte order, port in the network's.
#
# Both are ports, and the kernel reads both as of the network (ip_vs_genl_parse_dest in net/netfilter/ipvs/ip_vs_ctl.c).
# So on x86 and Arm a real server behind a tunnel of type GUE that is given port 8080 gets packets at port 36895.
#
# Seen, as "field: octets of 8080 in the message" of a little-endian machine:
#   port: 1f90
#   tun_port: 901f
#
# Needs pip and Python 3.9 or later, and a little-endian machine. Nothing is sent to a kernel.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m pip install --quiet --disable-pip-version-check --target "$folder" pyroute2==0.9.7

cat >"$folder/try.py" <<'PYTHON'
from pyroute2 import IPVSDest
from pyroute2.netlink.generic.ipvs import ipvsmsg

GUE = 1
TUNNEL = 2


def octets(field):
    given = IPVSDest(addr="198.51.100.1", fwd_method=TUNNEL, tun_type=GUE, **{"port": 0, "tun_port": 0, field: 8080})
    message = ipvsmsg()
    message["attrs"] = [("IPVS_CMD_ATTR_DEST", given.dump_nla())]
    message.encode()
    return next(found for found in ("1f90", "901f") if found in message.data.hex())


for field in ("port", "tun_port"):
    print(f"{field}: {octets(field)}")
PYTHON
PYTHONPATH=$folder python3 "$folder/try.py" | tee "$folder/seen"

sed -n 's/^#   \([a-z_]*: [0-9a-f]*\)$/\1/p' "$0" | diff - "$folder/seen"
