"""Which source package the kernel is built from, and with which options."""

from __future__ import annotations

from pathlib import Path

import pytest
from ansible_collections.lvs.cluster.plugins.module_utils._ipvs.model import SCHEDULERS
from lvs_lab import kernel
from lvs_lab.debian import Mirror
from lvs_lab.errors import LabError
from lvs_lab.kernel import DEMO, WHOLE, Recipe, choose, demo_kernel, wanted
from lvs_lab.paths import DEMO_FRAGMENT, FRAGMENT


def test_the_measured_series_goes_before_newer_ones() -> None:
    assert choose(["linux-source-7.10", "linux-source-7.2", "linux-source-6.12"]) == (
        "linux-source-7.2"
    )


def test_the_next_newer_series_stands_in() -> None:
    assert choose(["linux-source-7.10", "linux-source-7.4"]) == "linux-source-7.4"


def test_older_series_panic_and_are_not_taken() -> None:
    with pytest.raises(LabError, match=r"no linux-source of 7\.2 or later"):
        choose(["linux-source-6.1", "linux-source-6.12"])


def test_of_an_option_the_last_word_counts() -> None:
    fragments = ["CONFIG_A=y\nCONFIG_B=y\nCONFIG_C=8\n", "# CONFIG_A=n\nCONFIG_B=n\nCONFIG_D=y\n"]
    assert wanted(fragments) == ["CONFIG_A=y", "CONFIG_D=y"]


def test_the_demonstration_has_every_scheduler() -> None:
    """Its users are told to try another one."""
    options = wanted([FRAGMENT.read_text(), DEMO_FRAGMENT.read_text()])
    assert {f"CONFIG_IP_VS_{name.upper()}=y" for name in SCHEDULERS} <= set(options)


@pytest.mark.parametrize("there", [True, False])
def test_the_demonstration_waits_for_nothing_where_the_whole_kernel_is_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, there: bool
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    builds = []

    def build(_part: Path, _mirror: Mirror, recipe: Recipe) -> None:
        builds.append(recipe)

    monkeypatch.setattr(kernel, "_build", build)
    mirror = Mirror("http://mirror.example/debian", None)
    if there:
        kernel.uml_kernel(mirror)
    demo_kernel(mirror)
    assert builds == [WHOLE if there else DEMO]
    # And that of the demonstration is nobody else's.
    kernel.uml_kernel(mirror)
    assert builds[-1] == WHOLE
