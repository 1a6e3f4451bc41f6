"""What a lab is made of."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest
from lvs_lab import image, kernel, machine, parts
from lvs_lab.debian import Mirror
from lvs_lab.parts import Parts, make_parts


@pytest.fixture
def begun(monkeypatch: pytest.MonkeyPatch) -> threading.Event:
    """Have parts without contents, whose kernel is done when the guest's file system is begun."""
    event = threading.Event()

    def guest_root(_mirror: Mirror) -> Path:
        event.set()
        return Path("/guest")

    def uml_kernel(_mirror: Mirror) -> Path:
        assert event.wait(10), "one waits for the other"
        return Path("/kernel")

    monkeypatch.setattr(parts, "machine_mirror", lambda: Mirror("http://mirror.example", None))
    monkeypatch.setattr(image, "guest_root", guest_root)
    monkeypatch.setattr(image, "node_root", lambda name, _mirror, _guest: Path("/nodes", name))
    monkeypatch.setattr(image, "disk_of", lambda root: root / "disk")
    monkeypatch.setattr(kernel, "uml_kernel", uml_kernel)
    return event


@pytest.mark.usefixtures("begun")
def test_the_kernel_is_made_beside_the_file_systems(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(machine, "has_ipvs", lambda: False)
    assert make_parts(["bookworm"], demo=False) == Parts(
        kernel=Path("/kernel"),
        guest=Path("/guest"),
        others={"bookworm": Path("/nodes/bookworm")},
        disks=[Path("/guest/disk"), Path("/nodes/bookworm/disk")],
    )


@pytest.mark.usefixtures("begun")
def test_a_machine_with_ipvs_needs_neither_kernel_nor_disk(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(machine, "has_ipvs", lambda: True)
    assert make_parts([], demo=False) == Parts(
        kernel=None, guest=Path("/guest"), others={}, disks=[]
    )


@pytest.mark.usefixtures("begun")
def test_a_demonstration_asks_for_a_kernel_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(machine, "has_ipvs", lambda: False)
    monkeypatch.setattr(kernel, "demo_kernel", lambda _mirror: Path("/demo/kernel"))
    assert make_parts([], demo=True).kernel == Path("/demo/kernel")
    assert make_parts([], demo=False).kernel == Path("/kernel")
