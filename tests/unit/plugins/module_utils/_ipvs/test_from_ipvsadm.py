# Copyright (c) 2025, The lvs.cluster authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Rules as ipvsadm prints them and people type them, read."""

from __future__ import annotations

import pytest
from ansible_collections.lvs.cluster.plugins.module_utils._ipvs.from_ipvsadm import (
    Names,
    as_ipvsadm_adds,
    parse_rules,
)
from ansible_collections.lvs.cluster.plugins.module_utils._ipvs.ipvsadm import (
    print_real_server,
    print_service,
    print_table,
)
from ansible_collections.lvs.cluster.plugins.module_utils._ipvs.model import Table
from ansible_collections.lvs.cluster.plugins.module_utils._ipvs.plan import Policy, plan_table
from ansible_collections.lvs.cluster.plugins.module_utils._values import ModelError
from hypothesis import given
from hypothesis import strategies as st
from strategies import tables


def made_by(rules: str) -> Table:
    """Return the table that rules make."""
    return plan_table(Table(), as_ipvsadm_adds(parse_rules(rules), {}), Policy()).after


@given(tables())
def test_what_is_printed_is_read(table: Table) -> None:
    """Nothing of a table is lost on the way to text and back."""
    assert made_by(print_table(table)).as_result() == table.as_result()


WEB = "-A -t 192.168.0.111:80 -s rr"
WEB_SERVER = "-a -t 192.168.0.111:80 -r 192.168.137.131:80 -m -w 1"


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("-A -t 192.0.2.1:80", "-A -t 192.0.2.1:80 -s wlc"),
        ("-A -t 192.0.2.1:80 -p", "-A -t 192.0.2.1:80 -s wlc -p 360"),
        ("-A -t 192.0.2.1 -p -s rr", "-A -t 192.0.2.1:0 -s rr -p 360"),
        ("-A -t 192.0.2.1:8 -p30 -srr -M=255.0.0.0", "-A -t 192.0.2.1:8 -s rr -p 30 -M 255.0.0.0"),
        ("-A -t [2001:DB8::1]:80 -p 9 -M 64", "-A -t [2001:db8::1]:80 -s wlc -p 9 -M 64"),
        ("-Au 192.0.2.1:5060 -p 9 -o --pe sip", "-A -u 192.0.2.1:5060 -s wlc -p 9 --pe sip -o"),
        ("-A -f 10 -6 -s rr", "-A -f 10 -6 -s rr"),
        ("-A -f -1 -s rr", "-A -f 4294967295 -s rr"),
        ("-A -f -2147483648 -s rr", "-A -f 2147483648 -s rr"),
        ("-A -f 1 -s sh -b flag-1,sh-port", "-A -f 1 -s sh -b sh-fallback,sh-port"),
        (
            "--add-service --sctp-service=192.0.2.1:80 --scheduler wrr --persistent=60"
            " --netmask 255.255.0.0 --sched-flags flag-2",
            "-A --sctp-service 192.0.2.1:80 -s wrr -p 60 -M 255.255.0.0 -b flag-2",
        ),
        ("-A --udp-service 192.0.2.1:53 --ops", "-A -u 192.0.2.1:53 -s wlc -o"),
        ("-A --fwmark-service 1 --ipv6", "-A -f 1 -6 -s wlc"),
    ],
)  # fmt: skip
def test_services_as_people_write_them(said: str, meant: str) -> None:
    """ipvsadm's defaults, and every way to say the same."""
    assert print_table(made_by(said)) == f"{meant}\n"


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("-r 192.0.2.2", "-r 192.0.2.2:80 -g -w 1"),
        ("-r 192.0.2.2 -m", "-r 192.0.2.2:80 -m -w 1"),
        ("-r 192.0.2.2:8080 -m -w5", "-r 192.0.2.2:8080 -m -w 5"),
        ("-r 192.0.2.2:8080 -g", "-r 192.0.2.2:80 -g -w 1"),
        ("-mr 192.0.2.2:8080 -w 0", "-r 192.0.2.2:8080 -m -w 0"),
        ("-r [2001:db8::2] -i", "-r [2001:db8::2]:80 -i -w 1 --tun-type ipip"),
        ("-r 2001:db8::2 --ipip", "-r [2001:db8::2]:80 -i -w 1 --tun-type ipip"),
        ("-r 192.0.2.2 -m -x 9 -y 3", "-r 192.0.2.2:80 -m -w 1 -x 9 -y 3"),
        (
            "--real-server 192.0.2.2 --masquerading --weight 2 --u-threshold=9 --l-threshold 3",
            "-r 192.0.2.2:80 -m -w 2 -x 9 -y 3",
        ),
        (
            "-r 192.0.2.2 -i --tun-type gue --tun-port 6080 --tun-csum",
            "-r 192.0.2.2:80 -i -w 1 --tun-type gue --tun-port 6080 --tun-csum",
        ),
        (
            "-r 192.0.2.2 -i --tun-type gre --tun-nocsum",
            "-r 192.0.2.2:80 -i -w 1 --tun-type gre --tun-nocsum",
        ),
    ],
)
def test_real_servers_as_people_write_them(said: str, meant: str) -> None:
    """ipvsadm's defaults, and every way to say the same."""
    printed = print_table(made_by(f"-A -t 192.0.2.1:80\n-a -t 192.0.2.1:80 {said}"))
    assert printed.splitlines()[1] == f"-a -t 192.0.2.1:80 {meant}"


@pytest.mark.parametrize(
    "line",
    [
        "ipvsadm {}",
        "  /sbin/ipvsadm  {}",
        "sudo ipvsadm {}",
        "[root@director ~]# ipvsadm {}",
        "{} # it is the web",
        "\t{}\r",
        "ipvsadm {} -n",
    ],
)
def test_lines_as_people_paste_them(line: str) -> None:
    """Prompts, paths and comments are not part of a rule."""
    text = "\n".join(["# ipvsadm -A -f 1", "", line.format(WEB), line.format(WEB_SERVER)])
    assert print_table(made_by(text)) == f"{WEB}\n{WEB_SERVER}\n"


def test_rules_are_followed_one_after_the_other() -> None:
    """Whatever a session did, its outcome counts."""
    session = """
        ipvsadm -A -f 1
        ipvsadm -C
        ipvsadm -A -t 192.0.2.1:80 -s rr -p
        ipvsadm -A -t 192.0.2.1:443
        ipvsadm -a -t 192.0.2.1:80 -r 192.0.2.2 -m -w 3
        ipvsadm -a -t 192.0.2.1:80 -r 192.0.2.3:8080 -m
        ipvsadm -E -t 192.0.2.1:80 -s wrr
        ipvsadm -e -t 192.0.2.1:80 -r 192.0.2.2 -m
        ipvsadm -d -t 192.0.2.1:80 -r 192.0.2.3:8080
        ipvsadm -D -t 192.0.2.1:443
    """
    assert print_table(made_by(session)).splitlines() == [
        "-A -t 192.0.2.1:80 -s wrr",
        "-a -t 192.0.2.1:80 -r 192.0.2.2:80 -m -w 1",
    ]


def test_a_rule_leaves_thresholds_that_it_does_not_name() -> None:
    """ipvsadm -S does not print them."""
    have = made_by(f"{WEB}\n{WEB_SERVER} -x 9 -y 3")
    assert plan_table(have, parse_rules(f"{WEB}\n{WEB_SERVER}"), Policy()).operations == ()
    assert plan_table(have, parse_rules(f"{WEB}\n{WEB_SERVER} -x 0"), Policy()).operations != ()


def test_a_rule_says_all_the_rest() -> None:
    """What a rule does not name is ipvsadm's default, whatever is there."""
    have = made_by("-A -t 192.168.0.111:80 -s sh -b sh-port -p 9 -M 255.0.0.0")
    assert plan_table(have, parse_rules(WEB), Policy()).after == made_by(WEB)


def test_another_port_by_dr_and_tun() -> None:
    """The service's is meant where the server is added; one that is there is kept as it is."""
    wanted = parse_rules(f"{WEB}\n-a -t 192.168.0.111:80 -r 192.0.2.2:8080 -g")
    key = wanted[0].key
    servers = {}
    for there in ((), (("192.0.2.2", 80),), (("192.0.2.2", 8080),)):
        (service,) = as_ipvsadm_adds(wanted, {key: there})
        servers[there] = [server.key for server in service.real_servers or ()]
    assert servers == {
        (): [("192.0.2.2", 80)],
        (("192.0.2.2", 80),): [("192.0.2.2", 80)],
        (("192.0.2.2", 8080),): [("192.0.2.2", 8080)],
    }


def test_another_port_of_one_server_twice() -> None:
    """Both would be the one at the service's port."""
    server = "-a -t 192.168.0.111:80 -r 192.0.2.2:{} -i"
    wanted = parse_rules("\n".join([WEB, server.format(8080), server.format(8081)]))
    with pytest.raises(ModelError, match="port 8081 is 80 by dr and tun"):
        as_ipvsadm_adds(wanted, {})


def test_names_are_looked_up() -> None:
    """ipvsadm -S without -n prints names."""
    hosts = {"web": ("192.0.2.1", "2001:db8::1"), "rs": ("192.0.2.2", None)}
    names = Names(
        lambda host, family: hosts[host][family == "ipv6"],
        lambda service, protocol: {("http", "tcp"): 80}.get((service, protocol)),
    )
    text = "-A -t web:http -s rr\n-a -t web:http -r rs:http -m -w 1\n-A -t [web]:http -s rr"
    table = plan_table(Table(), parse_rules(text, names), Policy()).after
    assert print_table(table).splitlines() == [
        "-A -t 192.0.2.1:80 -s rr",
        "-a -t 192.0.2.1:80 -r 192.0.2.2:80 -m -w 1",
        "-A -t [2001:db8::1]:80 -s rr",
    ]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("-A", "line 1 (-A): the service is not given"),
        ("\n-A -t", "line 2 (-A -t): -t has no value"),
        (f"{WEB}\n{WEB}", "line 2 .*: service tcp 192.168.0.111:80 is there already"),
        (WEB_SERVER, "service tcp 192.168.0.111:80 is not there; add it first, by -A"),
        (f"{WEB}\n{WEB_SERVER}\n{WEB_SERVER}", "line 3 .*192.168.137.131:80 of .* there already"),
        (f"{WEB}\n-d{WEB_SERVER[2:-8]}", "192.168.137.131:80 of .* is not there; add it first"),
        (f"{WEB}\n-a -t 192.168.0.111:80", "the real server is not given; give it by -r"),
        (f"{WEB} -w 3", "weight '3' is not for this command"),
        (f"{WEB}\n{WEB_SERVER} -s rr", "scheduler 'rr' is not for this command"),
        (f"{WEB} -s rr", "-s says once more"),
        (f"{WEB} -D", "-A and -D are two commands"),
        ("-t 192.168.0.111:80", "it has no command"),
        ("-A -t 192.0.2.1:http", "'http' is no port, and no tcp service of this name"),
        ("-A -t web:80", "'web' is no address, and no host of this name"),
        ("-A -t [2001:db8::1:80", "is no address; write it as"),
        ("-A -t 192.0.2.1:80 -f 3", "it names a service twice"),
        ("-A -t $VIP:80", r"'\$VIP' is no address"),
        ("-A -t 192.0.2.1:80 --fast", "--fast is no option of a rule"),
        ("-A -t '192.0.2.1:80", "line 1 .*: No closing quotation"),
        ("--set 900 120 300", "use ipvs_timeouts"),
        ("--start-daemon master", "use ipvs_sync_daemon"),
        ("ipvsadm -Ln", "-L does not describe a table; use ipvs_info"),
        (f"{WEB} -M 255.0.0.0", "persistent_netmask '255.0.0.0' has no effect"),
        (f"{WEB}\n{WEB_SERVER[:-1]}70000", "weight 70000 is out of range"),
    ],
)
def test_bad_rules(text: str, message: str) -> None:
    """One sentence with the line, what is wrong with it, and the fix."""
    with pytest.raises(ModelError, match=message.replace("(", r"\(").replace(")", r"\)")) as raised:
        made_by(text)
    assert "\n" not in str(raised.value)


SWITCHES = ("-A", "-a", "-t", "-f", "-r", "-p", "-w", "-M", "-6", "-i", "--tun-type", "--pe", "-D")
VALUES = ("192.0.2.1:80", "[::1]:80", "[", "]:", ":", "10", "-5", "rr", "gue", "ipvsadm", "#", "'")
SHREDS = st.sampled_from((*SWITCHES, *VALUES, "-", "--", "=", "\\"))


@given(tables(), tables())
def test_whole_rules_leave_nothing_of_before(have: Table, want: Table) -> None:
    """Whatever there was, thresholds included, the table is what rules say that say all."""
    rules = [
        rule
        for service in want.sorted_services()
        for rule in (
            print_service(service),
            *(
                print_real_server(service.key, server, whole=True)
                for server in want.sorted_servers(service.key)
            ),
        )
    ]
    plan = plan_table(have, parse_rules("\n".join(rules)), Policy(prune="all"))
    assert plan.after.as_result() == want.as_result()


def test_rules_alike_are_told_apart() -> None:
    """What is read once for many is not taken for what is nearly the same."""
    rules = [
        *(
            "-A -t 10.0.0.1:80 -s rr",
            "-A -t 10.0.0.2:80 -s rr",
            "-A -f 7 -s rr",
            "-A -f 8 -s rr -6",
        ),
        "-a -t 10.0.0.1:80 -r 10.1.0.1:80 -m -w 5",
        "-a -t 10.0.0.1:80 -r 10.1.0.2:81 -m -w 5",
        "-a -t 10.0.0.2:80 -r 10.1.0.1 -m -w 5",
        "-a -t 10.0.0.2:80 -r 10.1.0.2 -m -w 6",
        "-a -t 10.0.0.2:80 -w 6 -r 10.1.0.3 -m",
        "-a -f 7 -r 10.1.0.1 -g -w 5",
        "-a -f 8 -6 -r [fd00::1]:9 -g -w 5",
        "-e -t 10.0.0.1:80 -r 10.1.0.2:81 -m -w 9",
    ]
    first, second, seven, eight = parse_rules("\n".join(rules))
    assert [(s.key, s.given["weight"]) for s in first.real_servers or ()] == [
        (("10.1.0.1", 80), 5),
        (("10.1.0.2", 81), 9),
    ]
    assert [(s.key, s.given["weight"]) for s in second.real_servers or ()] == [
        (("10.1.0.1", 80), 5),
        (("10.1.0.2", 80), 6),
        (("10.1.0.3", 80), 6),
    ]
    assert (seven.key, [s.key for s in seven.real_servers or ()]) == (
        (7, "ipv4"),
        [("10.1.0.1", 0)],
    )
    assert (eight.key, [s.key for s in eight.real_servers or ()]) == ((8, "ipv6"), [("fd00::1", 9)])


def test_a_port_is_looked_at_in_each_rule() -> None:
    """Also where all else was read with another one."""
    rules = ["-A -t 10.0.0.1:80", *(f"-a -t 10.0.0.1:80 -r 10.1.0.1:{n} -m" for n in (81, 65536))]
    with pytest.raises(ModelError, match="port 65536 is out of range"):
        parse_rules("\n".join(rules))


def test_a_name_for_an_address_that_is_none() -> None:
    """A host's name may be known by an address with a zone, which no rule can have."""
    names = Names(lambda _host, _family: "fe80::1%eth0", lambda _service, _protocol: None)
    with pytest.raises(ModelError, match="no host of this name"):
        parse_rules("-A -t [router]:80", names)


@given(st.lists(st.lists(st.one_of(SHREDS, st.text(max_size=4)), max_size=8), max_size=4))
def test_junk_is_refused_in_a_sentence(lines: list[list[str]]) -> None:
    """Whatever is read, it is a table or a ModelError."""
    try:
        made_by("\n".join(" ".join(words) for words in lines))
    except ModelError as error:
        assert str(error)


def test_lines_that_are_wrong_are_told_and_left_out() -> None:
    """And so are those that hang on them; all others are read."""
    rules = [
        "-A -t 192.0.2.1:80 -s rr -p much",
        "-A -t 192.0.2.1:80 -s rr",
        "-a -t 192.0.2.1:80 -r 10.0.0.1:99999 -m",
        "-a -t 192.0.2.1:80 -r 10.0.0.2 -m",
        "-a -t 192.0.2.9:80 -r 10.0.0.2 -m",
        '-A "',
    ]
    told: dict[int, str] = {}
    (service,) = parse_rules(
        "\n".join(rules), refuse=lambda line, error: told.update({line: error.why})
    )
    assert [server.address for server in service.real_servers or ()] == ["10.0.0.2"]
    assert told == {
        1: "is not a whole number",
        3: "is out of range",
        5: "service tcp 192.0.2.9:80 is not there",
        6: "No closing quotation",
    }
