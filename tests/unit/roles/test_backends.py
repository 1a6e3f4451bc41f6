# Copyright (c) 2026, The lvs.cluster authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the roles of web servers and databases make of what the host has told."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path
from typing import Any

from parts import module, tasks

ROLES = Path(__file__).parents[3] / "roles"


def holds(tmp_path: Path, role: str, *cases: tuple[dict[str, Any], str]) -> None:
    """See that each expression is true of the role's variables, where others are so."""
    play = {
        "hosts": "localhost",
        "gather_facts": False,
        "vars_files": [str(ROLES / role / "vars" / "main.yml")],
        "tasks": [
            {"ansible.builtin.assert": {"that": expression}, "vars": given}
            for given, expression in cases
        ],
    }
    book = tmp_path / "book.yml"
    book.write_text(json.dumps([play]))
    done = subprocess.run(
        ["ansible-playbook", "-i", "localhost,", "-c", "local", book],
        env={**os.environ, "ANSIBLE_HOME": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_version_of_php(tmp_path: Path) -> None:
    """Of what is installed; where that does not say, of what the distribution has."""

    def told(installed: str | None, depends: str, version: str) -> tuple[dict[str, Any], str]:
        versions = {"php-fpm": installed} if installed else {}
        given = {
            "__lamp_web_host": {"versions": versions},
            "__lamp_web_php_package": {"stdout": f"php-fpm\n  Depends: {depends}\n"},
        }
        return given, f"__lamp_web_php_version == '{version}'"

    holds(
        tmp_path,
        "lamp_web",
        told("2:8.4+96", "php8.5-fpm", "8.4"),
        told("2:8.3+93ubuntu2", "php8.5-fpm", "8.3"),
        told("10.0+1", "php8.5-fpm", "10.0"),
        told("8.0.30", "php8.5-fpm", "8.5"),
        told(None, "php8.4-fpm", "8.4"),
        ({"__lamp_web_php_package": {"skipped": True}}, "__lamp_web_php_version == ''"),
    )


def test_modules_that_are_missing(tmp_path: Path) -> None:
    """In their order; a module's own settings are none."""
    given: dict[str, Any] = {
        "__lamp_web_plan": {"modules": ["proxy_fcgi", "setenvif", "rewrite"]},
        "__lamp_web_host": {
            "entries": {"/etc/apache2/mods-enabled": ["rewrite.conf", "setenvif.load"]}
        },
    }
    holds(
        tmp_path,
        "lamp_web",
        (given, "__lamp_web_missing == ['proxy_fcgi', 'rewrite']"),
        ({**given, "__lamp_web_host": {}}, "__lamp_web_missing == __lamp_web_plan.modules"),
    )


def test_databases_and_accounts_that_are_missing(tmp_path: Path) -> None:
    """Those of root are looked at where the role has them restricted."""
    root = {"user": "root", "host": "%"}
    plan: dict[str, Any] = {
        "databases": [{"name": "new"}, {"name": "old"}],
        "accounts": ["a@%", "b@%"],
        "root_socket_only": True,
    }
    there = [[{"name": "old"}, {"name": "mysql"}], [{"name": "a@%"}], [root]]
    given = {"__lamp_db_plan": plan, "__lamp_db_there": {"query_result": there}}
    open_to_all = {**given, "__lamp_db_plan": {**plan, "root_socket_only": False}}
    holds(
        tmp_path,
        "lamp_db",
        (given, "__lamp_db_missing == [{'name': 'new'}]"),
        (given, "__lamp_db_missing_accounts == ['b@%']"),
        (given, f"__lamp_db_open_accounts == [{root}]"),
        (open_to_all, "__lamp_db_open_accounts == []"),
    )


def test_what_is_wanted_of_an_application(tmp_path: Path) -> None:
    """Its packages' versions, and links by the names of files on the host."""
    given: dict[str, Any] = {
        "php_app_archive": "",
        "php_app_name": "news",
        "php_app_path": "/var/www/news",
        "__php_app_plan": {
            "own_packages": ["wordpress", "wordpress-l10n"],
            "links": ["conf/db.php", "wp-config.php"],
        },
        "__php_app_host": {"versions": {"wordpress-l10n": "6.8", "wordpress": "6.8+dfsg1-1"}},
    }
    archive = {
        **given,
        "php_app_archive": "/a.tar.gz",
        "php_app_checksum": "sha256:0a",
        "php_app_archive_directory": "upload",
    }
    own = "/etc/lvs-cluster/php-app/news"
    links = {
        "/var/www/news/conf/db.php": f"{own}/conf_db.php",
        "/var/www/news/wp-config.php": f"{own}/wp-config.php",
    }
    wanted = "packages wordpress=6.8+dfsg1-1 wordpress-l10n=6.8"
    holds(
        tmp_path,
        "php_app",
        (given, f"__php_app_wanted == '{wanted}'"),
        (archive, "__php_app_wanted == 'archive sha256:0a upload'"),
        (given, f"__php_app_links == {links}"),
        ({**given, "__php_app_plan": {"links": []}}, "__php_app_links == {}"),
    )


def test_requests_find_a_pool() -> None:
    """It is written before virtual hosts send requests to it, and goes after they do no more."""
    *_others, files = tasks(ROLES / "lamp_web" / "tasks" / "settings.yml")
    states = [one.get("state", "file") for one in files["lvs.cluster.host_files"]["files"]]
    assert states == ["file", "file", "link", "absent"]
    ask, *steps = tasks(ROLES / "lamp_web" / "tasks" / "service.yml")
    assert ask["ansible.builtin.include_tasks"] == "ask.yml"
    assert [module(step) for step in steps] == [
        "host_service",
        "host_service",
        "host_files",
        "host_service",
    ]
    units = [str(step[f"lvs.cluster.{module(step)}"].get("units")) for step in steps]
    assert ["fpm" in unit for unit in units] == [True, False, False, True]
