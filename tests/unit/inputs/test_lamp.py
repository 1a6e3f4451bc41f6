# Copyright (c) 2026, The lvs.cluster authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Values of the backends' variables: databases, web servers, applications, exports and mounts.

Each is refused by one sentence, before anything changes, or a file says exactly it.
"""

from __future__ import annotations

from typing import Any

import pytest
from inputs import ASKED, Input, changed, lines, sentences
from sites import Site, site, written

SITE = "nat_wordpress"
_HOST = {"name": "www.example.org", "document_root": "/var/www/wordpress"}
_USER = {"name": "u", "hosts": ["10.0.0.1"], "password": "SECRETu"}
_WORDPRESS = {"title": "t", "user": "u", "password": "SECRETy", "email": "a@example.org"}
_EXPORT = {"path": "/srv/wordpress", "clients": ["192.168.137.0/24"]}
_MOUNT = {"source": "192.168.137.133:/srv/wordpress", "path": "/var/www/wordpress"}
# What the roles find out on a host, and do not have from the inventory.
_PATHS = {"account": "www-data", "socket": "/run/php/lvs-cluster.sock"}
_SALTS = {"AUTH_KEY": "SECRETz"}


def role_of(variable: str) -> str:
    """The role whose variable it is."""
    return next(role for role in ASKED if variable.startswith(f"{role}_"))


def lamp(where: str, value: Any, told: str) -> Input:
    return Input(SITE, where, value, told, role=role_of(where), on="all")


def says(where: str, value: Any, *told: str) -> Input:
    return Input(SITE, where, value, says="\n".join(told), role=role_of(where), on="all")


def database(told: str, **fields: Any) -> Input:
    return lamp("lamp_db_databases", [{"name": "a", **fields}], told)


def user(told: str, **fields: Any) -> Input:
    return lamp("lamp_db_users", [{**_USER, **fields}], told)


def virtual_host(told: str, **fields: Any) -> Input:
    return lamp("lamp_web_virtual_hosts", [{**_HOST, **fields}], told)


def wordpress(told: str, **fields: Any) -> Input:
    return lamp("php_app_wordpress", {**_WORDPRESS, **fields}, told)


def export(told: str, **fields: Any) -> Input:
    return lamp("nfs_server_exports", [{**_EXPORT, **fields}], told)


def mount(told: str, **fields: Any) -> Input:
    return lamp("nfs_client_mounts", [{**_MOUNT, **fields}], told)


REFUSED = [
    # ---- the role lamp_db
    database("databases.encoding 'utf8; DROP' is not a character set", encoding="utf8; DROP"),
    database("database 1 of host db: lamp_db_databases.name 5 is not text; put it in", name=5),
    database("lamp_db_databases.collation 'x y' is not a collation; give", collation="x y"),
    database("lamp_db_databases.name 'mysql' is MariaDB's own; give", name="mysql"),
    database("lamp_db_databases.name '' is empty; give some text", name=""),
    database("lamp_db_databases.colation is not a field of it; use collation", colation="x"),
    lamp("lamp_db_databases", "wordpress", "is not a list; write it as a list: [wordpress]"),
    user("privileges.w.* 'EVERYTHING' is not a privilege", privileges={"w.*": "EVERYTHING"}),
    user("lamp_db_users.privileges.w.* 5 is not text; put it in", privileges={"w.*": 5}),
    user("'ALL/*.*:ALL' is not a privilege of MariaDB", privileges={"w.*": "ALL/*.*:ALL"}),
    user("lamp_db_users.privileges 'w' is not a database and a table", privileges={"w": "ALL"}),
    user("lamp_db_users.hosts '10.0.0.1' is not a list; write it as", hosts="10.0.0.1"),
    user("lamp_db_users.hosts '10.0.0.256' is not a host or a pattern", hosts=["10.0.0.256"]),
    user("user u of host db: lamp_db_users.password is not text; put", password=5),
    user("lamp_db_users.name 'root' is MariaDB's own user", name="root"),
    lamp("lamp_db_port", True, "host db: lamp_db_port true is not a whole number; give one"),
    lamp("lamp_db_port", 0, "lamp_db_port 0 is out of range; give one from 1 to 65535"),
    lamp("lamp_db_bind_address", "127.0.0.1\n", "no part of a line (U+000A)"),
    lamp("lamp_db_settings", {"a b": 1}, "lamp_db_settings 'a b' is not the name of an option"),
    lamp("lamp_db_settings", {"x\nskip-grant-tables": 1}, "no part of a line (U+000A)"),
    lamp(
        "lamp_db_settings",
        {"max_connections": "5\nskip-grant-tables"},
        "lamp_db_settings.max_connections '5\\nskip-grant-tables' has a character that is no part",
    ),
    lamp("lamp_db_settings", {"max_connections": {"a": 1}}, "{'a': 1} is neither text, a number"),
    lamp("lamp_db_settings", {"max_connectons": 5}, "does not know, and would not start with; giv"),
    lamp("lamp_db_settings", {"port": 3307}, "lamp_db_settings.port 3307 is what lamp_db_port"),
    lamp("lamp_db_settings", {"skip_grant_tables": None}, "skip_grant_tables has no value; give"),
    lamp("lamp_db_settings", {"skip_grant_tables": True}, "lets everybody in who can connect, wi"),
    lamp("lamp_db_settings", {"skip-gran": True}, "'skip-gran' is the beginning of skip_grant_ta"),
    lamp("lamp_db_user", [], "lamp_db_user is not a variable of the role lamp_db, whose vari"),
    # ---- the role lamp_web
    virtual_host("'/var/../etc' is a directory of the system", document_root="/var/../etc"),
    virtual_host("document_root '/etc' is a directory of the system", document_root="/etc"),
    virtual_host("lamp_web_virtual_hosts.port 0 is out of range; give one from", port=0),
    virtual_host("directory_index 'x' is not a list; write it as", directory_index="x"),
    virtual_host("no part of a line (U+000A)", directory_index=["a\nRequire all denied"]),
    virtual_host("tls.certificate '/a\"\\nX' has", tls={"certificate": '/a"\nX', "key": "/b"}),
    virtual_host("tls.certificate 'relative' is not", tls={"certificate": "relative", "key": "/b"}),
    virtual_host("begins or ends a virtual host", directives=["</VirtualHost>"]),
    virtual_host("lamp_web_virtual_hosts.directives 5 is not text", directives=[5]),
    virtual_host("is no part of a line; leave it out", directives=["a\n</VirtualHost>"]),
    virtual_host("name 'a b' is not a host name; give one such as", name="a b"),
    lamp("lamp_web_php_children", -3, "lamp_web_php_children -3 is out of range; give one from"),
    lamp(
        "lamp_web_php_settings",
        {"memory_limit": "1M\nlisten.mode = 0666"},
        "lamp_web_php_settings.memory_limit '1M\\nlisten.mode = 0666' has a character that is no",
    ),
    lamp("lamp_web_php_settings", {"memory_limit]\nuser = root ;": 1}, "no part of a line (U+000"),
    lamp("lamp_web_php_settings", {"memory_limt": "1M"}, "is not a setting of PHP; give memory_l"),
    lamp("lamp_web_php_children", "many", "'many' is not a whole number; give one from 1 to"),
    lamp("lamp_web_module", ["ssl"], "lamp_web_module is not a variable of the role lamp_web"),
    lamp("lamp_web_modules", "rewrite", "'rewrite' is not a list; write it as a list: [rewrite]"),
    lamp("lamp_web_modules", ["no such"], "lamp_web_modules 'no such' is not the name of a modul"),
    lamp("lamp_web_directory_index", ["a\nb"], "no part of a line (U+000A)"),
    lamp("lamp_web_directory_index", "index.php", "is not a list; write it as a list: [index.php]"),
    lamp("lamp_web_php_extensions", ["a b"], "'a b' is not the name of an extension of PHP; give"),
    # ---- the role php_app
    lamp("php_app_path", "/var/www/a\nb", "php_app_path '/var/www/a\\nb' has a character that is"),
    lamp("php_app_owner", "nobody here", "'nobody here' is not the name of a user; give"),
    lamp("php_app_owner", "", "host rs1: php_app_owner '' is empty; give some text"),
    lamp("php_app_group", "x y", "php_app_group 'x y' is not the name of a group; give"),
    lamp("php_app_mode", 755, "php_app_mode 755 is not text; put it in quotes"),
    lamp("php_app_hosts", "rs1", "php_app_hosts 'rs1' is not a list; write it as a list: [rs1]"),
    lamp("php_app_hosts", [], "php_app_hosts [] is empty; give the hosts that serve it"),
    lamp("php_app_files", {"a": None}, "php_app_files.a is not text; give the content of the"),
    lamp("php_app_ownr", "a", "php_app_ownr is not a variable of the role php_app"),
    lamp("php_app_cache", "/etc", "php_app_cache '/etc' is a directory of the system"),
    lamp("php_app_url", "http://a.example.org/\n", "no part of a line (U+000A)"),
    lamp("php_app_url", "http://a.example.org:65536", "is not a URL; give one such as"),
    wordpress("php_app_wordpress.email 'nope' is not an address; give", email="nope"),
    wordpress("is not the name of a constant of PHP; use", settings={"A'); system('id": 1}),
    wordpress("settings.A [1] is neither text, a number nor a boolean", settings={"A": [1]}),
    # ---- the roles nfs_server and nfs_client
    export("path '/srv/a\\nb' has a character that is no part of a line", path="/srv/a\nb"),
    export("clients '*' names no client; give a list", clients="*"),
    export("clients '10.0.0.1(rw)' is neither a host name,", clients=["10.0.0.1(rw)"]),
    export("'10.0.0.1\\n/etc *(rw)' names no host; give", clients=["10.0.0.1\n/etc *(rw)"]),
    export("options 'rw' is not a list; give one such as", options="rw"),
    export("options 'rw) *(rw' is not an option of exports(5)", options=["rw) *(rw"]),
    export("options 5 is not text; give it in quotes", options=[5]),
    lamp("nfs_server_statd_port", 65536, "nfs_server_statd_port 65536 is out of range; give one"),
    export("mode 750 is not octal digits in quotes; give one", mode=750),
    lamp("nfs_server_versions", "4.2", "'4.2' is not a list; write it as a list: [4.2]"),
    lamp("nfs_server_mountd_port", True, "nfs_server_mountd_port true is not a whole number"),
    lamp("nfs_server_option", ["rw"], "nfs_server_option is not a variable of the role nfs_server"),
    lamp("nfs_server_accounts", [{"user": "a", "uid": "5\n"}], "uid '5\\n' is not a whole number"),
    mount("source '10.0.0.1:/x\\n/dev/sda / ext4' is not", source="10.0.0.1:/x\n/dev/sda / ext4"),
    mount("path '/a/../etc' is what the host itself needs", path="/a/../etc"),
    mount("options 'ro' is not a list; give one such as", options="ro"),
    mount("options 'x\\ny' is not one option; give one an", options=["x\ny"]),
    mount("version '5' is not a version of NFS; use one of", version="5"),
    lamp("nfs_client_mount", [], "nfs_client_mount is not a variable of the role nfs_client"),
]

SAID = [
    says("lamp_db_settings", {"init_connect": 'SET a="#b"'}, 'init_connect = "SET a=\\"#b\\""'),
    says("lamp_db_settings", {"sql-mode": "ANSI,a\\b"}, 'sql-mode = "ANSI,a\\\\b"'),
    says("lamp_db_skip_name_resolve", "no", "skip_name_resolve = OFF"),
    says(
        "lamp_web_virtual_hosts",
        [{**_HOST, "document_root": '/var/www/a "b"'}],
        'DocumentRoot "/var/www/a \\"b\\""',
        '<Directory "/var/www/a \\"b\\"">',
    ),
    says(
        "lamp_web_virtual_hosts",
        [{**_HOST, "tls": {"certificate": "/a b", "key": "/k"}}],
        'SSLCertificateFile "/a b"',
    ),
    says(
        "lamp_web_php_settings",
        {"error_log": "/a;b", "auto_prepend_file": "a\"b'c"},
        'php_admin_value[auto_prepend_file] = "a\\"b\'c"',
        "php_admin_value[error_log] = '/a;b'",
    ),
    says(
        "php_app_wordpress",
        {**_WORDPRESS, "settings": {"A": "it's\n\\", "B": True}},
        "define('A', 'it\\'s",
        "\\\\');",
        "define('B', true);",
    ),
    says("php_app_path", "/var/www/it's", "define('ABSPATH', '/var/www/it\\'s/');"),
    says(
        "nfs_server_exports",
        [{**_EXPORT, "path": '/srv/a "b"'}],
        "/srv/a\\040\\042b\\042 192.168.137.0/24(rw,sync,no_subtree_check,root_squash)",
    ),
    says("nfs_client_mounts", [{**_MOUNT, "path": "/a b"}], "192.168.137.133:/srv/wordpress /a b"),
]


def host_of(found: Site, role: str) -> str:
    """The first host that has the role."""
    return found.groups[ASKED[role][2]][0]


def said(found: Site, role: str) -> list[str]:
    """The lines of the files that a role writes."""
    host = host_of(found, role)
    if role == "nfs_client":
        (step,) = found.ask(role, host, {"fstab": "", "mountinfo": ""})["steps"]
        return [f"{step['source']} {step['path']}"]
    more: dict[str, Any] = {"__lamp_web_paths": _PATHS}
    if role == "php_app":
        more["__php_app_configuration"] = found.ask(role, host, {"salts": _SALTS})["configuration"]
    return lines(written(found, role, host, **more))


@pytest.mark.parametrize("given", REFUSED, ids=str)
def test_refused(given: Input) -> None:
    """In one sentence, with what and where it is, the value, and what to do; nothing is planned."""
    found = changed(given)
    host = host_of(found, given.role)
    (told,) = sentences(found, given.role, host)
    assert given.told in told
    assert f"host {host}" in told.partition(": ")[0]
    assert ": " in told
    assert "; " in told
    assert told.endswith(".")
    assert "\n" not in told
    assert "SECRET" not in told
    assert {*found.ask(given.role, host)} <= {"problems", "look_ups"}


@pytest.mark.parametrize("given", SAID, ids=str)
def test_said(given: Input) -> None:
    """There is no problem, a file has the lines, and besides them the lines of before."""
    found = changed(given)
    assert sentences(found, given.role, host_of(found, given.role)) == []
    told, before = said(found, given.role), said(site(SITE), given.role)
    assert given.says is not None
    assert {*given.says.split("\n")} <= {*told}
    more = [line for line in told if line not in before]
    assert len(more) <= 4, more


@pytest.mark.parametrize("role", ["nfs_server", "nfs_client", "lamp_db", "lamp_web", "php_app"])
def test_inventory(role: str) -> None:
    """As it is, nothing is wrong with it."""
    found = site(SITE)
    assert sentences(found, role, host_of(found, role)) == []


def test_both_files_of_tls() -> None:
    """Each is told by itself."""
    tls = {"certificate": "relative", "key": "b"}
    found = changed(lamp("lamp_web_virtual_hosts", [{**_HOST, "tls": tls}], ""))
    certificate, key = sentences(found, "lamp_web", "rs1")
    assert "lamp_web_virtual_hosts.tls.certificate 'relative' is not the whole path" in certificate
    assert "lamp_web_virtual_hosts.tls.key 'b' is not the whole path of a file; give" in key
