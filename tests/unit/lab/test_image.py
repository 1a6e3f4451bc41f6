"""What differs between the distributions that a node may have."""

from __future__ import annotations

from pathlib import Path

import pytest
from lvs_lab import image
from lvs_lab.debian import SUITES, Mirror


def test_units_have_the_version_of_their_distribution() -> None:
    assert [
        unit
        for suite in ("bookworm", "trixie")
        for unit in image.role_units(suite)
        if "fpm" in unit
    ] == ["php8.2-fpm", "php8.4-fpm"]


def test_what_a_distribution_lacks_is_left_out() -> None:
    assert set(image.ROLE_PACKAGES) - set(image.role_packages("bookworm")) == {
        "wordpress-theme-twentytwentyfive"
    }
    assert image.role_packages("trixie") == image.ROLE_PACKAGES


def test_sshd_is_told_only_what_it_knows() -> None:
    """PerSourcePenalties came with OpenSSH 9.8; Debian 12 has 9.2."""
    assert [suite for suite in SUITES if "PerSourcePenalties" in SUITES[suite].sshd] == [
        "trixie",
        "forky",
    ]


@pytest.mark.parametrize("old", [False, True])
def test_lists_past_their_date_are_taken_where_the_machine_takes_them(old: bool) -> None:
    """By an option of apt's: apt-cacher-ng finds no mirror in a line that has one of its own."""
    mirror = Mirror("http://mirror.example/debian", None, may_be_old=old)
    command = image.bootstrap_command(Path("/root"), "trixie", ("procps",), mirror)
    assert ('--aptopt=Acquire::Check-Valid-Until "false"' in command) is old
    assert command[-2:] == [
        "deb http://mirror.example/debian trixie main",
        "deb http://mirror.example/debian trixie-updates main",
    ]
