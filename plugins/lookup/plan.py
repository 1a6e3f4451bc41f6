# Copyright (c) 2026, The lvs.cluster authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a host is told, out of the one description: the way from the inventory to the roles."""

from __future__ import annotations

DOCUMENTATION = r"""
name: plan
author: The lvs.cluster authors (@lvs-cluster)
version_added: 0.1.0
short_description: What a host of the cluster is told
description:
  - Works out what a host needs from the one description of the cluster, C(lvs_virtual_services), the inventory's
    groups, the hosts' variables and their facts. The roles and playbooks of this collection do nothing else with the
    description than to ask for it here.
  - Variables, groups and the host's name come from Ansible. Variables of roles are read where they are set, too. For
    a role's variables that nobody sets, V(problems) takes the defaults of the role.
  - The groups V(directors) and V(real_servers) tell who is what, or those that C(lvs_groups) names in place of them.
options:
  _terms:
    description:
      - What is asked for. Each term gives one value.
      - V(director) is what the host needs as a director. Its description is C(director_virtual_services), else
        C(lvs_virtual_services).
      - V(ldirectord) is what ldirectord needs on the host. Its description is C(ldirectord_virtual_services), else
        C(lvs_virtual_services).
      - V(keepalived) is what keepalived needs on the host. Its description is C(keepalived_virtual_services), else
        C(lvs_virtual_services).
      - V(bird) is what BIRD needs on the host, where C(lvs_announce) has a director announce its virtual addresses. Its
        description is that of V(director).
      - V(real_server) is what the host needs as a real server.
      - V(problems) is all that cannot work of the cluster, told before anything is touched. It is the same for every
        host, and looks at all of them, so that one host may ask for all. A host that is in neither group, because it
        is given a role alone, is looked at as what that role is for.
      - V(warnings) is what of the cluster works, and keeps something else from working later.
      - V(drained) is which real servers are drained, as far as directors have been asked.
      - V(silent_directors) is which directors nobody has asked yet what they remember of these.
      - V(drain) is what a director is told so that the real servers in C(lvs_host) get no new clients, and the directors there leave
        the others, and what is refused of that. C(lvs_service) and C(lvs_drain_*) are read, too.
      - V(undrain) is what it is told so that they get clients again.
      - V(drain_end) is what is left to do when the wait for their connections has ended.
      - V(not_back) is which of the real servers in C(lvs_host) have not got their weight back.
      - V(rolling_update) is which real servers are updated together, one batch after the other, by C(lvs_host), C(lvs_batch) and
        C(lvs_update_*).
      - V(update) is what V(drain) is, by a rolling update, which goes on with these real servers if it breaks off.
      - V(updated) is what V(undrain) is, by that update.
      - V(adopt) is what is asked for by C(lvs_adopt_*), and what is wrong with it.
      - V(adopted) is what an inventory says of a director that runs, or of the file C(lvs_adopt_file).
      - V(adopt_conflicts) is why O(files) are not written, because there are others.
      - V(adopt_check) is how a check run is started that tells what C(lvs.cluster.site) would change on O(servers).
      - V(adopt_checked) is what it has found.
      - V(checks) is how the real servers in C(lvs_host) are asked by the clients' way.
      - V(teardown) is which data goes with the cluster, by C(lvs_teardown) and C(lvs_teardown_data), and what is refused of that.
      - V(status) is the cluster as it is, by what the tasks of C(lvs.cluster.status) have asked.
      - V(status_asked) is what is asked for by C(lvs_status_to), and what is wrong with it.
      - V(status_units) is which units of the host are looked at for that.
      - V(watch) is how the page of these is made again and again and served, by C(lvs_watch_*), and what is refused of that.
      - V(monitoring) is where Prometheus finds the directors' metrics, and where C(lvs_monitoring_to) says that it is written.
      - V(names) is what the distribution of the host calls packages, units, files and accounts that roles need.
      - V(host_needs) is what the roles need on the host, by C(lvs_check_roles) or its groups, and what is refused before it is asked.
      - V(host_lacks) is what of that it has not got by its O(answer).
      - V(hosts) is which hosts do what.
      - V(groups) is which hosts are in the groups of the cluster, whatever the inventory calls these.
      - V(group_problems) is what is wrong with C(lvs_groups), and with an inventory that has none of the hosts that are
        O(needed).
      - V(unsettled) is what the live table of the host has otherwise than O(manager) has to bring it to.
      - V(repairs) is how O(live) becomes again what O(manager) takes it for, where somebody else has changed it.
      - V(rescheduled) is which services of the live table of the host are to have another scheduler by O(manager).
      - V(forgotten_services) is which of the services of an earlier run the description does not have any more.
      - V(new_services) is which services of the description an earlier run did not have.
      - V(requests) is what a client should ask for, to see how the requests are spread.
      - V(distribution) is how the answers that a client got were spread, beside what the scheduler promises.
      - V(nfs_server) is what the host exports by the variables of the role P(lvs.cluster.nfs_server#role).
      - V(nfs_client) is what the host mounts by the variables of the role P(lvs.cluster.nfs_client#role).
      - V(lamp_db) is what the host needs for the databases of the role P(lvs.cluster.lamp_db#role).
      - V(lamp_web) is what the host needs for the virtual hosts of the role P(lvs.cluster.lamp_web#role).
      - V(php_app) is what the host needs for the application of the role P(lvs.cluster.php_app#role).
    type: list
    elements: str
    required: true
  needed:
    description:
      - For V(group_problems), the groups of which one has to have a host, by the names that V(groups) has for them. Without
        it, those of the cluster.
    type: list
    elements: str
  gateway:
    description: For V(real_server), the gateway of a real server behind NAT, where it is not the director's C(lvs_dip).
    type: str
  running:
    description:
      - For V(director), C(daemons) as M(lvs.cluster.ipvs_info) returns them, and for V(adopted) what M(lvs.cluster.host_info) does where its
        O(lvs.cluster.host_info#module:gather) has V(running).
    type: raw
  table:
    description: For V(adopted), what M(lvs.cluster.ipvs_info) has told, empty where there is no IPVS.
    type: dict
  files:
    description: For V(adopt_conflicts), what P(lvs.cluster.to_inventory#filter) has returned.
    type: list
    elements: dict
  said:
    description: For V(adopt_checked), what the run has said by the callback P(ansible.posix.json#callback).
    type: str
  ipvsadm_defaults:
    description: For V(director), the text of C(/etc/default/ipvsadm), if the package's own unit would read it at boot.
    type: str
  ipvsadm_rules:
    description: For V(director), the text of the file of rules that the package's own unit would restore at boot.
    type: str
  manager:
    description: For V(unsettled), V(repairs) and V(rescheduled), who owns the live table, V(ldirectord) or V(keepalived).
    type: str
    choices: [ldirectord, keepalived]
  now:
    description: For V(drain), V(update), V(updated), V(undrain), V(drain_end) and V(status), the time in UTC, as C(2026-11-28T05:00:00Z).
    type: str
  servers:
    description: For V(drain), V(update), V(updated), V(undrain), V(drain_end), V(not_back) and V(checks), the real servers that are meant
      in place of C(lvs_host). For V(adopt_check) and V(adopt_checked), the directors.
    type: list
    elements: str
  anew:
    description: For V(update), whether what a former update has done is forgotten.
    type: bool
    default: false
  answer:
    description: For V(host_lacks), what M(lvs.cluster.host_check) has returned.
    type: dict
  live:
    description:
      - For V(unsettled), V(repairs), V(rescheduled) and V(not_back), C(services) as M(lvs.cluster.ipvs_info) returns them.
      - With V(keepalived), keepalived is told of these services alone.
    type: list
    elements: dict
  former:
    description:
      - For V(forgotten_services) and V(new_services), C(keys) of V(director) of the earlier run, a line each.
    type: list
    elements: str
  problems:
    description: For V(status), what V(problems) has told.
    type: list
    elements: dict
  warnings:
    description: For V(status), what V(warnings) has told.
    type: list
    elements: dict
  declared:
    description: For V(forgotten_services), whether services of the description stay, and are left out.
    type: bool
    default: true
  at_least:
    description:
      - For V(requests), how many requests each service should get. The number is rounded up to whole turns of the
        scheduler.
    type: int
  name:
    description: For V(distribution), C(name) of V(requests).
    type: str
  answers:
    description: For V(distribution), results of M(ansible.builtin.uri) with the page in C(content), a request each.
    type: list
    elements: dict
  found:
    description:
      - For V(nfs_server) and V(nfs_client), what C(getent) has found of their C(look_ups) on the host, a list of lines
        each for C(passwd) and C(group). Without it nothing is said of users and groups that are missing.
    type: dict
  exports:
    description: For V(nfs_server), what the role's own file of exports of the host has.
    type: str
  former_mounts:
    description:
      - For V(nfs_client), what was mounted before the role came, by path, as C(former) of an earlier run had it.
    type: dict
  etab:
    description: For V(nfs_server), what C(/var/lib/nfs/etab) of the host has.
    type: str
  salts:
    description:
      - For V(php_app), the salts of WordPress by their names, in the order in which they are written. Only with them
        there is a C(configuration), which has passwords.
    type: dict
  mountinfo:
    description: For V(nfs_server) and V(nfs_client), what C(/proc/self/mountinfo) of the host has.
    type: str
  fstab:
    description: For V(nfs_client), what C(/etc/fstab) of the host has.
    type: str
notes:
  - A description that cannot be read makes the lookup fail for the terms V(director), V(bird), V(ldirectord), V(keepalived), V(real_server),
    V(unsettled), V(repairs), V(rescheduled), V(forgotten_services), V(requests), V(distribution) and V(status). So do
    names in C(lvs_groups) that
    cannot be, and for V(hosts), V(groups), V(nfs_server) and V(nfs_client), too.
seealso:
  - module: lvs.cluster.ipvs_table
  - module: lvs.cluster.ipvs_info
"""

EXAMPLES = r"""
- name: Reject what cannot work
  ansible.builtin.assert:
    that: problems | length == 0
    fail_msg: "{{ problems | map(attribute='message') | join('\n') }}"
  vars:
    problems: "{{ lookup('lvs.cluster.plan', 'problems') }}"
  run_once: true

- name: Show the table that this director is to have
  ansible.builtin.debug:
    msg: "{{ lookup('lvs.cluster.plan', 'director').rules }}"

- name: Show which hosts are directors
  ansible.builtin.debug:
    msg: "{{ lookup('lvs.cluster.plan', 'groups').directors }}"

- name: Show which roles this real server needs
  ansible.builtin.debug:
    msg: "{{ lookup('lvs.cluster.plan', 'real_server').roles }}"

- name: Ask the services as a client does, and each of them four times at least
  ansible.builtin.uri:
    url: "{{ item.url }}"
  loop: "{{ lookup('lvs.cluster.plan', 'requests', at_least=4) }}"
"""

RETURN = r"""
_raw:
  description:
    - What is asked for, one value for each term.
    - Of V(director), a dictionary. C(cluster) has the cluster's name, if it has one. C(rules) is the table, as
      O(lvs.cluster.ipvs_table#module:rules) takes it, and C(keys) is how ipvsadm names each service of it. Each rule says
      all of its service or real server, the thresholds, too. C(drained) has lines for the director's unit that tell which
      servers are drained, and C(vips) has C(address), C(prefix)
      and C(interface) of each virtual address; where keepalived is the manager it is empty, and C(floating) has the
      addresses that VRRP gives. C(marks) has the rules of nftables that give firewall marks, C(untracked) those that
      keep services out of connection tracking, C(masquerade) those by
      which real servers behind NAT reach the outside, C(schedulers) the schedulers in use. C(firewalld) has C(name),
      C(egress) and C(rules) of each policy of firewalld, and C(ufw) the arguments of ufw for each rule, that let in and
      through what the services need. C(settings), C(timeouts) and C(daemons) are lines for the director's unit, as
      M(lvs.cluster.unit) takes them, C(metrics) is what metrics are compared with, empty where there are none,
      and C(other_daemons) such lines for those of O(running), O(ipvsadm_defaults) and O(ipvsadm_rules) that nobody has declared.
    - Of V(ldirectord), a dictionary. C(services) and C(sorry_servers) are the table as it is when all servers are up,
      and when none is. C(head) has the lines of ldirectord.cf before its sections, C(sections) those of each section,
      and C(environment) lines of its unit. C(packages) has the packages of Perl modules that the checks need on this
      host. C(secret) tells whether the configuration has something that nobody else should read.
    - Of V(keepalived), a dictionary. C(services) and C(sorry_servers) are as above. C(globals) has the lines of
      global_defs of keepalived.conf, C(globals_beside) those beside a configuration that goes on, C(vrrp) and
      C(virtual_servers) those of each of the other blocks. C(addresses) has address, prefix length and interface of
      each address that VRRP may give. C(spare_mark) is the firewall mark of the service that O(live) adds, by which it is seen
      that keepalived has read them. C(beginnings), C(refusals) and C(answers) have the rules of nftables for a
      director that begins to serve, or ends.
    - Of V(bird), a dictionary. C(blocks) has the lines of each block of BIRD's configuration, C(bfd) and C(device) those
      of protocols of which BIRD has one, whoever declares it. C(services) has a line for each service of an address that
      is withdrawn when none of them has a server left. C(patience) is within how many seconds the director has to be
      able to announce. C(secret) tells whether there is a password among the lines.
    - Of V(real_server), a dictionary. C(roles) has the roles that the host needs, C(owners) whose their units are, by
      C(nat), C(dr) and C(tun). C(cluster) has addresses by which this cluster is told from others, as far as there are
      facts of the directors. C(dr.addresses) has its virtual addresses for direct routing. C(tun) has C(devices), each
      with C(name) and C(module), C(ports) for GUE, each with C(family) and C(port), and C(addresses), each with
      C(address) and C(interface). C(nat.gateway) is the director's address that it has to answer through, and
      C(nat.interface) is the host's interface towards O(gateway), or towards C(nat.gateway) where none is given. What
      there is none of is empty.
    - Of V(problems), a list of dictionaries. C(item) is the thing that is wrong (V(service web)), C(field) the name
      that the user wrote, C(value) what was written, null where nothing was, C(why) what is wrong with it, C(advice)
      what to do instead, and C(message) all of that as one sentence.
    - Of V(warnings), a list as V(problems) has it; empty for a description that cannot be read.
    - Of V(drained), a list of dictionaries. C(server) is its name, or that of a director which is drained, for no
      services; C(since) a time in UTC, C(services) has the names of the services for which it is drained since then,
      C(cut) tells whether it is out of their tables, because not all of its connections had ended, and C(message) says
      all of that in a sentence. It is empty for a description that cannot be read.
    - Of V(silent_directors), a list of hosts.
    - Of V(drain), V(update), V(updated) and V(undrain), a dictionary. C(problems) is a list as V(problems) has it.
      C(lines) are for the director's unit, C(services) the real servers in their services as
      O(lvs.cluster.ipvs_drain#module:services) takes them, C(directors) has the directors among those that are meant,
      C(addresses) the virtual addresses of the real servers, C(timeout) and C(inactive_timeout) seconds. C(report) says
      what is done, a sentence each.
    - Of V(drain_end), a dictionary. C(problems), C(lines) and C(services) are as above, for what is taken out of the table
      because its connections have not ended, and C(report) says how the wait ended and names the connections that are left.
    - Of V(not_back), a list of sentences.
    - Of V(rolling_update), a dictionary. C(problems) is a list as V(problems) has it, C(batches) has a list of hosts for each batch,
      C(goes_on) tells whether it goes on where another one broke off, C(tasks) is the path of a file, empty with a C(role). C(wait)
      and C(watch) are seconds. C(report) says who is left out or not asked, and who is updated when, a sentence each.
    - Of V(teardown), a dictionary. C(problems) is a list as V(problems) has it, C(data) has the names of the data that is deleted.
    - Of V(adopt), a dictionary with C(problems), as above, and whole paths, C(to) of the folder, C(file) of the file or empty.
    - Of V(adopted), what the filter P(lvs.cluster.from_ldirectord#filter) returns, its secrets, too.
    - Of V(adopt_conflicts), a list as V(problems) has it.
    - Of V(adopt_check), a dictionary. C(words) is the command, empty where a password would have to be typed, C(chdir) where
      it runs, C(by_hand) what a person would write.
    - Of V(adopt_checked), a dictionary. C(changes) has the names of tasks for each host, C(problems) what has failed, and C(report) a
      sentence for each director.
    - Of V(checks), a list of dictionaries, each with options of M(lvs.cluster.ipvs_check), and C(label), which says whom and what
      for.
    - Of V(status), a dictionary. C(lines) is a report for the terminal, C(status) the same and more as data, which
      C(docs/observe.md) of the repository describes, and C(files) has C(path) and C(text) of each file that is written.
    - Of V(status_asked), a dictionary with C(problems), as above, and C(to), the whole path of the folder or empty.
    - Of V(status_units), a list of dictionaries with options of M(lvs.cluster.unit).
    - Of V(watch), a dictionary. C(problems) is a list as V(problems) has it; where there are none, C(words) is the command, C(chdir) where it runs,
      C(told) what it is told by its standard input, and C(address) where the page is.
    - Of V(monitoring), a dictionary with C(problems), as above, C(to), the whole path of the folder, and C(targets), a text
      for C(file_sd_configs) of Prometheus.
    - Of V(names), a dictionary by role, and C(links) and C(selinux) for what several have, each with a dictionary of names.
    - Of V(host_needs), a dictionary. C(problems) is a list as V(problems) has it; where there are none, C(roles) has the roles, and C(ask)
      the options of M(lvs.cluster.host_check).
    - Of V(host_lacks), a dictionary. C(problems) is such a list, and C(lines) say what there is.
    - Of V(hosts), a dictionary of lists of hosts. C(cluster) has all that have a part in it, C(unknown) those of them
      of whom there are no facts yet. C(directors), C(real_servers), C(nfs_servers) and C(databases) are the groups,
      C(directors_at_once) those directors that have C(lvs_announce), C(directors_in_turn) the others,
      C(applications) the NFS clients and web servers that have to answer before the directors serve, and
      C(other_nfs_clients) those NFS clients that mount after that.
    - Of V(groups), a dictionary of lists of hosts. C(directors), C(real_servers), C(nfs_servers), C(nfs_clients),
      C(databases), C(web_servers) and C(clients) are the groups, C(cluster) has the hosts of all of them but C(clients).
    - Of V(group_problems), a list as V(problems) has it.
    - Of V(unsettled), a list of sentences.
    - Of V(repairs), a dictionary. C(services) are those that are otherwise, and C(missing) those that are not there, as
      O(lvs.cluster.ipvs_table#module:services) takes them.
    - Of V(rescheduled), a list of dictionaries with the options of M(lvs.cluster.ipvs_service) that name a service and
      its scheduler.
    - Of V(forgotten_services), a list of dictionaries with the options of M(lvs.cluster.ipvs_service) that name a
      service.
    - Of V(new_services), a list of C(keys) as above; empty for a description that cannot be read.
    - Of V(requests), a list of dictionaries with C(name) of the service and C(url), one for each request.
    - Of V(distribution), a dictionary. C(lines) is a report, and C(problems) has a sentence for each thing that is not
      as promised.
    - Of V(nfs_server), V(nfs_client), V(lamp_db), V(lamp_web) and V(php_app), a dictionary with C(problems), as above;
      and, where there are none, with what the role needs, as far as the options are given that it is worked out from.
  type: list
  elements: raw
"""

from collections.abc import Mapping
from typing import Any

from ansible.errors import AnsibleLookupError
from ansible.plugins.lookup import LookupBase
from ansible_collections.lvs.cluster.plugins.module_utils._values import ModelError
from ansible_collections.lvs.cluster.plugins.plugin_utils._adopt import plans as adopt
from ansible_collections.lvs.cluster.plugins.plugin_utils._asked import Asked, Plan
from ansible_collections.lvs.cluster.plugins.plugin_utils._backend import plans as backend
from ansible_collections.lvs.cluster.plugins.plugin_utils._host_check import plans as host_check
from ansible_collections.lvs.cluster.plugins.plugin_utils._live import plans as live
from ansible_collections.lvs.cluster.plugins.plugin_utils._live import status_plans as status
from ansible_collections.lvs.cluster.plugins.plugin_utils._preflight import drain_plans as drain
from ansible_collections.lvs.cluster.plugins.plugin_utils._preflight import plans as preflight
from ansible_collections.lvs.cluster.plugins.plugin_utils._views import plans as views

PLANS: Mapping[str, Plan] = {
    **views.PLANS,
    **preflight.PLANS,
    **drain.PLANS,
    **live.PLANS,
    **status.PLANS,
    **backend.PLANS,
    **adopt.PLANS,
    **host_check.PLANS,
}


def _is_plain(value: object) -> bool:
    """Tell whether nothing in a value can be a template or a secret of a vault.

    Ansible takes seconds to find nothing in a description of a thousand services.
    """
    if isinstance(value, str):
        return "{" not in value
    if isinstance(value, dict):
        return all(map(_is_plain, value)) and all(map(_is_plain, value.values()))
    if isinstance(value, list):
        return all(map(_is_plain, value))
    return value is None or isinstance(value, (bool, int, float))


class LookupModule(LookupBase):
    """What Ansible loads."""

    def run(
        self, terms: list[str], variables: Mapping[str, Any] | None = None, **kwargs: Any
    ) -> list[Any]:
        """Return what is asked for."""
        known = variables or {}

        def variable(name: str, default: Any = None) -> Any:
            if name not in known:
                return default
            value = known[name]
            return value if _is_plain(value) else self._templar.template(value)

        asked = Asked(
            str(known.get("inventory_hostname", "")),
            known.get("hostvars") or {},
            known.get("groups") or {},
            variable,
            kwargs,
            known,
        )
        found = []
        for term in terms:
            if term not in PLANS:
                raise AnsibleLookupError(
                    f"lvs.cluster.plan: term {term!r} is not known; use one of {', '.join(PLANS)}."
                )
            try:
                found.append(PLANS[term](asked))
            except ModelError as error:
                raise AnsibleLookupError(str(error)) from error
        return found
