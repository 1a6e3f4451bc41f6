# Copyright (c) 2026, The lvs.cluster authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The synchronisation daemons that the package's own unit would start at boot.

Private to the collection: names and behaviour may change in any release.

Debian's reads C(/etc/default/ipvsadm), which is of the shell (ipvsadm 1.31, debian/ipvsadm.init).
That of RHEL-like systems has ipvsadm restore C(/etc/sysconfig/ipvsadm), and has no other setting of
daemons; a file of rules may start daemons on either, for ipvsadm takes a command in each line.
"""

from __future__ import annotations

import shlex
from collections.abc import Iterator
from typing import Any

from ansible_collections.lvs.cluster.plugins.module_utils._ipvs.sync_daemon import (
    ROLES,
    parse_daemon,
)
from ansible_collections.lvs.cluster.plugins.module_utils._values import ModelError

_OPTIONS = {
    "--mcast-interface": "interface",
    "--syncid": "sync_id",
    "--sync-maxlen": "maxlen",
    "--mcast-group": "group",
    "--mcast-port": "port",
    "--mcast-ttl": "ttl",
}


def package_daemons(defaults: str, rules: str) -> list[dict[str, Any]]:
    """Return the options of M(lvs.cluster.ipvs_sync_daemon) of each daemon, at most one a role.

    C(defaults) is the text of C(/etc/default/ipvsadm), C(rules) that of the file of rules; both may
    be empty. What ipvsadm would not start is left out.
    """
    found: dict[str, dict[str, Any]] = {}
    # The unit restores the rules first, and of one role only the first daemon starts.
    for daemon in (*_of_rules(rules), *_of_defaults(defaults)):
        try:
            parse_daemon(daemon)
        except ModelError:
            continue
        found.setdefault(daemon["role"], daemon)
    return list(found.values())


def _of_defaults(text: str) -> Iterator[dict[str, Any]]:
    values = {"DAEMON": "none", "IFACE": "eth0", "SYNCID": "0"}
    for words in map(_words, text.splitlines()):
        for name, assigned, value in (word.rstrip(";").partition("=") for word in words):
            if assigned:
                values[name] = value
    roles = ROLES if values["DAEMON"] == "both" else (values["DAEMON"],)
    for role in roles:
        yield {"role": role, "interface": values["IFACE"], "sync_id": values["SYNCID"]}


def _of_rules(text: str) -> Iterator[dict[str, Any]]:
    for words in map(_words, text.splitlines()):
        if words[:1] == ["--start-daemon"] and len(words) > 1:
            given = zip(words[2::2], words[3::2])
            named = {_OPTIONS[name]: value for name, value in given if name in _OPTIONS}
            yield {"role": words[1], **named}


def _words(line: str) -> list[str]:
    """Return the words of a line as a shell has them; none of one that it would not take."""
    try:
        return shlex.split(line, comments=True)
    except ValueError:
        return []
