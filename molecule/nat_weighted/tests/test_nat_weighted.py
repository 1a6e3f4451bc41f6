"""The cluster of inventory nat_weighted: requests go 1:2."""

from __future__ import annotations

import os
import subprocess
from collections import Counter
from pathlib import Path

import yaml
from nodes import CHECKOUT, fetch
from testinfra.host import Host

VIP = "172.16.1.143"


def test_the_oldest_ansible_core_makes_the_cluster_and_its_changes() -> None:
    """The one that made the nodes, and the one that fixture `site` finds."""
    allowed = yaml.safe_load((CHECKOUT / "meta" / "runtime.yml").read_text())["requires_ansible"]
    series = allowed.removeprefix(">=").rpartition(".")[0] + "."
    made_by = Path(os.environ["MOLECULE_EPHEMERAL_DIRECTORY"]) / "ansible-core"
    assert made_by.read_text().startswith(series)
    told = subprocess.run(
        ["ansible-playbook", "--version"], capture_output=True, text=True, check=True
    ).stdout
    assert told.startswith(f"ansible-playbook [core {series}")


def test_spread_follows_weights(client: Host) -> None:
    """Three turns of a weighted round robin."""
    assert Counter(fetch(client, VIP, 9)) == {"rs1": 3, "rs2": 6}


def test_rules(director: Host) -> None:
    """What ipvsadm -Sn says."""
    assert sorted(director.check_output("ipvsadm -Sn").splitlines()) == [
        f"-A -t {VIP}:80 -s wrr",
        f"-a -t {VIP}:80 -r 192.168.1.11:80 -m -w 1",
        f"-a -t {VIP}:80 -r 192.168.1.12:80 -m -w 2",
    ]


def test_vip_is_the_interfaces_only_address(director: Host) -> None:
    """With the prefix length that the host's variables name."""
    addresses = director.check_output("ip -o -4 address show dev eth1").splitlines()
    assert len(addresses) == 1
    assert f" {VIP}/16 " in addresses[0]
