#!/usr/bin/python

# Copyright (c) 2026, The lvs.cluster authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a host has already of the roles, and of others beside them."""

from __future__ import annotations

DOCUMENTATION = r"""
module: host_info
short_description: Ask a host for what the roles have to know of it
version_added: 0.1.0
author:
  - The lvs.cluster authors (@lvs-cluster)
description:
  - Returns what a host has of the roles of this collection, and of others where the roles would come in their way. By it the
    description is checked, and a run goes only into what there is to do.
  - All of it is asked at once, because each start of a module takes longer than to find it out.
  - Of the configurations of health checkers no more than names and addresses leave the host, for there may be passwords beside them;
    unless O(gather) has V(running), which wants C(no_log).
  - It is for the roles of this collection.
extends_documentation_fragment:
  - lvs.cluster.attributes.info
  - lvs.cluster.attributes.actiongroup_ipvs
options:
  gather:
    description:
      - What is asked for. V(network) is which interfaces, addresses and default gateways there are, V(roles) which units and
        packages of the roles, V(director) what the last run has written down on a director, and V(others) what a director has
        besides. V(running) is of what the playbook C(lvs.cluster.adopt) makes an inventory of a director that runs; there may be
        passwords in it.
      - With an empty list only what other options ask for.
    type: list
    elements: str
    choices: [director, network, others, roles, running]
    default: [roles]
  packages:
    description:
      - The packages that RV(packages) and RV(versions) are about.
    type: list
    elements: str
    default: []
  accounts:
    description:
      - Users and groups that are looked up.
    type: dict
    default: {}
    suboptions:
      passwd:
        description: Users, by name or number.
        type: list
        elements: str
        default: []
      group:
        description: Groups, by name or number.
        type: list
        elements: str
        default: []
  texts:
    description:
      - Files whose texts are returned. There may be secrets in them; a task that asks for such a file has C(no_log).
    type: list
    elements: path
    default: []
  entries:
    description:
      - Directories of which is told what is in them.
    type: list
    elements: path
    default: []
  firewall:
    description:
      - The firewall that is to be opened, of which RV(firewall) tells the state.
    type: str
    choices: [none, firewalld, ufw]
    default: none
seealso:
  - module: lvs.cluster.ipvs_info
"""

EXAMPLES = r"""
- name: Ask a real server
  lvs.cluster.host_info:
    packages: [python3-pyroute2]
  register: host

- name: Install what is missing
  ansible.builtin.package:
    name: python3-pyroute2
  when: "'python3-pyroute2' not in host.packages"

- name: Ask an NFS client for nothing but what its mounts depend on
  lvs.cluster.host_info:
    gather: []
    accounts:
      passwd: [www-data]
      group: [www-data]
    texts: [/etc/fstab, /proc/self/mountinfo]

- name: Ask a director
  lvs.cluster.host_info:
    gather: [network, roles, director, others]
    firewall: firewalld
"""

RETURN = r"""
uid:
  description: As whom the host's tasks run.
  returned: where O(gather) has V(roles)
  type: int
  sample: 0
files:
  description:
    - The lines of files by which clusters are told from one another, and the default gateways of before from ours, by the
      file's name.
  returned: where O(gather) has V(roles)
  type: dict
  sample:
    nat-real-server.gateway: [192.168.137.129 eth1]
owners:
  description: Those as whom a real server has a unit, or files of one.
  returned: where O(gather) has V(roles)
  type: list
  elements: str
  sample: [nat-real-server]
packages:
  description: Those of O(packages) that are installed.
  returned: where O(gather) has V(roles), or O(packages) has any
  type: list
  elements: str
  sample: [python3-pyroute2]
versions:
  description: Their versions, as dpkg has them; of rpm without the release.
  returned: where O(gather) has V(roles), or O(packages) has any
  type: dict
  sample: {python3-pyroute2: 0.7.7-1}
accounts:
  description: The lines of those of O(accounts) that there are, as getent prints them.
  returned: where O(accounts) has any
  type: dict
  sample: {passwd: ["www-data:x:33:33:www-data:/var/www:/usr/sbin/nologin"], group: ["www-data:x:33:"]}
texts:
  description: The texts of those of O(texts) that there are, by path. What is no UTF-8 in them is told with backslashes.
  returned: where O(texts) has any
  type: dict
  sample: {/etc/fstab: "# /etc/fstab: static file system information."}
times:
  description: When those of O(texts) that there are were last written, in nanoseconds since 1970, by path.
  returned: where O(texts) has any
  type: dict
  sample: {/etc/fstab: 1795978800123456789}
entries:
  description: The names of what is in those of O(entries) that there are, by the directory's path.
  returned: where O(entries) has any
  type: dict
  sample: {/etc/apache2/mods-enabled: [rewrite.load]}
interfaces:
  description:
    - The interfaces, C(lo) too, each with its C(name), C(mtu) in octets, and C(addresses) with their prefix lengths. What a label
      has is its interface's. Link-local addresses of IPv6 are left out.
  returned: where O(gather) has V(network)
  type: list
  elements: dict
  sample:
    - name: eth1
      mtu: 1500
      addresses: [192.168.0.111/24]
gateways:
  description: The default gateways, at most one a family.
  returned: where O(gather) has V(network)
  type: list
  elements: str
  sample: [192.168.0.1]
services:
  description: The services that were declared the last time, as ipvsadm names them.
  returned: where O(gather) has V(director)
  type: list
  elements: str
  sample: [-t 192.168.0.111:80]
daemons:
  description: The synchronisation daemons that were declared the last time, as ipvsadm starts them.
  returned: where O(gather) has V(director)
  type: list
  elements: str
  sample: []
drained:
  description: What is remembered of real servers that are or were drained, a line for each.
  returned: where O(gather) has V(director)
  type: list
  elements: str
  sample: ["rs1 drained 2026-11-28T05:00:00Z"]
announces:
  description: Whether the role bird has been here, which announces the virtual addresses.
  returned: where O(gather) has V(director)
  type: bool
  sample: false
left:
  description: Since when a director is drained that announces, one line; none of one that is not.
  returned: where O(gather) has V(director)
  type: list
  elements: str
  sample: []
firewalld:
  description: The policies of firewalld that are ours; null where none has been.
  returned: where O(gather) has V(director)
  type: list
  elements: str
  sample: null
ufw:
  description: The rules of ufw that are ours; null where none has been.
  returned: where O(gather) has V(director)
  type: list
  elements: str
  sample: null
metrics:
  description: The directory that metrics are written to; null where there are none.
  returned: where O(gather) has V(director)
  type: str
  sample: /var/lib/prometheus/node-exporter
saved:
  description: Whether the saved table is ours.
  returned: where O(gather) has V(director)
  type: bool
  sample: true
replaces:
  description: Whether ours has taken the place of the package's own unit.
  returned: where O(gather) has V(director)
  type: bool
  sample: true
taken:
  description: The health checkers that the roles have taken for themselves.
  returned: where O(gather) has V(director)
  type: list
  elements: str
  sample: [keepalived]
units:
  description:
    - What systemd says of C(ipvsadm.service), C(keepalived.service) and C(ldirectord.service), by name. Each with C(LoadState),
      C(ActiveState), C(UnitFileState) and C(WantedBy).
  returned: where O(gather) has V(director)
  type: dict
  sample:
    ipvsadm.service: {Id: ipvsadm.service, LoadState: masked, ActiveState: inactive, UnitFileState: masked, WantedBy: ""}
kernel_ipvs:
  description:
    - The files of IPVS's modules that the kernel has, loaded or not, of what is built in the name alone, and C(IP Virtual Server)
      where IPVS is there.
  returned: where O(gather) has V(others)
  type: list
  elements: str
  sample: [IP Virtual Server, ip_vs.ko, ip_vs_rr.ko]
modules:
  description: IPVS's modules that are loaded.
  returned: where O(gather) has V(others)
  type: list
  elements: str
  sample: [ip_vs, ip_vs_rr]
conn_tab_bits:
  description: How large a table of connections IPVS was loaded with, as a power of 2; null where it is not loaded.
  returned: where O(gather) has V(others)
  type: int
  sample: 12
arp_ignoring:
  description: The interfaces on which ARP is not answered for every address of the host.
  returned: where O(gather) has V(others)
  type: list
  elements: str
  sample: [all]
ruleset:
  description: The rules for packets, as nft tells them in JSON; null where there is no nft.
  returned: where O(gather) has V(others)
  type: str
  sample: '{"nftables": []}'
firewall:
  description: What O(firewall) says of its state; empty where it is not installed, null where nobody asks.
  returned: where O(gather) has V(others)
  type: str
  sample: running
kept:
  description: Whether keepalived does something for others, too.
  returned: where O(gather) has V(others)
  type: bool
  sample: false
names:
  description: What is named in the configurations of health checkers that others have written.
  returned: where O(gather) has V(others)
  type: list
  elements: str
  sample: [vrrp_instance VI_1]
configurations:
  description:
    - The texts of C(keepalived.conf) with the files that it includes, and of C(ldirectord.cf), by whole path; empty of a health
      checker that has none.
  returned: where O(gather) has V(running)
  type: dict
  sample: {keepalived: {}, ldirectord: {/etc/ha.d/ldirectord.cf: "virtual=192.0.2.1:80"}}
declared:
  description: The lines of the settings and timeouts that were declared the last time; null where none have been.
  returned: where O(gather) has V(running)
  type: dict
  sample: {settings: [net/ipv4/vs/conntrack 0], timeouts: null}
known_hosts:
  description: The addresses of each name in C(/etc/hosts).
  returned: where O(gather) has V(running)
  type: dict
  sample: {web1: [10.0.0.11]}
rules:
  description: The rules for packets, as C(nft), C(iptables-save) and C(ip6tables-save) print them; empty where there is no such program.
  returned: where O(gather) has V(running)
  type: dict
  sample: {nft: "", iptables: "", ip6tables: ""}
sysctls:
  description: IPVS's own settings, C(net.ipv4.vs.*).
  returned: where O(gather) has V(running)
  type: dict
  sample: {conntrack: "0"}
"""

import os
import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.lvs.cluster.plugins.module_utils._unit import host
from ansible_collections.lvs.cluster.plugins.module_utils._unit.network import network

ROOT = Path("/")


def gather(module: AnsibleModule, wanted: set[str]) -> dict[str, Any]:
    """Return what was asked for."""

    def run(command: Sequence[str]) -> tuple[int, str] | None:
        name, *words = command
        program = shutil.which(name, path=f"{os.environ.get('PATH', '')}:/usr/sbin:/sbin")
        if program is None:
            return None
        status, told, _problems = module.run_command(
            [program, *words], environ_update={"LC_ALL": "C"}
        )
        return status, told

    given = module.params
    result: dict[str, Any] = {}
    if "roles" in wanted or given["packages"]:
        versions = host.installed(run, given["packages"])
        result.update(packages=sorted(versions), versions=versions)
    if given["accounts"]:
        result["accounts"] = host.accounts(run, given["accounts"])
    if given["texts"]:
        result.update(texts=host.texts(given["texts"]), times=host.times(given["texts"]))
    if given["entries"]:
        result["entries"] = host.entries(given["entries"])
    if "network" in wanted:
        result.update(network(run))
    if "roles" in wanted:
        result.update(
            uid=os.getuid(),
            files=host.unit_files(ROOT),
            owners=host.owners(ROOT),
        )
    if "director" in wanted:
        result.update(host.director_files(ROOT), units=host.units(run))
    if "others" in wanted:
        result.update(
            host.health_checkers(ROOT),
            kernel_ipvs=host.kernel_ipvs(ROOT, os.uname().release),
            modules=host.loaded_modules(ROOT),
            conn_tab_bits=host.conn_tab_bits(ROOT),
            arp_ignoring=host.arp_ignoring(ROOT),
            ruleset=host.ruleset(run),
            firewall=host.firewall(run, given["firewall"]),
        )
    if "running" in wanted:
        result.update(host.running(ROOT, run))
    return result


def main() -> None:
    """Run the module."""
    module = AnsibleModule(
        argument_spec={
            "gather": {
                "type": "list",
                "elements": "str",
                "choices": ["director", "network", "others", "roles", "running"],
                "default": ["roles"],
            },
            "packages": {"type": "list", "elements": "str", "default": []},
            "accounts": {
                "type": "dict",
                "default": {},
                "options": {
                    # The database of getent, and no password.
                    "passwd": {"type": "list", "elements": "str", "default": [], "no_log": False},
                    "group": {"type": "list", "elements": "str", "default": []},
                },
            },
            "texts": {"type": "list", "elements": "path", "default": []},
            "entries": {"type": "list", "elements": "path", "default": []},
            "firewall": {
                "type": "str",
                "choices": ["none", "firewalld", "ufw"],
                "default": "none",
            },
        },
        supports_check_mode=True,
    )
    module.exit_json(changed=False, **gather(module, set(module.params["gather"])))


if __name__ == "__main__":
    main()
