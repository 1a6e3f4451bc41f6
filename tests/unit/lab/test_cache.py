"""What is built once is kept, and nothing half built is."""

from __future__ import annotations

from pathlib import Path

import pytest
from lvs_lab.cache import built, kept


@pytest.fixture(autouse=True)
def _cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))


def test_the_same_inputs_are_built_once() -> None:
    made = []

    def recipe(part: Path) -> None:
        made.append(part)
        (part / "result").write_text("done")

    first = built("thing", {"a": 1}, recipe)
    assert (built("thing", {"a": 1}, recipe), len(made)) == (first, 1)
    assert (first / "result").read_text() == "done"


def test_other_inputs_are_another_thing() -> None:
    assert built("thing", {"a": 1}, lambda _: None) != built("thing", {"a": 2}, lambda _: None)


def test_an_interrupted_build_leaves_nothing_that_counts() -> None:
    def interrupted(part: Path) -> None:
        (part / "half").write_text("half")
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        built("thing", {}, interrupted)
    result = built("thing", {}, lambda part: (part / "whole").touch())
    assert [path.name for path in result.iterdir()] == ["whole"]
    assert [path.name for path in result.parent.iterdir() if path.is_dir()] == [result.name]


def test_what_was_not_built_is_not_kept() -> None:
    assert kept("thing", {}) is None
    result = built("thing", {}, lambda _: None)
    assert kept("thing", {}) == result
