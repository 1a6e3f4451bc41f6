# Copyright (c) 2026, The lvs.cluster authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Values of the description, and of directors' variables, each in an inventory as users have them.

Each is refused by one sentence, before anything changes, or a file says exactly it.
"""

from __future__ import annotations

from typing import Any

import pytest
from inputs import Input, changed, lines_of, sentences
from sites import site

_ROUTERS: list[dict[str, Any]] = [
    {"address": "192.168.137.129", "asn": 65000},
    {"address": "fd00:137::129", "asn": 65000},
]
_ANNOUNCE: dict[str, Any] = {"asn": 65010, "peers": _ROUTERS}
_SCRIPT = {"name": "a", "command": "/bin/true"}
_MAIL = ["a@example.com"]
_QUOTED = {"type": "http", "path": '/a"b', "interval": 1}
_EVIL = "root\n}\nvrrp_script evil {\nscript /bin/false"
_WHITE_SPACE = "has white space around it; write it as 192.168.0.111"


def _peer(**changed: Any) -> dict[str, Any]:
    return {**_ANNOUNCE, "peers": [{**_ROUTERS[0], **changed}, _ROUTERS[1]]}


def nat(where: str, value: Any, told: str) -> Input:
    return Input("nat", where, value, told)


def groups(value: Any, told: str) -> Input:
    return Input("nat", "lvs_groups", value, told, on="all")


def ld(where: str, value: Any, told: str) -> Input:
    return Input("ldirectord", where, value, told)


def ha(where: str, value: Any, told: str) -> Input:
    return Input("ha", where, value, told)


def ecmp(where: str, value: Any, told: str) -> Input:
    return Input("ecmp", where, value, told)


def says(inventory: str, role: str, where: str, value: Any, line: str) -> Input:
    return Input(inventory, where, value, says=line, role=role)


REFUSED = [
    # ---- services
    nat("name", "", "service 192.168.0.111:80: name '' is empty; give some text."),
    nat("name", [], "service 192.168.0.111:80: name [] is not text; put it in quotes"),
    nat("name", "a\nb", "name 'a\\nb' has a character that is no part of a line (U+000A)"),
    nat("name", "é\u202e", "has a character that is no part of a line (U+202E)"),
    nat("name", ["a"], "name ['a'] is not text"),
    nat("address", "192.168.0.111\n", f"service web: address '192.168.0.111\\n' {_WHITE_SPACE}"),
    nat("address", "192.168.0.111 ", f"service web: address '192.168.0.111 ' {_WHITE_SPACE}"),
    nat("tunnel_port", 6080, "service web: tunnel_port 6080 is for a tunnel, and nothing"),
    nat("real_servers.port", 0, "real server rs1 of service web: port 0 is no port that a server"),
    nat("port", float("inf"), "port inf is not a whole number"),
    nat("real_servers.weight", float("nan"), "weight nan is not a whole number"),
    nat("real_servers", "rs1", "service web: real_servers 'rs1' is not a list"),
    nat("scheduler_flags", "sh-port", "service web: scheduler_flags 'sh-port'"),
    ld("sorry_server", {}, "sorry server of service web: it needs host or address"),
    ha("name", "a\n}", "has a character that is no part of a line"),
    # ---- groups
    groups(["lb"], "inventory: lvs_groups ['lb'] is not a mapping; give directors,"),
    groups({"director": "lb"}, "lvs_groups.director is not a field of it; use directors"),
    groups({"clients": "a:b"}, "lvs_groups.clients 'a:b' is not the name of one group;"),
    nat("lvs_grups", {}, "host director: lvs_grups is not a variable of this collection, whose"),
    # ---- checks
    ld("check", {"type": "http", "virtual_host": "$(id)"}, "check.virtual_host '$(id)' is not the"),
    ld("check", {"type": "http", "interval": 10**12}, "check.interval 1000000000000 is out of"),
    ld("check", {"type": "http", "timeout": 10**12}, "check.timeout 1000000000000 is out of range"),
    ld("check", {"type": "dns", "name": "a b", "expect": "x"}, "check.name 'a b' is not the name"),
    ha("check", {"type": "http", "virtual_host": "$(id)"}, "check.virtual_host '$(id)' is not the"),
    ha("check", {"type": "http", "interval": 10**12}, "check.interval 1000000000000 is out of"),
    ha("check", {"type": "http", "timeout": 10**12}, "check.timeout 1000000000000 is out of range"),
    ha("check", {"type": "http", "digest": "ab"}, "check.digest 'ab' is not a digest by MD5"),
    ha("check", {"type": "http", "path": '/a"b'}, "check.path '/a\"b' is nothing that keepalived"),
    # ---- the role director
    nat("director_vip_prefix", 33, "host director: director_vip_prefix 33 is not a prefix length"),
    nat("director_masquerade_interfaces", "eth1", "'eth1' is not a list; write it as a list: [eth"),
    nat("director_masquerade_interfaces", ["eth9"], "'eth9' is not an interface of it; use one of"),
    nat("director_masquerade_interfaces", ['eth1" accept; "'], "is not the name of a network int"),
    nat("director_masquerade_interfaces", 5, "director_masquerade_interfaces 5 is not a list"),
    nat("director_masquerade_interfaces", [5], "director_masquerade_interfaces 5 is not text"),
    nat("director_masquerade_interfaces", [{"a": 1}], "{'a': 1} is not text"),
    nat("director_masquerade_networks", "192.168.137.0/24", "'192.168.137.0/24' is not a list"),
    nat("director_masquerade_networks", ["x"], "director_masquerade_networks 'x' is not a network"),
    nat("director_masquerade_networks", ["192.168.137.0/33"], "is not a network; give address and"),
    nat("director_masquerade_networks", ["10.0.0.0/8 accept"], "is not a network"),
    nat("director_masquerade_networks", [5], "director_masquerade_networks 5 is not a network"),
    nat("director_masquerade_networks", ["192.168.137.1/24"], "; give 192.168.137.0/24."),
    nat("director_masquerade_networks", ["0.0.0.0/0"], "is every address that there is"),
    nat("director_ipvs_sysctls", {"conntrak": 1}, "director_ipvs_sysctls.conntrak is not a field"),
    nat("director_ipvs_sysctls", {"sync_threshold": "3 50 9"}, "'3 50 9' is not two numbers; give"),
    nat("director_vip_interfce", "eth1", "director_vip_interfce is not a variable of the role dir"),
    nat("director_masqurade", False, "; use director_masquerade, or give it another name."),
    nat("director_vip_interface", "eth1\nx", "no part of a line (U+000A)"),
    nat("director_timeouts", {"udp": 0}, "director_timeouts.udp 0 is out of range"),
    nat("director_masquerade", "maybe", "director_masquerade 'maybe' is not a boolean"),
    nat("lvs_dipp", "10.0.0.1", "lvs_dipp is not a variable of this collection"),
    nat("lvs_dip", None, "host director: lvs_dip is not given; give the director's address"),
    Input("nat", "lvs_rip", "192.168.137.131 ", "host rs1: lvs_rip '192", on="real_servers"),
    Input("nat", "lvs_rip", "224.0.0.5", "rs1: lvs_rip '224.0.0.5' is a multi", on="real_servers"),
    # ---- directors that announce
    ecmp("lvs_announce", {"asn": 1}, "host director1: lvs_announce.peers is not given; give one"),
    ecmp(
        "lvs_announce", {**_ANNOUNCE, "asn": 2**32}, "lvs_announce.asn 4294967296 is out of range"
    ),
    ecmp("lvs_announce", {**_ANNOUNCE, "interval": 0}, "lvs_announce.interval 0 is out of range;"),
    ecmp("lvs_announce", {**_ANNOUNCE, "peer": []}, "lvs_announce.peer is not a field of it; use"),
    ecmp("lvs_announce", _peer(address=5), "lvs_announce.peers.address 5 is not an IPv4 or IPv6"),
    ecmp("lvs_announce", _peer(address="10.0.0.1\n}"), "lvs_announce.peers.address '10.0.0.1\\n}'"),
    ecmp("lvs_announce", _peer(password='a";\nb'), "lvs_announce.peers.password has a character"),
    ecmp("lvs_announce", _peer(password='a"; #'), "lvs_announce.peers.password is nothing that BI"),
    ecmp("lvs_announce", _peer(password=5), "lvs_announce.peers.password is not text; put it in"),
    ecmp("lvs_announce", _peer(multihop=True), "peers.multihop true is not a whole number; give"),
    ecmp("lvs_announce", _peer(bfd="on"), "lvs_announce.peers.bfd 'on' is not a boolean"),
    ecmp("lvs_announce", [], "host director1: lvs_announce is not a mapping; give asn, peers."),
    ecmp("lvs_anounce", {}, "host director1: lvs_anounce is not a variable of this collection"),
    ecmp("forward", "nat", "real server rs1 of service by direct routing: forward 'nat' sends ans"),
    ecmp("director_vip_interface", "eth1", "director_vip_interface 'eth1' is not lo, and lvs_ann"),
    ecmp("director_conn_tab_bits", 21, "director_conn_tab_bits 21 is out of range; give one from"),
    ecmp("bird_leave_timeout", "soon", "bird_leave_timeout 'soon' is not a whole number; give one"),
    ecmp("bird_leave_timeout", -1, "bird_leave_timeout -1 is out of range; give one from 0 to 3"),
    ecmp("bird_leave", 5, "host director1: bird_leave is not a variable of the role bird, whose v"),
    # ---- the role ldirectord
    ld("ldirectord_maintenance_dir", '/etc/x\nlogfile="/tmp/x"', "no part of a line (U+000A)"),
    ld("ldirectord_ca_file", "relative", "ldirectord_ca_file 'relative' is not the whole path"),
    ld("ldirectord_fallback_command", "x", "ldirectord_fallback_command 'x' is not the path of"),
    ld("ldirectord_fallback_command", "/bin/x\nvirtual=1.2.3.4:5", "no part of a line (U+000A)"),
    ld("ldirectord_fallback_command", 5, "ldirectord_fallback_command 5 is not text"),
    ld("ldirectord_email_alert_from", "x", "ldirectord_email_alert_from 'x' is not an address"),
    ld("ldirectord_smtp", "mail\nfork=yes", "has a character that is no part of a line (U+000A)"),
    ld("ldirectord_smtp", "a b", "ldirectord_smtp 'a b' is not the name of a mail server"),
    ld("ldirectord_smtp", "fd00::25", "ldirectord_smtp 'fd00::25' is not the name of a mail serv"),
    ld("ldirectord_email_alert", "a@example.com", "is not a list; write it as a list: [a@exam"),
    ld("ldirectord_email_alert_frequency", True, "true is not a whole number"),
    ld("ldirectord_email_alert_frequency", -1, "-1 is out of range"),
    ld("ldirectord_cafile", "/a", "ldirectord_cafile is not a variable of the role ldirectord"),
    # ---- the role keepalived
    ha("keepalived_notify", 5, "keepalived_notify 5 is not text"),
    ha("keepalived_track_interfaces", "eth1", "is not a list; write it as a list: [eth1]"),
    ha("keepalived_prioriti", 5, "keepalived_prioriti is not a variable of the role keepalived"),
    ha("keepalived_priority", True, "keepalived_priority true is not a whole number"),
    ha("keepalived_advert_int", True, "keepalived_advert_int true is not a number"),
    ha("keepalived_track_scripts", [{**_SCRIPT, "user": _EVIL}], "track_scripts.user 'root\\n}"),
    ha("keepalived_track_scripts", [{**_SCRIPT, "interval": -5}], "interval -5 is out of range"),
    ha("keepalived_track_scripts", [{**_SCRIPT, "fall": 0}], "track_scripts.fall 0 is out of"),
    ha("keepalived_script_user", "", "keepalived_script_user '' is empty; give some text"),
    ha("keepalived_script_user", "root\n    vrrp_garp_interval 9", "no part of a line (U+000A)"),
    ha("keepalived_script_user", "no such user", "'no such user' is not the name of a user"),
    ha("keepalived_advert_int", 2, "host director2: keepalived_advert_int 0.1 is not what dire"),
    ha("keepalived_unicast", True, "host director2: keepalived_unicast false is not what director"),
    ha(
        "director_sync_daemons",
        [{"role": "master", "interface": "eth2", "sync_id": 7}],
        "host director1: director_sync_daemons.sync_id 7 is not what director2 has, which is 51",
    ),
]

SAID = [
    says("ecmp", "bird", "lvs_announce", _peer(password="a # };'"), 'password "a # };\'";'),
    says(
        "ecmp",
        "bird",
        "lvs_announce",
        {**_ANNOUNCE, "interval": "0.05"},
        "bfd { interval 50 ms; multiplier 3; };",
    ),
    says("ldirectord", "ldirectord", "name", "a'b", "servicename=a'b"),
    says("ldirectord", "ldirectord", "name", 'a"b', 'servicename=a"b'),
    says("ldirectord", "ldirectord", "check", _QUOTED, 'request="/a"b"'),
    says(
        "ldirectord",
        "ldirectord",
        "ldirectord_maintenance_dir",
        "/etc/a b",
        "maintenancedir=/etc/a b",
    ),
    says(
        "ldirectord",
        "ldirectord",
        "ldirectord_ca_file",
        "/no such",
        'Environment="PERL_LWP_SSL_CA_FILE=/no such"',
    ),
    says(
        "ldirectord",
        "ldirectord",
        "ldirectord_fallback_command",
        '/bin/a "b"',
        'fallbackcommand=/bin/a "b"',
    ),
    says("ha", "keepalived", "name", "a'b", "virtual_server 192.168.0.100 80 {"),
    says("ha", "keepalived", "protocol", "sctp", "protocol SCTP"),
    says("nat", "director", "director_timeouts", {"udp": None}, ""),
]


@pytest.mark.parametrize("given", REFUSED, ids=str)
def test_refused(given: Input) -> None:
    """In one sentence, with what it is, the value, and what to do."""
    found = changed(given)
    told = sentences(found)
    assert [sentence for sentence in told if given.told in sentence], told
    for host in found.hosts:
        # Whoever asks is told the same.
        assert sentences(found, host=host) == told
    for sentence in told:
        assert ": " in sentence
        assert "; " in sentence
        assert sentence.endswith(".")
        assert "\n" not in sentence


@pytest.mark.parametrize("given", SAID, ids=str)
def test_said(given: Input) -> None:
    """There is no problem, a file has the line, and besides it the lines of before."""
    found = changed(given)
    assert sentences(found) == []
    told, before = (lines_of(one, given.role) for one in (found, site(given.inventory)))
    assert given.says in told
    more = [line for line in told if line not in before]
    assert len(more) <= 3, more


def test_sql_in_quotes() -> None:
    """Whatever stands between the first quotation mark and the last."""
    check = {
        "type": "mysql",
        "database": "d",
        "query": 'SELECT "1"',
        "login": "u",
        "password": 'p"q',
        "interval": 1,
    }
    given = Input("ldirectord", "check", check)
    assert sentences(changed(given)) == []
    told = lines_of(changed(given), "ldirectord")
    assert {'request="SELECT "1""', 'passwd="p"q"'} <= {*told}


def test_mail_server_where_there_is_mail() -> None:
    """What is refused without mail is refused with it, too."""
    found = changed(ld("ldirectord_email_alert", _MAIL, ""))
    found.hosts["director"]["ldirectord_smtp"] = "mail\nfork=yes"
    assert "ldirectord_smtp 'mail\\nfork=yes'" in sentences(found)[0]


def test_two_services_of_one_name() -> None:
    """Nobody could tell them apart."""
    found = site("nat")
    for host in found.hosts.values():
        one = host["lvs_virtual_services"][0]
        host["lvs_virtual_services"] = [one, {**one, "port": 81}]
    (told,) = sentences(found)
    assert told.startswith("service web: name 'web' is that of another service; give one of them")


def test_director_among_the_real_servers() -> None:
    """As long as no service names it there it is none, and nothing is written otherwise."""
    found = site("nat")
    found.groups["real_servers"].append("director")
    assert sentences(found) == []
    assert lines_of(found, "director") == lines_of(site("nat"), "director")


@pytest.mark.parametrize("name", ["nat", "ldirectord", "ha", "nat_wordpress"])
def test_inventory(name: str) -> None:
    """As it is, nothing is wrong with it."""
    assert sentences(site(name)) == []


def test_switched_off_by_a_word() -> None:
    """As INI files and -e give it."""
    found = changed(nat("director_masquerade", "no", ""))
    assert sentences(found) == []
    assert not [line for line in lines_of(found, "director") if line.endswith("masquerade")]
