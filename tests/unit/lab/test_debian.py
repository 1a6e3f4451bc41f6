"""The sources that nodes and guest are made from."""

from __future__ import annotations

from pathlib import Path

from lvs_lab.debian import KEYRING, Mirror, PrivateApt


def test_the_suite_comes_with_its_updates() -> None:
    mirror = Mirror(main="http://mirror.example/debian", security="http://mirror.example/security")
    assert mirror.sources("trixie") == (
        "deb http://mirror.example/debian trixie main\n"
        "deb http://mirror.example/debian trixie-updates main\n"
        "deb http://mirror.example/security trixie-security main\n"
    )


def test_a_mirror_without_security_updates_is_taken_as_it_is() -> None:
    assert "security" not in Mirror("http://mirror.example/debian", None).sources("trixie")


def test_an_apt_of_our_own_says_whose_signature_it_wants(tmp_path: Path) -> None:
    PrivateApt(tmp_path, Mirror("http://mirror.example/debian", None).sources("forky"))
    assert (tmp_path / "sources.list").read_text() == (
        f"deb [signed-by={KEYRING}] http://mirror.example/debian forky main\n"
        f"deb [signed-by={KEYRING}] http://mirror.example/debian forky-updates main\n"
    )
