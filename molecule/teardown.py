"""The cluster is taken away: what every scenario asks of its hosts then."""

from __future__ import annotations

import re
from difflib import unified_diff

import yaml
from drain import Playbook
from nodes import INVENTORY, node

# What packages enable and start when they are installed, and a file system of the kernel's: they
# stay, and no role has touched them.
OF_PACKAGES = re.compile(
    r"(enabled: \S*/|running: )(apache-htcacheclean|fsidd|ipvsadm|nfs-blkmap|nfs-client"
    r"|phpsessionclean|rpcbind)\..*"
    r"|unit: \./multi-user\.target\.wants/ipvsadm\.service"
    r"|mount: /proc/fs/nfsd .*"
)


def hosts() -> list[str]:
    """The hosts of the cluster, by the groups of the inventory."""
    groups = yaml.safe_load((INVENTORY / "hosts.yml").read_text())
    return sorted({name for group in groups.values() for name in group.get("hosts") or ()})


def is_taken_away(**variables: object) -> None:
    """Take the cluster away, and see that each host is as it was before the first run."""
    Playbook("teardown", lvs_teardown=True, **variables).told()
    left = [f"{name} {line}" for name in hosts() for line in differences(name)]
    assert left == [], "\n".join(left)


def differences(name: str) -> list[str]:
    """What a host has otherwise than before: what is gone begins with -, what has come with +."""
    host = node(name)
    before, now = (
        host.check_output(f"{command} | sort -u").splitlines()
        for command in ("cat /root/host-snapshot", "host-snapshot")
    )
    return [
        line
        for line in unified_diff(before, now, lineterm="", n=0)
        if line[:2] not in ("--", "++", "@@") and not OF_PACKAGES.fullmatch(line[1:])
    ]
