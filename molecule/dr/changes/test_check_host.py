"""What lvs.cluster.check_host tells of two hosts that each lack something."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

import pytest
from nodes import INVENTORY, ansible_playbook
from testinfra.host import Host

UNIT = "/usr/lib/systemd/system/nfs-server.service"
LISTS = "/var/lib/apt/lists"
# What the roles need of this kernel, but for ip_vs_rr.
MODULES = "ip_vs nf_tables nf_conntrack nft_chain_nat nft_masq nfsd"
ROLES = "{{ {'rs1': 'nfs_server', 'rs2': 'director,nfs_server'}[inventory_hostname] }}"


@pytest.fixture
def kernel(rs1: Host, rs2: Host) -> Iterator[str]:
    """The kernel's release; rs1 lacks a package, rs2 a package's unit and a module.

    It has the NFS server's package, which nothing uses there. Of one with a script in /etc/init.d,
    systemd would make the unit itself.
    """
    release = str(rs2.check_output("uname -r"))
    modules = f"/lib/modules/{release}"
    assert not rs2.file(modules).exists
    # The lists of packages are what it could be installed by.
    rs1.check_output(f"mv {LISTS} {LISTS}.away")
    rs2.check_output(
        f"mv {UNIT} {UNIT}.away && systemctl daemon-reload && mkdir -p {modules}"
        f" && for one in {MODULES}; do echo kernel/$one.ko; done >{modules}/modules.builtin"
    )
    yield release
    rs1.check_output(f"rm -rf {LISTS} && mv {LISTS}.away {LISTS}")
    rs2.check_output(f"rm -r {modules} && mv {UNIT}.away {UNIT} && systemctl daemon-reload")


def test_what_is_missing_is_named(kernel: str) -> None:
    """One package, one unit and one module of the kernel, each of its host, and nothing else."""
    done = ansible_playbook(
        *("-i", INVENTORY, "playbooks/check_host.yml", "--limit", "real_servers"),
        *("-e", json.dumps({"lvs_check_roles": ROLES})),
    )
    assert done.returncode == 2, done.stdout
    said = " ".join(done.stdout.replace("\\n", " ").split())
    # Ansible tells each error more than once.
    found = set(re.findall(r"host (rs\d): (package|unit|kernel|directory) ([^,;]+)", said))
    assert found == {
        ("rs1", "package", "nfs-kernel-server"),
        ("rs2", "unit", "nfs-server.service is not-found"),
        ("rs2", "kernel", f"{kernel} has no module ip_vs_rr"),
    }, done.stdout
