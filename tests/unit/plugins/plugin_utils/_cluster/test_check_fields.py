# Copyright (c) 2025, The lvs.cluster authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a field of a check may be."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.lvs.cluster.plugins.module_utils._values import ModelError
from ansible_collections.lvs.cluster.plugins.plugin_utils._cluster import check_fields as _fields
from ansible_collections.lvs.cluster.plugins.plugin_utils._cluster.check_types import CHECK_TYPES
from ansible_collections.lvs.cluster.plugins.plugin_utils._cluster.checks import fields_of
from ansible_collections.lvs.cluster.plugins.plugin_utils._settings import kinds

PORT = kinds.number(1, 65535)
METHOD = kinds.one_of("GET", "HEAD")


@pytest.mark.parametrize("check_type", CHECK_TYPES)
def test_examples(check_type: str) -> None:
    """Each kind's is one that it takes, and so is each default."""
    for name, field in fields_of(check_type).items():
        read = field.kind.parse(field.kind.example)
        assert field.kind.parse(read) == read, name
        if field.default is not None:
            assert field.kind.parse(field.default) == field.default, name


@pytest.mark.parametrize(
    ("kind", "given", "read"),
    [
        (_fields.SECONDS, "2", 2),
        (_fields.SECONDS, 1.5, 1.5),
        (_fields.SECONDS, "2.0", 2),
        (kinds.BOOLEAN, "Yes", True),
        (kinds.BOOLEAN, "no", False),
        (_fields.STATUSES, 200, ("200",)),
        (_fields.STATUSES, [200, "301-302"], ("200", "301-302")),
        (_fields.OCTETS, "0a 1B", "0a1B"),
        (PORT, "80", 80),
    ],
)
def test_values(kind: kinds.Kind, given: Any, read: Any) -> None:
    """Each as the configurations want it, whichever way YAML has it."""
    assert kind.parse(given) == read
    assert isinstance(kind.parse(given), type(read))


@pytest.mark.parametrize(
    ("kind", "given", "why", "advice"),
    [
        (kinds.TEXT, "", "is empty", "give some"),
        (kinds.TEXT, ["one"], "is not text", "put it in"),
        (
            kinds.TEXT,
            "one\ntwo",
            "has a character that is no part of a line (U+000A)",
            "leave it out",
        ),
        (_fields.PATH, "index.html", "is not the path of a page", "give one such as /index.html"),
        (_fields.PATH, "/a b", "is not the path of a page", "give one such as /index.html"),
        (_fields.URL, "/", "is not a whole URL", "give one such as http://www.example.com/"),
        (
            _fields.PROGRAM,
            "check --now",
            "is not the path of a program",
            "give one such as /usr/local/bin/check, without arguments",
        ),
        (_fields.SECONDS, 0, "is out of range", "give seconds from 0.001 to 3600"),
        (_fields.SECONDS, "soon", "is not a number", "give seconds from 0.001 to 3600"),
        (_fields.SECONDS, True, "is not a number", "give seconds from 0.001 to 3600"),
        (_fields.SECONDS, 10**12, "is out of range", "give seconds from 0.001 to 3600"),
        (_fields.HOST_NAME, "$(id)", "is not the name of a host", "give one such as www."),
        (_fields.DOMAIN, "a b", "is not the name of a domain", "give one such as www."),
        (kinds.BOOLEAN, "perhaps", "is not a boolean", "use true or false"),
        (_fields.STATUSES, "2xx", "is not a status of HTTP", "give one such as 200, or"),
        (_fields.STATUSES, "20\u0660", "is not a status of HTTP", "give one such as 200, or"),
        (_fields.STATUSES, [], "is not a status of HTTP", "give one such as 200, or"),
        (_fields.OCTETS, "xyz", "is not hexadecimal", "give pairs of digits such as"),
        (_fields.DIGEST, "0a1b", "is not a digest by MD5", "give its 32 hexadecimal digits"),
        (PORT, 70000, "is out of range", "give one from 1 to 65535"),
        (PORT, 0, "is out of range", "give one from 1 to 65535"),
        (PORT, True, "is not a whole number", "give one from 1 to 65535"),
        (METHOD, "POST", "is not known", "use one of GET, HEAD"),
        (METHOD, ["GET"], "is not known", "use one of GET, HEAD"),
    ],
)
def test_what_cannot_be(kind: kinds.Kind, given: Any, why: str, advice: str) -> None:
    """Each is told with the value, why, and what to do."""
    with pytest.raises(ModelError) as refused:
        kind.parse(given)
    assert (refused.value.value, refused.value.why) == (given, why)
    assert refused.value.advice.startswith(advice)


@pytest.mark.parametrize(("given", "number"), [("80", 80), (80, 80), ("", None), (None, None)])
def test_plain_number(given: Any, number: int | None) -> None:
    """Nothing else than digits is one."""
    assert _fields.plain_number(given) == number
    assert _fields.plain_number(True) is None
    assert _fields.plain_number("-1") is None
