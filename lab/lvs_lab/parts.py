"""What a lab is made of, each part made beside the others where the cache does not have it."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from lvs_lab import image, kernel, machine
from lvs_lab.debian import machine_mirror
from lvs_lab.progress import nothing_left_running


@dataclass(frozen=True)
class Parts:
    """A kernel, and the file systems of the guest and of the nodes."""

    kernel: Path | None
    """None where the machine's own has IPVS."""
    guest: Path
    others: dict[str, Path]
    """File systems of nodes that the guest's own does not hold, by their names."""
    disks: list[Path]
    """The guest's own, and those of `others`; none on the machine's own kernel."""


def make_parts(other_roots: Sequence[str], *, demo: bool) -> Parts:
    """Give the parts of a lab; with `demo` its kernel may be that of the demonstration."""
    own_kernel = machine.has_ipvs()
    mirror = machine_mirror()
    make_kernel = kernel.demo_kernel if demo else kernel.uml_kernel
    # Packages are fetched and unpacked while the kernel is compiled.
    with ThreadPoolExecutor(1) as beside, nothing_left_running():
        building = None if own_kernel else beside.submit(make_kernel, mirror)
        guest = image.guest_root(mirror)
        others = {name: image.node_root(name, mirror, guest) for name in other_roots}
        disks = [] if own_kernel else [image.disk_of(root) for root in (guest, *others.values())]
        return Parts(building.result() if building else None, guest, others, disks)
