# Copyright (c) 2026, The lvs.cluster authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the backends' roles are told, asked for as the roles do: by the lookup."""

from __future__ import annotations

from typing import Any

import pytest
from ansible.errors import AnsibleLookupError
from ansible.parsing.dataloader import DataLoader
from ansible.template import Templar, trust_as_template
from ansible_collections.lvs.cluster.plugins.lookup.plan import LookupModule
from ansible_collections.lvs.cluster.plugins.plugin_utils._backend.plans import PLANS
from ansible_collections.lvs.cluster.plugins.plugin_utils._settings.roles import BY_NAME
from described import host_info

FOUND = {"passwd": ["root:x:0:0::/root:/bin/sh"], "group": ["root:x:0:"]}
ARCHIVE = {"user": "archive", "uid": 2001}
EXPORT = {"path": "/srv", "clients": ["nas"], "owner": "archive", "mode": "0770"}
SERVER: dict[str, Any] = {
    "nfs_server_exports": [EXPORT],
    "nfs_server_accounts": [ARCHIVE],
    "nfs_server_options": ["rw"],
    "nfs_server_versions": ["3", "4.2"],
    "nfs_server_mountd_port": None,
}
MOUNT = {"source": "nas:/srv", "path": "/data"}
CLIENT: dict[str, Any] = {"nfs_client_mounts": [MOUNT], "nfs_client_accounts": [ARCHIVE]}
DEBIAN = {"os_family": "Debian", "distribution_major_version": "13"}
SITE: dict[str, Any] = {"name": "www.example.org", "document_root": "/var/www/site"}


def plan(term: str, variables: dict[str, Any], **options: Any) -> dict[str, Any]:
    """Return what the lookup gives for a host with such variables."""
    templar = Templar(loader=DataLoader(), variables=variables)
    lookup = LookupModule(loader=None, templar=templar)
    (found,) = lookup.run([term], {"inventory_hostname": "web", **variables}, **options)
    return dict(found)


def messages(term: str, variables: dict[str, Any], **options: Any) -> list[str]:
    """Return the sentences of what cannot work."""
    return [problem["message"] for problem in plan(term, variables, **options)["problems"]]


def test_accounts() -> None:
    """Asked for, added where they are missing; bad ones are told once, and asked for by none."""
    server = plan("nfs_server", SERVER, found=FOUND)
    assert server["look_ups"]["passwd"] == ["archive", "2001"]
    assert server["missing"]["groups"] == [{"name": "archive", "gid": 2001}]
    assert server["problems"] == []
    bad = plan("nfs_client", {"nfs_client_accounts": "none"}, found=FOUND)
    assert bad["look_ups"] == {"passwd": [], "group": []}
    assert bad["problems"] == [
        {
            "item": "host web",
            "field": "nfs_client_accounts",
            "value": "none",
            "why": "is not a list",
            "advice": "give a list of user, uid, group and gid, or [] for none",
            "message": "host web: nfs_client_accounts 'none' is not a list; give a list of user,"
            " uid, group and gid, or [] for none.",
        }
    ]


@pytest.mark.parametrize("term", ["nfs_server", "nfs_client"])
def test_accounts_that_the_host_has_otherwise(term: str) -> None:
    """Both sides look at what getent has found."""
    variables = {f"{term}_accounts": [ARCHIVE]}
    found = {"passwd": ["archive:x:2002:2001::/:"], "group": ["archive:x:2001:"]}
    (problem,) = plan(term, variables, found=found)["problems"]
    assert (problem["item"], problem["field"]) == ("account archive of host web", "uid")
    assert problem["why"] == "is not that of archive on this host, which is 2002"


def test_accounts_of_all_hosts() -> None:
    """Servers are compared with clients; a host that is bad itself is passed over here."""
    variables = {
        "groups": {"nfs_servers": ["nas"], "nfs_clients": ["web", "bad", "bare", "unknown"]},
        "hostvars": {
            "nas": {"nfs_server_accounts": [ARCHIVE]},
            "web": {"nfs_client_accounts": [{**ARCHIVE, "uid": 2002, "gid": 2001}]},
            "bad": {"nfs_client_accounts": "none"},
            "bare": {},
        },
    }
    for term in ("nfs_server", "nfs_client"):
        (problem,) = messages(term, variables)
        assert problem.startswith("account archive of host web: uid 2002 of archive is 2001 on na")


def test_nfs_server() -> None:
    """Settings, exports and owners are told of together; the plan has all that is written."""
    variables = {
        **SERVER,
        "nfs_server_accounts": [],
        "nfs_server_versions": ["5"],
        "nfs_server_mountd_port": 0,
        "nfs_server_exports": [{**EXPORT, "clients": ["*"]}],
    }
    refused = plan("nfs_server", variables, found=FOUND)
    version, port, client, owner = (problem["message"] for problem in refused["problems"])
    assert version.startswith("host web: nfs_server_versions '5' is not a version of NFS;")
    assert port.startswith("host web: nfs_server_mountd_port 0 is out of range;")
    assert "are the whole world" in client
    assert "owner 'archive' is no user of this host" in owner
    assert set(refused) == {"problems", "look_ups"}
    assert plan("nfs_server", SERVER, found=FOUND) == {
        "problems": [],
        "look_ups": {"passwd": ["archive", "2001"], "group": ["archive", "2001"]},
        "directories": [{"path": "/srv", "owner": 2001, "group": None, "mode": "0770"}],
        "acl": [],
        "lines": ["/srv nas(rw)"],
        "versions": ["3", "4.2"],
        "ports": {},
        "hosts": ["nas"],
        "missing": {
            "groups": [{"name": "archive", "gid": 2001}],
            "users": [{"name": "archive", "uid": 2001, "group": "archive"}],
        },
    }
    assert plan("nfs_server", SERVER, found=FOUND, etab="")["not_exported"] == ["nas:/srv"]


def test_what_was_exported_and_mounted() -> None:
    """By what is written on the host, also where the description is another one, or a bad one."""
    own = "# Ansible managed\n/srv/a\\040b nas(rw,sync) [fd00::1](ro)\n/srv 10.0.0.0/8(rw)\n"
    told = plan("nfs_server", {"nfs_server_exports": "none"}, exports=own)
    assert told["problems"]
    assert told["exported"] == ["nas:/srv/a b", "[fd00::1]:/srv/a b", "10.0.0.0/8:/srv"]
    fstab = "nas:/srv /data nfs nfsvers=4.2,_netdev,bg 0 0\n"
    told = plan("nfs_client", {"nfs_client_mounts": [5]}, fstab=fstab, former_mounts={"/data": {}})
    assert told["problems"]
    assert [step["state"] for step in told["steps_back"]] == ["absent"]


def test_nfs_server_that_nobody_has_looked_at() -> None:
    """What needs the host is left open; what is mounted there counts where it is given."""
    stranger = {**SERVER, "nfs_server_exports": [{**EXPORT, "owner": "nemo"}]}
    unseen = plan("nfs_server", stranger)
    assert unseen["problems"] == []
    assert "missing" not in unseen
    assert unseen["look_ups"]["passwd"] == ["nemo", "archive", "2001"]
    (owner,) = messages("nfs_server", stranger, found=FOUND)
    assert owner.startswith("export /srv of host web: owner 'nemo' is no user of this host;")
    tmpfs = "60 50 0:30 / /srv rw - tmpfs tmpfs rw\n"
    (fsid,) = messages("nfs_server", SERVER, mountinfo=tmpfs)
    assert fsid.startswith("export /srv of host web: fsid is missing, and tmpfs at /srv has")


def test_nfs_client() -> None:
    """Told and planned by what fstab and the kernel say."""
    fstab = "nas:/srv /data nfs nfsvers=4.2,_netdev,bg 0 0\n"
    live = "50 34 0:22 / /data rw,relatime - nfs4 nas:/srv rw,vers=4.2\n"
    settled = plan("nfs_client", CLIENT, fstab=fstab, mountinfo=live, found=FOUND)
    assert settled["steps"] == []
    assert settled["problems"] == []
    assert settled["missing"]["users"][0]["name"] == "archive"
    assert (settled["retried"], settled["not_retried"]) == (["data"], [])
    (step,) = plan("nfs_client", CLIENT, fstab=fstab, mountinfo="")["steps"]
    assert step["action"] == "mount"
    assert "steps" not in plan("nfs_client", CLIENT)
    refused = plan("nfs_client", CLIENT, fstab="/dev/sdb1 /data ext4 rw 0 0\n", mountinfo="")
    (problem,) = refused["problems"]
    assert "is where /etc/fstab has /dev/sdb1 (ext4)" in problem["message"]
    assert "steps" not in refused


def test_variables_are_templates() -> None:
    """One list for servers and clients, as the README has it."""
    variables = {
        "nfs_server_accounts": [ARCHIVE],
        "nfs_client_accounts": trust_as_template("{{ nfs_server_accounts }}"),
    }
    assert plan("nfs_client", variables)["look_ups"]["passwd"] == ["archive", "2001"]


def test_lamp_db() -> None:
    """Databases, users and addresses are told of together; no password is handed on."""
    variables = {
        "__preflight_host": host_info(eth1=["10.0.0.1/8", "fd00::1/64"]),
        "lamp_db_bind_address": "10.0.0.1,fd00::1",
        "lamp_db_databases": [{"name": "shop"}],
        "lamp_db_users": [{"name": "shop", "hosts": ["db.local"], "password": "secret"}],
        "lamp_db_skip_name_resolve": "false",
    }
    assert plan("lamp_db", variables) == {
        "problems": [],
        "lines": [
            "bind-address = 10.0.0.1,fd00::1",
            "port = 3306",
            "skip_name_resolve = OFF",
        ],
        "databases": [{"name": "shop"}],
        "accounts": ["shop@db.local"],
        "absent_accounts": [],
        "root_socket_only": True,
    }
    database, address, user = messages(
        "lamp_db",
        {
            **variables,
            "lamp_db_bind_address": "10.0.0.2",
            "lamp_db_databases": [{}],
            "lamp_db_skip_name_resolve": True,
        },
    )
    assert address.startswith("host web: lamp_db_bind_address '10.0.0.2' is not an address of thi")
    assert database.startswith("database 1 of host web: lamp_db_databases.name is not given; give")
    assert user.startswith("user shop of host web: lamp_db_users.hosts 'db.local' is a name")


def test_lamp_web() -> None:
    """Packages, modules and ports are those of the host's distribution."""
    variables = {
        "ansible_facts": DEBIAN,
        "lamp_web_virtual_hosts": [{**SITE, "port": 8080}],
        "lamp_web_php_extensions": ["mysql"],
        "lamp_web_modules": ["rewrite"],
    }
    told = plan("lamp_web", variables)
    assert told["problems"] == []
    assert told["packages"] == ["apache2", "php-fpm", "php", "php-mysql"]
    assert told["modules"] == ["proxy_fcgi", "setenvif", "rewrite"]
    assert (told["ports"], told["children"], told["pool_lines"]) == ([8080], 10, [])
    assert told["document_roots"] == ["/var/www/site"]
    assert told["sections"][0]["directory_index"] == "index.php index.html"
    assert plan("lamp_web", {**variables, "ansible_facts": {}}) == {"problems": []}
    bad = {**variables, "lamp_web_php": "cgi", "lamp_web_modules": "rewrite"}
    assert messages("lamp_web", bad) == [
        "host web: lamp_web_php 'cgi' is not known; use one of fpm, module, none.",
        "host web: lamp_web_modules 'rewrite' is not a list; write it as a list: [rewrite].",
    ]


def test_php_app() -> None:
    """Nothing is asked for by default; an archive is unpacked by what its name says."""
    assert plan("php_app", {}) == {
        "problems": [],
        "packages": [],
        "is_url": False,
        "archive": "",
        "links": [],
        "files": [],
        "hosts": [],
        "own_packages": [],
        "public": True,
        "shared": False,
    }
    variables = {
        "php_app_archive": "https://www.example.org/a/app.tar.xz?raw=1",
        "php_app_checksum": "sha256:" + "0a" * 32,
        "php_app_cache": "/cache",
        "php_app_files": {"config.php": "<?php"},
    }
    told = plan("php_app", variables)
    assert told["archive"] == "/cache/0a0a0a0a0a0a0a0a-app.tar.xz"
    assert told["is_url"] is True
    assert told["links"] == ["config.php"]
    (problem,) = plan("php_app", {**variables, "php_app_type": "drupal"})["problems"]
    assert (problem["field"], problem["value"]) == ("php_app_type", "drupal")


def test_php_app_of_wordpress() -> None:
    """Its secrets are told where its salts are given, and else to nobody."""
    variables = {
        "php_app_type": "wordpress",
        "php_app_packages": ["wordpress"],
        "php_app_package_directory": "/usr/share/wordpress",
        "php_app_url": "http://www.example.org",
        "php_app_database": {"host": "db", "name": "w", "user": "w", "password": "secret"},
        "php_app_wordpress": {
            "title": "t",
            "user": "u",
            "password": "secret",
            "email": "e@example.org",
            "public": "no",
        },
    }
    told = plan("php_app", variables)
    assert "secret" not in str(told)
    assert told["public"] is False
    told = plan("php_app", variables, salts={"AUTH_KEY": "k"})
    assert told["configuration"]["salts"] == ["define('AUTH_KEY', 'k');"]
    with pytest.raises(AnsibleLookupError, match="salts is not a mapping"):
        plan("php_app", variables, salts="k")


def test_nothing_more_of_what_cannot_be_read() -> None:
    """One sentence for one mistake."""
    bad = {"php_app_type": "wordpress", "php_app_wordpress": {"email": "nope"}}
    told = [problem for problem in messages("php_app", bad) if "php_app_wordpress" in problem]
    assert told == [
        "host web: php_app_wordpress.email 'nope' is not an address; give one such as"
        " root@example.com."
    ]


def test_names_that_are_no_variables() -> None:
    """They would be ignored."""
    (told,) = messages("lamp_db", {"lamp_db_bind_adress": "::"})
    assert told.startswith("host web: lamp_db_bind_adress is not a variable of the role lamp_db,")
    assert "use lamp_db_bind_address, or give it another name" in told


BAD: tuple[Any, ...] = (
    7,
    "text",
    True,
    {"a": 1},
    [7],
    ["text"],
    [None],
    [[]],
    [{}],
    [{"name": []}],
)


@pytest.mark.parametrize("term", PLANS)
def test_bad_input_is_told(term: str) -> None:
    """Whatever a variable is, there is a sentence, and no traceback."""
    for name in BY_NAME[term].variables:
        for value in BAD:
            variables = {"ansible_facts": DEBIAN, "php_app_type": "wordpress"}
            told = plan(term, {**variables, f"{term}_{name}": value}, found=FOUND)
            assert all(p["message"].endswith(".") for p in told["problems"]), (name, value)


@pytest.mark.parametrize("field", ["clients", "options", "fsid", "owner", "mode", "acl", "path"])
def test_bad_field_of_an_export_is_told(field: str) -> None:
    """So with what a field of an export may be."""
    for value in (*BAD, [{"etype": [], "entity": "x"}], [{"host": [], "options": 7}]):
        exports = [{**EXPORT, field: value}, {**EXPORT, field: value}]
        told = plan("nfs_server", {**SERVER, "nfs_server_exports": exports}, found=FOUND)
        assert told["problems"], value


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ({"found": {"passwd": []}}, "found {'passwd': []} has no lines of group; give a mapping"),
        ({"found": []}, "found [] has no lines of passwd;"),
        ({"mountinfo": 7}, "mountinfo 7 is not a text; give what the file has."),
    ],
)
def test_bad_options(options: dict[str, Any], told: str) -> None:
    """These come from a task; the lookup fails with a sentence."""
    with pytest.raises(AnsibleLookupError) as raised:
        plan("nfs_server", {}, **options)
    assert told in str(raised.value)


@pytest.mark.parametrize("term", sorted(PLANS))
def test_a_distribution_that_nobody_knows(term: str) -> None:
    """It is the only thing that is told: whatever else would be, is worked out from it."""
    variables = {"inventory_hostname": "nas", "ansible_facts": {"os_family": "Suse"}}
    found = plan(term, variables)
    assert [problem["item"] for problem in found["problems"]] == ["host nas"]
    assert "it runs Suse" in found["problems"][0]["message"]
    assert found["look_ups"] == {}
