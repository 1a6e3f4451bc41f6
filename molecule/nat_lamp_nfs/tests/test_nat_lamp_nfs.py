"""The cluster of inventory nat_lamp_nfs: one page from the database and from the share."""

from __future__ import annotations

import pytest
from nodes import node, until, variable
from testinfra.host import Host

VIP = "172.18.42.122"


def page(client: Host, options: str = "") -> list[str]:
    """Return the lines of the application's page."""
    return str(client.run(f"curl -sS --max-time 20 {options} http://{VIP}/").stdout).splitlines()


def test_page_has_row_and_file(client: Host, rs1: Host) -> None:
    """What a client writes stands in the database and on the share, and on the page."""
    until("the application is up", lambda: "gd: there" in page(client), seconds=60)
    note = "written by a client"
    page(client, f"-d 'text={note}'")
    assert page(client)[:2] == [f"row: {note}", f"file: {note}"]
    assert page(client)[2:] == ["mysqli: there", "xml: there", "gd: there"]
    assert note in rs1.check_output("mariadb -NBe 'select text from lweim.notes'")
    assert node("nfs").file("/lweim/note.txt").content_string == note


def test_files_lie_on_the_share(rs1: Host) -> None:
    """With one owner by name and by number on both sides, and closed to others."""
    there = node("nfs").file("/lweim/index.php")
    here = rs1.check_output("runuser -u www-data -- stat -c '%U %u %a' /var/www/html")
    assert (there.user, there.uid, there.gid, there.mode) == ("www-data", 33, 33, 0o640)
    assert here == "www-data 33 770"
    assert rs1.mount_point("/var/www/html").filesystem == "nfs4"
    assert rs1.run("cat /var/www/html/index.php").rc != 0  # root is nobody there


def test_share_has_the_acl() -> None:
    """As the seed's setfacl -m u:apache:rwx."""
    nfs = node("nfs")
    nfs.check_output("test -x /usr/bin/getfacl")
    assert "user:www-data:rwx" in nfs.check_output("getfacl -p /lweim").splitlines()


def test_application_may_do_no_more(rs1: Host) -> None:
    """Its user comes from 127.0.0.1 only, and has its own database only."""
    grants = rs1.check_output("mariadb -NBe \"show grants for lweim@'127.0.0.1'\"")
    assert "ON `lweim`.* TO" in grants
    assert "GRANT USAGE ON *.*" in grants
    hosts = rs1.check_output("mariadb -NBe \"select host from mysql.user where user='lweim'\"")
    assert hosts == "127.0.0.1"
    assert not rs1.socket("tcp://10.0.1.99:3306").is_listening


@pytest.mark.parametrize("name", ["rs1", "nfs"])
def test_others_read_no_secret(name: str) -> None:
    """Nor does root, on the share: the secret is not on it."""
    words = "grep -rlsF -- %s /etc /lweim /opt /root /run /srv /tmp /usr/local /var"
    found = node(name).run(f"runuser -u nobody -- {words}", variable("vault_lweim_password"))
    assert not found.stdout
    shared = node("nfs").run("grep -rlsF -- %s /lweim", variable("vault_lweim_password"))
    assert not shared.stdout
