"""Which source package the kernel is built from."""

from __future__ import annotations

import pytest
from lvs_lab.errors import LabError
from lvs_lab.kernel import choose


def test_the_measured_series_goes_before_newer_ones() -> None:
    assert choose(["linux-source-7.10", "linux-source-7.2", "linux-source-6.12"]) == (
        "linux-source-7.2"
    )


def test_the_next_newer_series_stands_in() -> None:
    assert choose(["linux-source-7.10", "linux-source-7.4"]) == "linux-source-7.4"


def test_older_series_panic_and_are_not_taken() -> None:
    with pytest.raises(LabError, match=r"no linux-source of 7\.2 or later"):
        choose(["linux-source-6.1", "linux-source-6.12"])
