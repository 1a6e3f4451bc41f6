"""What differs between the distributions that a node may have."""

from __future__ import annotations

from lvs_lab import image
from lvs_lab.debian import SUITES


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
