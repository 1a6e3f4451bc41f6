"""The steps of the write-up, and what else may happen to a running cluster; in this order."""

from __future__ import annotations

from typing import Any

from ansible_collections.lvs.cluster.plugins.plugin_utils._views import ldirectord as _ldirectord
from check_examples import check_of, had_by
from described import cluster, service
from nodes import Download, Site, established, fetch, lab, table, until
from testinfra.host import Host

VIP, VIP6 = "10.0.0.100", "fd00:10::100"
RS1, RS2 = "192.168.137.131", "192.168.137.130"
INTERVAL, TIMEOUT = 1, 3  # of the inventory's checks


def servers(director: Host) -> set[str]:
    """All who are in the table, of any service."""
    return {row[1] for row in table(director) if row[0] == "->"}


def page(host: Host, text: str) -> None:
    """Change the page that is checked."""
    host.check_output(f"echo {text} >/var/www/html/index.html")


def asked(client: Host) -> set[str]:
    """Who answers, by IPv4 and by IPv6."""
    return {*fetch(client, VIP, 4), *fetch(client, f"[{VIP6}]", 4)}


WATCH = f"""
while ipvsadm -Sn | grep -q {RS1}:80; do sleep 0.05; done
date +%s.%N >/tmp/out
while ! ipvsadm -Sn | grep -q {RS1}:80; do sleep 0.05; done
date +%s.%N >/tmp/in
"""


def test_a_server_that_stops(client: Host, director: Host, rs1: Host) -> None:
    """It is out within interval and timeout, and the client sees only the other; and back."""
    director.check_output(f"rm -f /tmp/out /tmp/in; sh -c '{WATCH}' </dev/null >/dev/null 2>&1 &")
    stopped = float(rs1.check_output("systemctl stop nginx && date +%s.%N"))
    out = float(until("it is out", lambda: director.run("cat /tmp/out").stdout))
    until("it is out by IPv6", lambda: "[fd00:137::131]:80" not in servers(director))
    assert asked(client) == {"rs2"}
    started = float(rs1.check_output("systemctl start nginx && date +%s.%N"))
    back = float(until("it is back", lambda: director.run("cat /tmp/in").stdout))
    print(
        f"out after {out - stopped:.2f} s, back after {back - started:.2f} s; promised are"
        f" {INTERVAL} s and, where the server does not answer at all, {TIMEOUT} s more"
    )
    until("it is back by IPv6", lambda: "[fd00:137::131]:80" in servers(director))
    assert asked(client) == {"rs1", "rs2"}


def test_a_server_with_the_wrong_page(client: Host, director: Host, rs2: Host) -> None:
    """It answers, but not as it should."""
    page(rs2, "maintenance")
    until("it is out", lambda: len(servers(director)) == 2)
    assert asked(client) == {"rs1"}
    page(rs2, "rs2")
    until("it is back", lambda: len(servers(director)) == 4)


def test_no_server_is_left(client: Host, director: Host, rs1: Host, rs2: Host) -> None:
    """The director is sorry, until there is one again."""
    for server in (rs1, rs2):
        server.check_output("systemctl stop nginx")
    until("the sorry server is in", lambda: servers(director) == {"127.0.0.1:80", "[::1]:80"})
    assert asked(client) == {"sorry"}
    for server in (rs1, rs2):
        server.check_output("systemctl start nginx")
    until("they are back", lambda: len(servers(director)) == 4)
    assert asked(client) == {"rs1", "rs2"}


# What somebody does to the table of ldirectord. What a check run says of it is shown in ha.
BY_HAND = (
    f"ipvsadm -E -t {VIP}:80 -s wlc",
    f"ipvsadm -e -t {VIP}:80 -r {RS1}:80 -g -w 5",
    f"ipvsadm -a -t {VIP}:80 -r 192.168.137.77:80 -g",
    f"ipvsadm -D -t [{VIP6}]:80",
)


def test_by_hand(site: Site, director: Host, rs2: Host) -> None:
    """site repairs what somebody has changed in ldirectord's table; who is down stays out."""
    page(rs2, "maintenance")
    until("rs2 is out", lambda: len(servers(director)) == 2)
    was = table(director)
    for command in BY_HAND:
        director.check_output(command)
    assert len(table(director)) == len(was) - 1
    site(options=["--tags", "table"])
    # ldirectord has the sorry server in a service that is new to it, until it has asked the others.
    until("it is as it was", lambda: table(director) == was)
    page(rs2, "rs2")
    until("rs2 is back", lambda: len(servers(director)) == 4)


MAIL = """
import socketserver


class Session(socketserver.StreamRequestHandler):
    def handle(self):
        self.wfile.write(b"220 lab\\r\\n")
        for line in self.rfile:
            self.server.kept.write(line.decode())
            self.server.kept.flush()
            if line.startswith(b"DATA"):
                self.server.within = True
                self.wfile.write(b"354 go on\\r\\n")
            elif not self.server.within or line == b".\\r\\n":
                self.server.within = False
                self.wfile.write(b"250 yes\\r\\n")


with socketserver.TCPServer(("127.0.0.1", 25), Session) as server:
    server.kept, server.within = open("/root/mail", "w"), False
    server.serve_forever()
"""


def many(services: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The inventory's services, which now keep a server that is out, and others beside them."""
    when = {"interval": INTERVAL, "timeout": TIMEOUT}
    both = {"scheduler": "wrr", "forward": "dr", "real_servers": services[0]["real_servers"]}
    quiet = [{**one, "check": {**one["check"], "quiescent": True}} for one in services]
    program = {"type": "external", "command": "/usr/local/bin/is-rs1"}
    return [
        *quiet,
        {"name": "secure", "address": VIP, "port": 443, "check": {"type": "https", **when}, **both},
        {"name": "echo", "address": VIP, "port": 53, "protocol": "udp", "check": when, **both},
        {"name": "asked", "address": VIP, "port": 81, "check": {**program, **when}, **both},
        {
            "name": "marked",
            "fwmark": 10,
            "addresses": [VIP, VIP6],
            "ports": [8080],
            "persistent_timeout": 60,
            "check": {"type": "connect", "port": 8080, **when},
            **both,
        },
    ]


THEIRS = """vrrp_instance theirs {
    interface eth1
    virtual_router_id 77
    virtual_ipaddress {
        192.168.137.200/24
    }
}
"""


def test_keepalived_takes_the_table(site: Site, client: Host, director: Host) -> None:
    """And gives it back, with the addresses; a download goes on all the while.

    So does what keepalived does for others on this director, until they have no use for it any
    more: the teardown, at the end, has nothing to give back then.
    """
    conf = director.file("/etc/keepalived/keepalived.conf")
    director.check_output(f"mkdir -p /etc/keepalived; echo '{THEIRS}' >{conf.path}")
    director.check_output("apt-get -qy install --no-install-recommends keepalived")
    until("it serves others", lambda: "192.168.137.200/" in director.check_output("ip -br a"))
    download = Download(client, VIP)
    (connection,) = until("the download has begun", lambda: established(director))
    before = sorted(director.check_output("ipvsadm -Sn").splitlines())
    site(director_manager="keepalived", keepalived_interface="eth1")
    assert sorted(director.check_output("ipvsadm -Sn").splitlines()) == before
    assert not director.service("ldirectord").is_running
    until("it has the addresses", lambda: asked(client) == {"rs1", "rs2"})
    until("others, too", lambda: "192.168.137.200/" in director.check_output("ip -br a"))
    site()
    assert sorted(director.check_output("ipvsadm -Sn").splitlines()) == before
    assert director.service("keepalived").is_running
    assert director.service("keepalived").is_enabled
    assert conf.content_string.strip() == THEIRS.strip()
    assert not director.file("/etc/keepalived/lvs-cluster.conf").exists
    until("others, still", lambda: "192.168.137.200/" in director.check_output("ip -br a"))
    assert director.run("nft list table inet lvs_handover").failed
    assert established(director) == [connection]
    assert download.size() == 20 * 1024 * 1024
    assert not director.file("/etc/lvs-cluster/keepalived.before").exists
    director.check_output(f"systemctl disable --now keepalived && rm {conf.path}")


def test_the_table_changes_hands(
    site: Site, client: Host, director: Host, services: list[dict[str, Any]]
) -> None:
    """To the director itself and back; a download goes on all the while."""
    download = Download(client, VIP)
    (connection,) = until("the download has begun", lambda: established(director))
    before = director.check_output("ipvsadm -Sn")

    plain = [{k: v for k, v in one.items() if k != "sorry_server"} for one in services]
    old = {**plain[0], "name": "old", "port": 8081}
    site(*plain, old, director_manager="static")
    kept = f"-A -t {VIP}:8081 -s rr"
    assert set(director.check_output("ipvsadm -Sn").splitlines()) > {*before.splitlines(), kept}
    assert not director.service("ldirectord").is_running
    assert not director.service("ldirectord").is_enabled
    assert "Dummy" in director.file("/etc/ha.d/ldirectord.cf").content_string
    assert established(director) == [connection]

    director.check_output(f"echo '[ $3 = {RS1} ]' >/usr/local/bin/is-rs1")
    director.check_output(
        "sed -i 1i#!/bin/sh /usr/local/bin/is-rs1; chmod +x /usr/local/bin/is-rs1"
    )
    certificate = client.check_output("cat /root/lab.crt")
    director.check_output(f"echo '{certificate}' >/root/lab.crt")
    director.check_output(f"cat >/root/mail.py <<'END'\n{MAIL}\nEND")
    director.check_output("systemd-run --unit lab-mail python3 /root/mail.py")
    site(
        *many(services),
        ldirectord_ca_file="/root/lab.crt",
        ldirectord_email_alert=["watch@example.com"],
        ldirectord_smtp="127.0.0.1",
    )
    assert established(director) == [connection]
    assert download.size() == 20 * 1024 * 1024


def in_full(key: str, options: str, *real: str) -> list[str]:
    """A service and its servers, as ipvsadm prints them."""
    return [f"-A {key} -s {options}", *(f"-a {key} -r {one} -g -w 1" for one in real)]


def test_many_services(client: Host, director: Host) -> None:
    """Pages, TLS, a ping, a program, a mark of both families: each with what it should have."""
    expected = sorted(
        [
            *in_full(f"-t {VIP}:80", "rr", f"{RS2}:80", f"{RS1}:80"),
            *in_full(f"-t [{VIP6}]:80", "rr", "[fd00:137::130]:80", "[fd00:137::131]:80"),
            *in_full(f"-t {VIP}:443", "wrr", f"{RS2}:443", f"{RS1}:443"),
            *in_full(f"-u {VIP}:53", "wrr", f"{RS2}:53", f"{RS1}:53"),
            *in_full(f"-t {VIP}:81", "wrr", f"{RS1}:81"),
            *in_full("-f 10", "wrr -p 60", f"{RS2}:0", f"{RS1}:0"),
            *in_full("-f 10 -6", "wrr -p 60", "[fd00:137::130]:0", "[fd00:137::131]:0"),
        ]
    )
    until(
        "all are in", lambda: sorted(director.check_output("ipvsadm -Sn").splitlines()) == expected
    )
    assert set(fetch(client, f"https://{VIP}", 4, "--cacert /root/lab.crt")) == {"rs1", "rs2"}
    for address in (VIP, f"[{VIP6}]"):
        assert len(set(fetch(client, f"{address}:8080", 4))) == 1


def test_a_server_that_is_out_keeps_its_connections(
    client: Host, director: Host, rs1: Host, rs2: Host
) -> None:
    """quiescent: it has weight 0, over a reload too, and a download goes on to its end."""
    download = Download(client, VIP)
    (connection,) = until("the download has begun", lambda: established(director))
    server, other, port = (rs1, rs2, RS1) if f"{RS1}:80" in connection else (rs2, rs1, RS2)
    name, rest = server.check_output("hostname"), other.check_output("hostname")
    page(server, "maintenance")
    quiet = ["->", f"{port}:80", "Route", "0"]
    until("it has weight 0", lambda: quiet in table(director))
    assert set(fetch(client, VIP, 4)) == {rest}
    director.check_output("systemctl reload ldirectord")
    director.check_output("systemctl restart ldirectord")
    assert quiet in table(director)
    assert established(director) == [connection]
    page(server, name)
    until("it has its weight again", lambda: quiet not in table(director))
    assert download.size() == 20 * 1024 * 1024
    told = director.file("/root/mail")
    until("it is told", lambda: f"Quiescent real server: {port}:80" in told.content_string)
    until("that, too", lambda: f"Restored real server: {port}:80" in told.content_string)
    assert "RCPT TO:<watch@example.com>" in told.content_string


def test_ldirectord_that_ends(director: Host) -> None:
    """The table stays, and it is started again."""
    before = director.check_output("ipvsadm -Sn")
    director.check_output("kill -KILL $(cat /run/ldirectord.ldirectord.pid)")
    assert director.check_output("ipvsadm -Sn") == before
    until("it runs again", lambda: director.run("ldirectord status").succeeded, 60)


def test_every_type_of_check_is_valid(director: Host) -> None:
    """ldirectord takes what is written for each that it has, and does not take what it has not."""
    described = [
        service(port=1000 + number, check=check_of(name, "ldirectord"))
        for number, name in enumerate(had_by("ldirectord"))
    ]
    sections = _ldirectord.virtual_sections(cluster(*described), True)
    text = "\n\n".join("\n\t".join(lines) for lines in sections)
    check = "lvs-ldirectord-check /root/all.cf"
    director.check_output(f"cat >/root/all.cf <<'END'\n{text}\nEND\n{check}")
    for good, bad in (("service=imaps", "service=imapss"), ('receive="example"', 'receive="("')):
        assert good in text
        director.check_output(f"cat >/root/all.cf <<'END'\n{text.replace(good, bad)}\nEND")
        assert director.run(check).failed


def test_bad_description(site: Site, director: Host, services: list[dict[str, Any]]) -> None:
    """What cannot work is told before anything is touched; what ldirectord does not take, after."""
    before = director.check_output("ipvsadm -Sn; cat /etc/ha.d/ldirectord.cf")
    web, *others = many(services)
    for checked, told in (
        ({"type": "udp"}, "service web: check.type 'udp' is not one that ldirectord has; use one"),
        ({"expect": "(", "interval": 1}, "Unmatched ( in regex"),
    ):
        done = site({**web, "check": checked}, *others, check=False)
        assert done.returncode != 0
        assert told in " ".join(done.stdout.split())
    assert director.check_output("ipvsadm -Sn; cat /etc/ha.d/ldirectord.cf") == before


def test_no_old_table_comes_back(client: Host, director: Host) -> None:
    """The director saved one when it had it; at boot there is only what ldirectord has checked."""
    assert not director.file("/etc/ipvsadm.rules").exists
    before = sorted(director.check_output("ipvsadm -Sn").splitlines())
    lab("reboot", "director")
    until(
        "the table is there",
        lambda: sorted(director.check_output("ipvsadm -Sn").splitlines()) == before,
        60,
    )
    assert asked(client) == {"rs1", "rs2"}


def test_back_to_the_start(site: Site, client: Host, director: Host) -> None:
    """The inventory as it is: what is no longer declared is gone."""
    site()
    assert {row[1] for row in table(director) if row[0] != "->"} == {f"{VIP}:80", f"[{VIP6}]:80"}
    assert asked(client) == {"rs1", "rs2"}
