"""The cluster is taken away, with all that it has had."""

from __future__ import annotations

from nodes import node
from teardown import is_taken_away


def test_teardown() -> None:
    """Databases, their users, files and directories, where the roles have made them."""
    is_taken_away(lvs_teardown_data=["databases", "exports", "sites"])
    db = node("db")
    assert not node("nfs").file("/srv/wordpress").exists
    assert node("rs1").file("/var/www/each").listdir() == []
    db.check_output("systemctl start mariadb.service")
    assert db.check_output("mariadb -NBe \"show databases like 'wordpress'\"") == ""
    users = db.check_output("mariadb -NBe 'select user from mysql.global_priv'")
    assert "wordpress" not in users.split()
    db.check_output("systemctl stop mariadb.service")
