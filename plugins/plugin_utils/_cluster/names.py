# Copyright (c) 2026, The lvs.cluster authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What each family of distributions calls what the roles need: packages, units, paths, accounts.

Private to the collection: names and behaviour may change in any release.

The one place for these names, but for the packages of a type of check, which stand in its row in
C(check_types.py). Beside each is where it was read:

- Those of Debian's family are in Debian's package index, and run in the lab. Ubuntu takes them from
  there; what was read of its own index is C(packages.ubuntu.com/SUITE/NAME).
- C(NAME.spec) is SPECS/NAME.spec of github.com/openela-main/NAME, RHEL's source, on branch el9.
- C(pkgs/SOURCE/NAME) is a page of packages.fedoraproject.org, which has Fedora and EPEL.

docs/distributions.md says what has been run.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ansible_collections.lvs.cluster.plugins.module_utils._values import ModelError

from .systems import FAMILIES

# By role and name: what Debian's family has, and what Red Hat's has.
_TABLE: Mapping[str, Mapping[str, tuple[Any, Any]]] = {
    # Addresses and routes, for all roles that have a unit.
    "links": {
        # packages.ubuntu.com/resolute/python3-pyroute2; pkgs/python-pyroute2/python3-pyroute2:
        # Fedora, EPEL 9 (0.5.14) and EPEL 10 (0.7.12)
        "pyroute2": ("python3-pyroute2", "python3-pyroute2"),
        # iproute.spec
        "iproute": ("iproute2", "iproute"),
        # Not read of another family than Debian's.
        "kmod": ("kmod", "kmod"),
    },
    "director": {
        # packages.ubuntu.com/resolute/ipvsadm; ipvsadm.spec, nftables.spec
        "packages": (
            ["ipvsadm", "nftables", "python3-pyroute2"],
            ["ipvsadm", "nftables", "python3-pyroute2"],
        ),
        # ipvsadm 1.31, debian/ipvsadm.init; ipvsadm.service beside ipvsadm.spec
        "rules_file": ("/etc/ipvsadm.rules", "/etc/sysconfig/ipvsadm"),
    },
    "keepalived": {
        # keepalived.spec, which has the unit of that name and /etc/keepalived/keepalived.conf;
        # RHEL 10's, too, which is commit 02c0949
        "packages": (
            ["ipvsadm", "keepalived", "nftables"],
            ["ipvsadm", "keepalived", "nftables"],
        ),
    },
    "ldirectord": {
        # packages.ubuntu.com/noble/ldirectord, resolute/ldirectord;
        # pkgs/resource-agents/ldirectord: Fedora alone. resource-agents.spec, of branch el8,
        # leaves it out: "not supported".
        "packages": (["ipvsadm", "ldirectord"], ["ipvsadm", "ldirectord"]),
    },
    "bird": {
        # packages.ubuntu.com/bird2: 22.04, 24.04, 26.04; pkgs/bird/bird, bird-doc: Fedora and EPEL,
        # 3.2.0
        "packages": (["bird2"], ["bird"]),
        # policy/modules/contrib/bird.fc of github.com/fedora-selinux/selinux-policy
        "conf": ("/etc/bird/bird.conf", "/etc/bird.conf"),
    },
    "lamp_db": {
        # mariadb.spec, python-PyMySQL.spec; pkgs/mariadb10.11/mariadb-server: Fedora 43,
        # pkgs/mariadb11.8/mariadb-server: Fedora 44
        "packages": (
            ["mariadb-server", "python3-pymysql"],
            ["mariadb-server", "python3-PyMySQL"],
        ),
        # Read after the distribution's own files. mariadb.spec
        "settings_file": (
            "/etc/mysql/mariadb.conf.d/60-lvs-cluster.cnf",
            "/etc/my.cnf.d/zz-lvs-cluster.cnf",
        ),
        # php.spec, as mysql_sock
        "socket": ("/run/mysqld/mysqld.sock", "/var/lib/mysql/mysql.sock"),
        # mariadb.spec
        "server": ("/usr/sbin/mariadbd", "/usr/libexec/mariadbd"),
    },
    "lamp_web": {
        # httpd.spec, with mod_ssl; php.spec, of branch el9-stream-8.1. Beside php-fpm, the package
        # php of Debian keeps others from asking for PHP in Apache.
        "apache_packages": (["apache2"], ["httpd"]),
        "tls_packages": ([], ["mod_ssl"]),
        "fpm_packages": (["php-fpm", "php"], ["php-fpm"]),
        "module_packages": (["libapache2-mod-php", "php"], ["php"]),
        # Where the extension's package is called otherwise. php.spec: php-mysqlnd
        "extensions": ({}, {"mysql": "mysqlnd"}),
        # httpd.conf beside httpd.spec
        "account": ("www-data", "apache"),
        "apache": ("apache2ctl", "httpd"),
        "apache_unit": ("apache2.service", "httpd.service"),
        # httpd.conf beside httpd.spec: conf.d/*.conf, conf.modules.d/*.conf
        "sites": ("/etc/apache2/sites-available", "/etc/httpd/conf.d"),
        "all_sites": (
            ["/etc/apache2/sites-enabled", "/etc/apache2/sites-available"],
            ["/etc/httpd/conf.d"],
        ),
        "reads": (
            ["/etc/apache2/sites-enabled", "/etc/apache2/mods-enabled"],
            ["/etc/httpd/conf.d", "/etc/httpd/conf.modules.d"],
        ),
        # With the version of PHP in place of {}. php.spec, php-fpm-www.conf beside it
        "fpm": ("php-fpm{}", "php-fpm"),
        "fpm_unit": ("php{}-fpm.service", "php-fpm.service"),
        "pool": ("/etc/php/{}/fpm/pool.d/lvs-cluster.conf", "/etc/php-fpm.d/lvs-cluster.conf"),
        "socket": ("/run/php/lvs-cluster.sock", "/run/php-fpm/lvs-cluster.sock"),
    },
    "nfs_server": {
        # nfs-utils.spec, rpcbind.spec
        "packages": (["nfs-kernel-server"], ["nfs-utils", "rpcbind"]),
    },
    "nfs_client": {
        # nfs-utils.spec
        "packages": (["nfs-common"], ["nfs-utils"]),
    },
    "php_app": {
        # php.spec
        "php": ("php-cli", "php-cli"),
        # By the end of an archive's name. Of another family than Debian's not read.
        "unpackers": (
            {".bz2": "bzip2", ".xz": "xz-utils", ".zip": "unzip"},
            {".bz2": "bzip2", ".xz": "xz", ".zip": "unzip"},
        ),
    },
    "selinux": {
        # What ansible.posix.seboolean imports. Not run with Debian, where SELinux is off by itself.
        # libsemanage.spec: python3-libsemanage, libselinux.spec: python3-libselinux
        "packages": (
            ["python3-semanage", "python3-selinux"],
            ["python3-libsemanage", "python3-libselinux"],
        ),
    },
}

# What RHEL-like systems have from EPEL: pkgs/python-pyroute2/python3-pyroute2, pkgs/bird/bird.
# Fedora has them of its own.
FROM_EPEL = frozenset({"python3-pyroute2", "bird"})


def names_of(family: str) -> dict[str, dict[str, Any]]:
    """Return the names of a family that is known, by role. Raise ModelError for another one."""
    if family not in FAMILIES:
        advice = f"gather facts of a host of {' or '.join(FAMILIES)}"
        raise ModelError("", "os_family", family or None, "is not known", advice)
    column = FAMILIES.index(family)
    return {
        role: {name: values[column] for name, values in row.items()} for role, row in _TABLE.items()
    }
