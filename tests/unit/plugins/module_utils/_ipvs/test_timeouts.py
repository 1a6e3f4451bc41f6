# Copyright (c) 2025, The lvs.cluster authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Timeouts of connections: what is given is read, compared and printed."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.lvs.cluster.plugins.module_utils._ipvs.timeouts import (
    DEFAULTS,
    MAX_SECONDS,
    NAMES,
    parse_timeouts,
    plan_timeouts,
    print_timeouts,
)
from ansible_collections.lvs.cluster.plugins.module_utils._values import ModelError
from hypothesis import given
from hypothesis import strategies as st

TIMES = st.integers(1, MAX_SECONDS)


@given(
    st.fixed_dictionaries(dict.fromkeys(NAMES, TIMES)),
    st.dictionaries(st.sampled_from(NAMES), TIMES),
)
def test_one_edit_makes_them_equal(have: dict[str, int], given: dict[str, int]) -> None:
    """The changes are what differs, and nothing that was not named; done, nothing is left."""
    operations = plan_timeouts(have, parse_timeouts(given))
    changes = operations[0]["changes"] if operations else {}
    after = {**have, **{name: new for name, (_old, new) in changes.items()}}
    assert after == {**have, **given}
    assert all(have[name] == old != new for name, (old, new) in changes.items())
    assert len(operations) == bool(changes)
    assert plan_timeouts(after, given) == []


def test_none_is_not_given() -> None:
    """What a task leaves out is left alone, and numbers may be text, as templates give them."""
    assert parse_timeouts({"tcp": None, "tcp_fin": "30", "udp": 5}) == {"tcp_fin": 30, "udp": 5}


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ({"tcp": 0}, "timeouts: tcp 0 is no time; give one from 1 to 2147483, or leave it out"),
        ({"udp": "0"}, "udp 0 is no time"),
        ({"tcp_fin": -1}, "tcp_fin -1 is out of range; give one from 1 to 2147483"),
        ({"tcp_fin": MAX_SECONDS + 1}, "tcp_fin 2147484 is out of range"),
        ({"udp": "5m"}, "udp '5m' is not a whole number"),
        ({"sctp": 5}, "sctp is not known; use one of tcp, tcp_fin, udp"),
    ],
)
def test_what_is_no_timeout(source: dict[str, Any], said: str) -> None:
    """One sentence with field, value and fix."""
    with pytest.raises(ModelError) as raised:
        parse_timeouts(source)
    assert said in str(raised.value)


def test_printed_for_ipvsadm() -> None:
    """To ipvsadm, 0 is what is left alone."""
    assert print_timeouts(DEFAULTS) == "--set 900 120 300"
    assert print_timeouts({"udp": 60}) == "--set 0 0 60"
