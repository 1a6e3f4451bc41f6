# Copyright (c) 2026, The lvs.cluster authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The watcher of a unit: what it takes for a sign, and what it does then."""

from __future__ import annotations

import errno
import os
import re
import socket
import time
from collections.abc import Callable, Iterator
from importlib.machinery import SourceFileLoader
from importlib.util import module_from_spec, spec_from_loader
from pathlib import Path
from typing import Any

import pytest
import yaml

ROLE = Path(__file__).parents[3] / "roles" / "_unit"

# As Linux 7.2 told them; of interfaces only the beginning.
LINK_NEW = (
    "3000000010000000000000000000000000000100090000008200000000000000"  # a name, and nothing else
    "09000300657468370000000008000d00"
)
LINK_UP = LINK_NEW.replace("82000000", "c3000100")
ADDED4 = (
    "50000000140000006cc4096bd9010000021880000900000008000100c000020108000200c00002010900030065746837"
    "00000000080008008000000014000600ffffffffffffffffaf660100af660100"
)
ADDED6 = (
    "480000001400000000000000000000000a408200090000001400010020010db800000000000000000000000114000600"
    "ffffffffffffffffd8660100d86601000800080082000000"
)
REMOVED4, REMOVED6 = (text[:8] + "15" + text[10:] for text in (ADDED4, ADDED6))
DEFAULT4 = (
    "34000000180000066cc4096be001000002000000fe0300010000000008000f00fe00000008000500c00002fe08000400"
    "09000000"
)
DEFAULT6 = (
    "74000000180000066dc4096be50100000a000000fe0300010000000008000f00fe000000080006000004000014000500"
    "20010db80000000000000000000000fe080004000900000024000c000000000000000000000000000000000000000000"
    "0000000000000000000000000000000000500140000000000"[:-1]
)
NO_DEFAULT4, NO_DEFAULT6 = (text[:8] + "19" + text[10:] for text in (DEFAULT4, DEFAULT6))
ROUTE4 = (
    "3c000000180000066ec4096be901000002180000fe0300010000000008000f00fe00000008000100c633640008000500"
    "c00002fe0800040009000000"
)
TABLE_NEW = (
    "40000000000a000001000000ef01000001000002100001006c76735f636c757374657200080003000000000"
    "00c00040000000000000000010800020000000000"
)
FLUSHED = (  # a chain, the table, and the new generation, in one buffer
    "3c000000050a000001000000f201000001000004100001006c76735f636c7573746572000a0003006d61726b73000000"
    "0c000200000000000000000138000000020a000001000000f201000001000004100001006c76735f636c757374657200"
    "08000300000000000c00040000000000000000012c0000000f0a000001000000f2010000000000040800010000000004"
    "0800020000001831080003006e667400"
)
RULES = """\
-A -t 192.0.2.1:80 -s rr
-a -t 192.0.2.1:80 -r 10.0.0.1:80 -m -w 1
-A -u [2001:db8::1]:53 -s wlc -o
-A --sctp-service 192.0.2.1:9 -s rr
-A -f 10 -s rr
-A -f 10 -6 -s rr
-A -t name:http -s rr
"""
TABLE = """\
IP Virtual Server version 1.2.1 (size=4096)
Prot LocalAddress:Port Scheduler Flags
  -> RemoteAddress:Port Forward Weight ActiveConn InActConn
TCP  C0000201:0050 rr {more}
  -> 0A000001:0050      Masq    1      0          0
UDP  [2001:0db8:0000:0000:0000:0000:0000:0001]:0035 wlc ops
SCTP C0000201:0009 rr
FWM  0000000A rr
FWM  0000000A rr
"""


def load() -> Any:
    """Import the program."""
    loader = SourceFileLoader("lvs_watch", str(ROLE / "files" / "lvs-watch"))
    spec = spec_from_loader("lvs_watch", loader)
    assert spec
    module = module_from_spec(spec)
    loader.exec_module(module)
    return module


watch = load()


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A host's files."""
    monkeypatch.setenv("LVS_ROOT", str(tmp_path))
    for name in ("etc/lvs-cluster", "run/lvs-cluster", "proc/net"):
        (tmp_path / name).mkdir(parents=True)
    return tmp_path


def write(root: Path, name: str, text: str) -> None:
    """Write one of them."""
    path = root / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)


class Told:
    """What a kernel says that nobody else hears."""

    def __init__(self) -> None:
        """Have two ends, which keep messages apart."""
        self.here, self.there = socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.there.setblocking(False)

    def tell(self, *messages: str) -> None:
        """Say something."""
        for text in messages:
            self.here.send(bytes.fromhex(text))


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> Told:
    """The kernel, for whoever subscribes."""
    said = Told()
    monkeypatch.setattr(watch, "subscribed", lambda *_: said.there)
    return said


def wanted(**parts: Any) -> Any:
    """Return what is wanted, by names and addresses."""
    addresses = frozenset(watch.packed(one) for one in parts.get("addresses", ()))
    gateway = watch.packed(parts["gateway"]) if "gateway" in parts else b""
    devices = frozenset(parts.get("devices", ()))
    return watch.Wanted(addresses, devices, frozenset(parts.get("interfaces", devices)), gateway)


# ---- what is a sign


@pytest.mark.parametrize(
    ("text", "parts", "sign"),
    [
        (REMOVED4, {"addresses": ["192.0.2.1"]}, "192.0.2.1 removed"),
        (REMOVED6, {"addresses": ["2001:db8::1"]}, "2001:db8::1 removed"),
        (REMOVED4, {"addresses": ["192.0.2.2", "2001:db8::1"]}, None),
        (ADDED4, {"addresses": ["192.0.2.1"]}, None),
        (ADDED4, {"gateway": "192.0.2.254"}, "192.0.2.1/24 added"),
        (ADDED4, {"gateway": "192.0.3.254"}, None),
        (ADDED4, {"gateway": "2001:db8::fe"}, None),
        (ADDED6, {"gateway": "2001:db8::fe"}, "2001:db8::1/64 added"),
        (LINK_UP, {"interfaces": ["eth7"]}, "eth7 up"),
        (LINK_UP, {"interfaces": ["eth8"]}, None),
        (LINK_NEW, {"interfaces": ["eth7"]}, None),
        (LINK_NEW, {"devices": ["eth7"]}, "eth7 down"),
        (NO_DEFAULT4, {"gateway": "192.0.2.254"}, "default route removed"),
        (NO_DEFAULT4, {"gateway": "192.0.2.1"}, None),
        (DEFAULT4, {"gateway": "192.0.2.254"}, None),
        (DEFAULT4, {"gateway": "192.0.2.1"}, "another default route added"),
        (DEFAULT4, {"gateway": "2001:db8::1"}, None),
        (DEFAULT4.replace("fe030001", "c8030001"), {"gateway": "192.0.2.1"}, None),
        (NO_DEFAULT6, {"gateway": "2001:db8::fe"}, "default route removed"),
        (DEFAULT6, {"gateway": "2001:db8::1"}, "another default route added"),
        (ROUTE4, {"gateway": "192.0.2.1"}, None),
        (FLUSHED, {}, "nftables table lvs_cluster removed"),
        (FLUSHED.replace("6c7673", "6c7674"), {}, None),
        (TABLE_NEW, {}, None),
    ],
)
def test_what_is_a_sign(told: Told, text: str, parts: dict[str, Any], sign: str | None) -> None:
    """What is ours has gone, or what ours needs has come; what the unit itself gives is none."""
    told.tell(text)
    found = set(watch.Kernel("nat-real-server").signs(wanted(**parts)))
    assert found == ({sign} if sign else set())


def test_an_address_that_is_told_again_is_no_sign(told: Told) -> None:
    """The kernel does so with each advertisement of a router; when it had gone it is one."""
    kernel, parts = watch.Kernel("nat-real-server"), wanted(gateway="192.0.2.254")
    told.tell(ADDED4, ADDED4)
    assert list(kernel.signs(parts)) == ["192.0.2.1/24 added"]
    told.tell(ADDED4)
    assert list(kernel.signs(parts)) == []
    told.tell(REMOVED4, ADDED4)
    assert list(kernel.signs(parts)) == ["192.0.2.1/24 added"]


def test_messages_that_were_lost_are_a_sign(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody knows what they were."""

    class Full:
        def recv(self, _size: int) -> bytes:
            raise OSError(errno.ENOBUFS, os.strerror(errno.ENOBUFS))

    monkeypatch.setattr(watch, "subscribed", lambda *_: Full())
    (sign,) = watch.Kernel("dr-real-server").signs(wanted())
    assert "No buffer space" in sign


@pytest.mark.parametrize(
    ("owner", "routes", "rules"),
    [("director", False, True), ("nat-real-server", True, False), ("dr-real-server", False, False)],
)
def test_what_is_listened_to(
    monkeypatch: pytest.MonkeyPatch, owner: str, routes: bool, rules: bool
) -> None:
    """A router's table is not read where no route is ours."""
    asked: list[tuple[int, list[int]]] = []
    monkeypatch.setattr(watch, "subscribed", lambda *of: asked.append(of))
    watch.Kernel(owner)
    assert ({7, 11} <= set(asked[0][1])) == routes
    assert (watch.NETLINK_NETFILTER in [family for family, _ in asked]) == rules


# ---- what it looks at


def test_what_the_role_has_written(root: Path) -> None:
    """The files of one owner; a file that is not there says nothing."""
    prefix = "etc/lvs-cluster/director"
    write(root, f"{prefix}.addresses", "# Managed\n192.0.2.1/32 eth1\n2001:db8::1/128 lo\n")
    write(root, f"{prefix}.daemons", "--start-daemon master --mcast-interface eth2 --syncid 7\n")
    write(
        root, f"{prefix}.settings", "net/ipv4/conf/eth4/send_redirects 0\nnet/ipv4/ip_forward 1\n"
    )
    write(root, "etc/lvs-cluster/tun-real-server.devices", "tunl0\n")
    write(root, "etc/lvs-cluster/nat-real-server.gateway", "192.0.2.254 eth3\n")
    assert watch.Files("director").wanted() == wanted(
        addresses=["192.0.2.1", "2001:db8::1"], interfaces=["eth1", "lo", "eth2", "eth4"]
    )
    assert watch.Files("tun-real-server").wanted() == wanted(devices=["tunl0"])
    assert watch.Files("nat-real-server").wanted() == wanted(
        gateway="192.0.2.254", interfaces=["eth3"]
    )


def saved(root: Path, rules: str) -> None:
    """Have a saved table whose services are all ours."""
    write(root, "etc/lvs-cluster/director.rules", rules)
    ours = re.findall(r"^-A (-\S+ \S+(?: -6)?)", rules, re.MULTILINE)
    write(root, "etc/lvs-cluster/director.services", "".join(f"{line}\n" for line in ours))


@pytest.mark.parametrize(
    ("cut", "missing"),
    [
        ("", []),
        ("TCP  C0000201:0050", ["TCP C0000201:0050"]),
        ("UDP  ", ["UDP [2001:0db8:0000:0000:0000:0000:0000:0001]:0035"]),
        ("SCTP", ["SCTP C0000201:0009"]),
        ("FWM", ["FWM 0000000A (2)"]),
        ("  -> 0A000001", []),
    ],
)
def test_services_that_are_gone(root: Path, cut: str, missing: list[str]) -> None:
    """A mark's services of two families are two. Real servers and weights are not looked at."""
    saved(root, RULES)
    lines = TABLE.format(more="").splitlines(keepends=True)
    gone = next((line for line in lines if cut and line.startswith(cut)), None)
    if gone:
        lines.remove(gone)
    write(root, "proc/net/ip_vs", "".join(lines))
    assert watch.Files("director").missing() == missing


def test_all_are_gone_where_there_is_no_ipvs(root: Path) -> None:
    """Its module has been unloaded; the rules are read again when they have changed."""
    saved(root, RULES)
    files = watch.Files("director")
    assert len(files.missing()) == 5
    saved(root, RULES.replace("-A -u", "-A -t") + "\n")
    assert "TCP [2001:0db8:0000:0000:0000:0000:0000:0001]:0035" in files.missing()


def test_a_service_of_somebody_else_is_not_looked_at(root: Path) -> None:
    """It is saved with the table, and whoever made it may take it out."""
    saved(root, RULES)
    write(root, "etc/lvs-cluster/director.services", "-f 10 -6\n")
    write(root, "proc/net/ip_vs", TABLE.partition("TCP")[0])
    assert watch.Files("director").missing() == ["FWM 0000000A"]


def test_a_health_checkers_table_is_not_looked_at(root: Path) -> None:
    """There are no rules of ours then; nor is it where the link leads nowhere."""
    write(root, "proc/net/ip_vs", TABLE.partition("TCP")[0])
    files = watch.Files("director")
    assert files.missing() == []
    (root / "etc/lvs-cluster/director.rules").symlink_to(root / "nothing")
    assert files.missing() == []


def test_a_look_is_cheap(root: Path) -> None:
    """With 1,000 services of 10 real servers: it is taken twice a second, for ever."""
    rules = "".join(f"-A -t 10.0.{n >> 8}.{n & 255}:80 -s rr\n" for n in range(1000))
    servers = "  -> 0A000001:0050      Masq    1      0          0         \n" * 10
    shown = "".join(f"TCP  0A00{n:04X}:0050 rr \n{servers}" for n in range(1000))
    saved(root, rules)
    write(root, "proc/net/ip_vs", f"{TABLE.partition('TCP')[0]}{shown}")
    files = watch.Files("director")
    assert files.missing() == []
    began = time.process_time()
    for _again in range(10):
        assert files.missing() == []
    print(f"a look takes {(time.process_time() - began) * 100:.1f} ms")


def test_settings_that_are_gone(root: Path) -> None:
    """Of those that the unit has set, because they were not so: what it need not set may differ."""
    ours = "net/ipv4/conf/all/arp_ignore 1\nnet/ipv4/vs/sync_threshold 3 50\n"
    write(root, "etc/lvs-cluster/director.settings", f"{ours}net/ipv4/conf/eth1/rp_filter 2\n")
    write(root, "run/lvs-cluster/director.settings", f"{ours}net/ipv4/conf/x/rp_filter 2\n")
    write(root, "proc/sys/net/ipv4/conf/all/arp_ignore", "1\n")
    write(root, "proc/sys/net/ipv4/vs/sync_threshold", "3\t50\n")
    write(root, "proc/sys/net/ipv4/conf/eth1/rp_filter", "0\n")
    files = watch.Files("director")
    assert files.missing() == []
    write(root, "proc/sys/net/ipv4/conf/all/arp_ignore", "0\n")
    assert files.missing() == ["net/ipv4/conf/all/arp_ignore"]


# ---- what it does


class Systemd:
    """A systemd that knows one unit, and its clock."""

    def __init__(self) -> None:
        """The unit is up."""
        self.state = "active"
        self.works = True
        self.did: list[str] = []
        self.asked: list[str] = []
        self.now = 0.0
        self.hurries = 0

    def systemctl(self, *words: str) -> tuple[bool, str]:
        """Do as systemctl does."""
        verb = next(word for word in words if not word.startswith("-"))
        self.asked.append(verb)
        if verb == "show":
            return True, self.state
        possible = self.state == ("active" if verb == "reload" else "failed")
        if possible:
            self.did.append(verb)
            self.now += 0.5
        if possible and self.works:
            self.state = "active"
        return possible and self.works, ""


@pytest.fixture
def systemd(monkeypatch: pytest.MonkeyPatch) -> Systemd:
    """A systemd, and a clock that goes on when somebody sleeps."""
    host = Systemd()

    def select(heard: list[socket.socket], _w: Any, _x: Any, wait: float) -> tuple[Any, ...]:
        try:
            heard[0].recv(1, socket.MSG_PEEK)
        except BlockingIOError:
            host.hurries = 0 if wait else host.hurries + 1
            assert host.hurries < 3, "it does not rest"
            host.now += max(wait, 0.001)
            return [], [], []
        return heard, [], []

    monkeypatch.setattr(watch, "systemctl", host.systemctl)
    monkeypatch.setattr(watch.time, "monotonic", lambda: host.now)
    monkeypatch.setattr(
        watch.time, "sleep", lambda seconds: setattr(host, "now", host.now + seconds)
    )
    monkeypatch.setattr(watch.select, "select", select)
    return host


Run = Callable[[float], list[str]]


@pytest.fixture
def run(root: Path, told: Told, systemd: Systemd) -> Iterator[Run]:
    """Run a watcher of a director for some seconds; it has begun already."""
    write(root, "etc/lvs-cluster/director.addresses", "192.0.2.1/32 eth7\n")
    saved(root, RULES)
    write(root, "proc/net/ip_vs", TABLE.format(more=""))
    watcher = watch.Watch("director")

    def steps(seconds: float) -> list[str]:
        systemd.did.clear()
        end = systemd.now + seconds
        while systemd.now < end:
            watcher.step()
        return [*systemd.did]

    assert steps(0.1) == ["reload"]
    yield steps


def test_a_unit_that_is_up_is_reloaded(run: Run, told: Told) -> None:
    """Once for many signs at once; and where nothing happens nothing is done."""
    assert run(60) == []
    told.tell(REMOVED4, REMOVED4, LINK_UP)
    assert run(60) == ["reload"]


def test_what_happens_meanwhile_is_a_sign_again(
    run: Run, told: Told, systemd: Systemd, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The unit may have been past it already."""

    def reload(*words: str) -> tuple[bool, str]:
        if not systemd.did:
            told.tell(REMOVED4)
        return systemd.systemctl(*words)

    monkeypatch.setattr(watch, "systemctl", reload)
    told.tell(REMOVED4)
    assert run(60) == ["reload", "reload"]


def test_a_unit_that_has_failed_is_started(run: Run, told: Told, systemd: Systemd) -> None:
    """When its interface comes."""
    systemd.state = "failed"
    assert run(60) == []
    told.tell(LINK_UP)
    assert run(60) == ["start"]
    assert systemd.state == "active"


def test_a_unit_that_somebody_has_stopped_is_left_alone(
    run: Run, told: Told, systemd: Systemd
) -> None:
    """There is nothing to watch any more."""
    systemd.state = "inactive"
    told.tell(REMOVED4)
    with pytest.raises(watch.Stopped):
        run(60)
    assert systemd.did == []


@pytest.mark.parametrize("state", ["activating", "deactivating", "reloading"])
def test_another_job_goes_first(run: Run, told: Told, systemd: Systemd, state: str) -> None:
    """It is tried again later."""
    systemd.state = state
    told.tell(REMOVED4)
    assert run(0.9) == []
    systemd.state = "active"
    assert run(10) == ["reload"]
    assert "start" not in systemd.asked


def test_what_fails_is_tried_again_later_and_later(run: Run, told: Told, systemd: Systemd) -> None:
    """A sign makes it be tried at once; when it works all is well."""
    systemd.works = False
    told.tell(REMOVED4)
    assert len(run(60)) == 6
    assert len(run(600)) in (9, 10)
    told.tell(LINK_UP)
    assert run(0.1) == ["reload"]
    systemd.works = True
    assert run(61) == ["reload"]
    assert run(600) == []


def test_a_table_that_cannot_be_put_back_is_no_reason_to_hurry(
    run: Run, root: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The unit reloads well, and the service is still gone."""
    write(root, "proc/net/ip_vs", TABLE.format(more="").replace("UDP ", "TCP "))
    assert len(run(60)) == 6
    assert "0035 gone" in capsys.readouterr().out


def test_somebody_who_takes_it_away_again_and_again(
    run: Run, told: Told, systemd: Systemd, capsys: pytest.CaptureFixture[str]
) -> None:
    """It is said once. When it is over there are some at once again."""
    done = 0
    while systemd.now < 300:
        told.tell(REMOVED4)
        done += len(run(1))
    assert 50 <= done <= 60
    assert capsys.readouterr().out.count("again and again") == 1
    run(100)
    told.tell(REMOVED4)
    assert run(0.2) == ["reload"]


def test_without_an_owner_it_says_how_it_is_used(monkeypatch: pytest.MonkeyPatch) -> None:
    """And ends."""
    monkeypatch.setattr(watch.sys, "argv", ["lvs-watch"])
    with pytest.raises(SystemExit, match="usage: lvs-watch OWNER"):
        watch.main()


# ---- its unit


def test_it_goes_with_its_unit() -> None:
    """Started by it, even if that has failed, and stopped before it."""
    templates = ROLE / "templates/etc/systemd/system"
    unit = (templates / "lvs-OWNER.service.j2").read_text()
    watcher = (templates / "lvs-watch@.service.j2").read_text()
    assert re.search(r"^Wants=.* lvs-watch@\{\{ unit_owner \}\}\.service$", unit, re.MULTILINE)
    assert "StartLimitIntervalSec=0\n" in unit
    assert "PartOf=lvs-%i.service\nAfter=lvs-%i.service\n" in watcher
    tasks = yaml.safe_load((ROLE / "tasks" / "configure.yml").read_text())
    assert "'lvs-watch'" in tasks[0]["lvs.cluster.unit"]["install"]["watch_program"]
