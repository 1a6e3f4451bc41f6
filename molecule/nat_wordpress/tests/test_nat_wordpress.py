"""The cluster of inventory nat_wordpress, with its files on the share."""

from __future__ import annotations

import pytest
from browser import Browser
from nodes import node, until, variable
from testinfra.host import Host

RS1, RS2 = "192.168.137.131", "192.168.137.130"


def test_site_is_served_by_both(client: Host, browser: Browser, director: Host) -> None:
    """Each of two requests, one after the other, goes to another server."""

    def served() -> list[int]:
        lines = director.check_output("ipvsadm -Ln --stats --exact").splitlines()[3:]
        return [int(line.split()[2]) for line in lines if "->" in line]

    until("the site is up", lambda: browser.status("/") == 200, seconds=60)
    before = served()
    for _request in range(4):
        assert "A cluster&#039;s site" in browser.get("/")
    until(
        "the requests are counted",
        lambda: all(count >= was + 2 for count, was in zip(served(), before)),
    )


def test_post_written_by_one_is_read_by_the_other(
    browser: Browser, director: Host, logged_in: Browser
) -> None:
    """Written through rs1 alone, by the session that was opened through the virtual address."""
    post = logged_in.at(director, RS1).post("Written through rs1")
    assert post["status"] == "publish"
    assert "Written through rs1" in browser.at(director, RS2).get(f"/?p={post['id']}")


def test_session_works_across_both(logged_in: Browser) -> None:
    """The administrator's pages, which send a stranger to the login."""
    pages = [logged_in.get("/wp-admin/") for _request in range(4)]
    assert all("Dashboard" in page for page in pages)


def test_picture_lies_on_the_share(logged_in: Browser, director: Host) -> None:
    """What one server stores, the NFS server has and the other serves."""
    rs1 = node("rs1")
    name = "wp-content/uploads/stored-by-php.txt"
    rs1.check_output(
        f"runuser -u www-data -- sh -c 'mkdir -p /var/www/wordpress/wp-content/uploads;"
        f" echo stored >/var/www/wordpress/{name}'"
    )
    assert node("nfs").file(f"/srv/wordpress/{name}").content_string == "stored\n"
    assert logged_in.at(director, RS2).get(f"/{name}") == "stored\n"


@pytest.mark.parametrize("name", ["rs1", "rs2", "db", "nfs"])
@pytest.mark.parametrize("secret", ["vault_wordpress_password", "vault_editor_password"])
def test_others_read_no_secret(name: str, secret: str) -> None:
    """Whoever has an account on the host and no right to more."""
    found = node(name).run(
        "runuser -u nobody -- grep -rlsF -- %s /etc /opt /root /run /srv /tmp /usr/local /var",
        variable(secret),
    )
    assert not found.stdout


def test_salts_are_one_sites() -> None:
    """The same on both servers; and the same as at first, when this runs after the reboot."""
    salts = {
        node(name).file("/etc/lvs-cluster/php-app/wordpress/salts.json").content_string
        for name in ("rs1", "rs2")
    }
    assert len(salts) == 1


def test_database_listens_where_asked() -> None:
    """By its own address, and root by the socket only."""
    db = node("db")
    assert db.socket("tcp://192.168.137.132:3306").is_listening
    assert not db.socket("tcp://127.0.0.1:3306").is_listening
    assert db.check_output("mariadb -NBe 'select @@skip_name_resolve'") == "1"
    accounts = db.check_output(
        "mariadb -NBe \"select user, host, json_value(priv, '$.plugin') from mysql.global_priv\""
    )
    assert "root\tlocalhost\tunix_socket" in accounts
    assert len([line for line in accounts.splitlines() if line.startswith(("root", "\t"))]) == 1
    denied = db.run("runuser -u nobody -- mariadb -u root -e 'select 1'")
    assert denied.rc != 0
    assert "Access denied" in denied.stderr
