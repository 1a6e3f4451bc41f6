# Copyright (c) 2026, The lvs.cluster authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the controller puts beside what the node has measured."""

from __future__ import annotations

from lvs_bench.measure import with_busy


def test_ways_take_turns() -> None:
    """Each run is between two looks at the clock."""
    found = with_busy(
        {"routed": [{}, {}], "alone": [{}, {}]}, [0.0, 1.0, 5.0, 7.0, 10.0, 13.0, 20.0, 24.0]
    )
    assert found == {"routed": [{"busy": 1}, {"busy": 3}], "alone": [{"busy": 2}, {"busy": 4}]}
