"""Things that are built once and kept, by a key made from what they are built from."""

from __future__ import annotations

import fcntl
import hashlib
import json
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Callable

from lvs_lab.paths import cache_dir


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """Hold an exclusive lock on a file, which is made where it is missing."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield


def built(kind: str, inputs: object, recipe: Callable[[Path], None]) -> Path:
    """Give the directory that the recipe makes from the inputs, making it where it is missing.

    The recipe fills a temporary directory, which gets its name only when the
    recipe has ended well: an interrupted build leaves no half result.
    """
    result = _place(kind, inputs)
    if result.exists():
        return result
    with locked(cache_dir() / f"{kind}.lock"):
        if result.exists():
            return result
        for leftover in cache_dir().glob(f"{kind}-*.part"):
            shutil.rmtree(leftover)
        part = result.with_name(f"{result.name}.part")
        part.mkdir(parents=True)
        recipe(part)
        part.rename(result)
    return result


def kept(kind: str, inputs: object) -> Path | None:
    """Give the directory that was made from the inputs, where one was."""
    result = _place(kind, inputs)
    return result if result.exists() else None


def _place(kind: str, inputs: object) -> Path:
    digest = hashlib.sha256(json.dumps(inputs, sort_keys=True).encode()).hexdigest()[:16]
    return cache_dir() / f"{kind}-{digest}"
