"""Servers stop, hosts reboot in any order, and the files move from the share to each server."""

from __future__ import annotations

import subprocess
from functools import partial
from typing import Any

from browser import Browser
from nodes import LAB, Site, lab, node, until

RS1 = "192.168.137.131"


def test_one_stops(browser: Browser, logged_in: Browser, site: Site, web: dict[str, Any]) -> None:
    """What was written through it is read from the other, and the session goes on."""
    rs1 = node("rs1")
    post = logged_in.at(node("director"), RS1).post("Written before the stop")
    servers = [{"host": "rs1", "weight": 0}, {"host": "rs2"}]
    site({**web, "real_servers": servers})
    rs1.check_output("systemctl stop apache2")
    for _request in range(4):
        assert "Written before the stop" in browser.get(f"/?p={post['id']}")
        assert "Dashboard" in logged_in.get("/wp-admin/")
    rs1.check_output("systemctl start apache2")
    site(web)


def test_reboots_in_any_order(browser: Browser) -> None:
    """The web servers boot while there is neither share nor database, and the share comes last."""

    def serves(name: str) -> bool:
        command = [str(LAB), "exec", name, "curl", "-s", "-o", "/dev/null", "http://127.0.0.1/"]
        return subprocess.run(command, capture_output=True, check=False).returncode == 0

    for name in ("director", "rs1", "rs2", "nfs", "db"):
        lab("cut", name)
    # A boot has not ended while it tries to mount, but everything else is there.
    boots = [subprocess.Popen([LAB, "start", name]) for name in ("rs1", "rs2")]
    for name in ("rs1", "rs2"):
        until(f"Apache of {name} serves", partial(serves, name), seconds=60)
    for name in ("director", "nfs", "db"):
        lab("start", name)
    assert [boot.wait(180) for boot in boots] == [0, 0]
    until(
        "the site is back",
        lambda: all(browser.status("/") == 200 for _request in range(4)),
        seconds=60,
    )


def test_files_on_each_server(browser: Browser, logged_in: Browser, site: Site) -> None:
    """The same site from other files: its posts and sessions stay."""
    variables = {
        "php_app_path": "/var/www/each",
        "php_app_shared": False,
        "nfs_client_mounts": [
            {
                "source": "192.168.137.133:/srv/wordpress",
                "path": "/var/www/wordpress",
                "state": "absent",
            }
        ],
    }
    site(everywhere=True, **variables)
    for name in ("rs1", "rs2"):
        host = node(name)
        assert not host.mount_point("/var/www/wordpress").exists
        assert host.file("/var/www/each/wp-login.php").user == "www-data"
        assert host.file("/var/www/each/wp-login.php").mode == 0o640
        assert not host.mount_point("/var/www/each").exists
    for _request in range(4):
        assert "Written before the stop" in browser.get("/")
        assert "Dashboard" in logged_in.get("/wp-admin/")
