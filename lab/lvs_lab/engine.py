"""Makes the networks and nodes of a lab on the kernel that it runs on.

It stands alone: the lab sends this file to the guest and runs it there (or runs
it on the machine's own kernel where that has IPVS).

    engine.py up TOPOLOGY    make everything that the topology (JSON) declares
    engine.py down           remove every node
"""

from __future__ import annotations

import ipaddress
import json
import os
import shutil
import socket
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

LAB = Path(os.environ.get("LVS_LAB_NODES", "/lab"))
"""Holds the nodes' common file systems, by their names, and `nodes`, what each node has."""

CGROUP = os.environ.get("LVS_LAB_CGROUP", "/lvs-lab")
"""Under which the nodes' processes are."""

SETTINGS = ("net.ipv4.ip_forward=0", "net.ipv6.conf.all.forwarding=0")
"""A host does not forward unless it is told to; a node would do as the kernel it runs on does."""

PROXY = "http://198.18.0.1:3142"


def run(*command: str) -> None:
    """Run a command; its output is shown only when it fails."""
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise SystemExit(f"{' '.join(command)}: {done.stderr.strip() or done.stdout.strip()}")


def make_network(name: str) -> None:
    """Make a bridge, and a podman network that is that bridge and nothing more.

    podman gives the links; a node's addresses are its own network configuration,
    as on a real host.
    """
    if name not in [link for _, link in socket.if_nameindex()]:
        run("ip", "link", "add", name, "type", "bridge", "mcast_snooping", "0")
        run("ip", "link", "set", name, "addrgenmode", "none", "up")
    run("podman", "network", "create", "--driver", "bridge", "--opt", "mode=unmanaged",
        "--interface-name", name, "--ipam-driver", "none", "--disable-dns", name)  # fmt: skip


def stanza(link: str, address: str, gateways: list[str]) -> str:
    """Give the lines of /etc/network/interfaces for one address."""
    interface = ipaddress.ip_interface(address)
    family = "inet6" if interface.version == 6 else "inet"
    lines = [f"iface {link} {family} static", f"    address {interface.with_prefixlen}"]
    lines += [
        f"    gateway {gateway}"
        for gateway in gateways
        if ipaddress.ip_address(gateway).version == interface.version
    ]
    if interface.version == 6:
        # A fresh lab has no other owner of the address to be found.
        lines += ["    dad-attempts 0", "    accept_ra 0"]
    return "\n".join(lines) + "\n"


def interfaces_file(node: dict[str, Any]) -> str:
    """Give a node's /etc/network/interfaces."""
    parts = ["auto lo\niface lo inet loopback\n"]
    parts.append("auto eth0\n" + stanza("eth0", f"{node['management']}/24", []))
    for interface in node["interfaces"]:
        parts.append(f"auto {interface['name']}\n")
        gateways = list(interface["gateway"])
        for address in interface["addresses"]:
            parts.append(stanza(interface["name"], address, gateways))
            version = ipaddress.ip_interface(address).version
            gateways = [g for g in gateways if ipaddress.ip_address(g).version != version]
        if not interface["addresses"]:
            parts.append(f"iface {interface['name']} inet manual\n")
    return "\n".join(parts)


def make_node(node: dict[str, Any]) -> None:
    """Make a node's file system, an overlay on the common one, and start it."""
    name = node["name"]
    own = LAB / "nodes" / name
    for part in ("upper", "work", "root"):
        (own / part).mkdir(parents=True)
    # index and nfs_export: a node may export its files over NFS.
    layers = f"lowerdir={LAB / node['root']},upperdir={own / 'upper'},workdir={own / 'work'}"
    run("mount", "-t", "overlay", "overlay", "-o", f"{layers},index=on,nfs_export=on",
        str(own / "root"))  # fmt: skip
    etc = own / "root" / "etc"
    (etc / "hostname").write_text(f"{name}\n")
    (etc / "hosts").write_text(f"127.0.0.1 localhost\n127.0.1.1 {name}\n::1 localhost\n")
    (etc / "network" / "interfaces").write_text(interfaces_file(node))
    (etc / "apt" / "apt.conf.d" / "90lab").write_text(
        f'Acquire::http::Proxy "{PROXY}";\nAcquire::Languages "none";\n'
        'APT::Install-Recommends "false";\n'
    )
    links = ["--network", f"mgmt:interface_name=eth0,mac={node['management_mac']}"]
    for interface in node["interfaces"]:
        options = f"interface_name={interface['name']},mac={interface['mac']}"
        links += ["--network", f"{interface['network']}:{options}"]
    settings = [word for setting in SETTINGS for word in ("--sysctl", setting)]
    run("podman", "run", "--detach", "--name", name, "--hostname", name, "--no-hosts",
        "--dns", "none", "--cgroup-parent", CGROUP, "--privileged", "--systemd=always", *links,
        *settings, "--rootfs", str(own / "root"), "/sbin/init")  # fmt: skip


def up(topology: dict[str, Any]) -> None:
    """Make networks and nodes."""
    with ThreadPoolExecutor(os.cpu_count()) as workers:
        # list() hands on what a worker raised.
        list(workers.map(make_network, ["mgmt", *topology["networks"]]))
        list(workers.map(make_node, topology["nodes"]))


def down() -> None:
    """Remove the nodes and their file systems."""
    run("podman", "rm", "--all", "--force", "--time", "0")
    for own in (LAB / "nodes").glob("*"):
        run("umount", str(own / "root"))
        shutil.rmtree(own)


if __name__ == "__main__":
    if sys.argv[1] == "up":
        up(json.loads(sys.argv[2]))
    else:
        down()
