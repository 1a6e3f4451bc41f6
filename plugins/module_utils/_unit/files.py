# Copyright (c) 2026, The lvs.cluster authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Files of a host that the roles write or remove as a whole, each with what changes in it.

Private to the collection: names and behaviour may change in any release.
"""

from __future__ import annotations

import grp
import os
import pwd
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path
from stat import S_IMODE
from typing import Optional

from ansible.module_utils.basic import AnsibleModule

from .._values import ModelError

# Owner and group of a file by name; None where it may be anybody's.
Owners = tuple[Optional[str], Optional[str]]


class HostFiles:
    """What a module writes and removes, in check mode nothing. C(diffs) are as Ansible shows it."""

    def __init__(self, module: AnsibleModule) -> None:
        self._module = module
        self.diffs: list[dict[str, str]] = []

    def paths(self) -> list[str]:
        """Return what has been changed, or in check mode would be."""
        return [diff["after_header"] for diff in self.diffs]

    def write(
        self, path: Path, text: str, mode: int, owners: Owners = (None, None),
        validate: Callable[[str], None] | None = None,
    ) -> None:  # fmt: skip
        """Have a file be so. It is replaced at once, and one that is so already is left alone.

        C(validate) gets the name of a file that has the text, and raises ModelError where that must
        not be there; in check mode what it needs may not be there yet.
        """
        before = _read(path)
        if before == text and not path.is_symlink():
            self._have(path, mode, owners)
            return
        if not self._module.check_mode:
            numbers = self._numbers(path, owners)
            if validate is not None:
                self._validate(text, validate)

            def make(temporary: str) -> None:
                os.chown(temporary, *numbers)
                Path(temporary).chmod(mode)
                context = self._module.selinux_default_context(str(path))
                self._module.set_context_if_different(temporary, context, False)

            try:
                _replace(path, text, make)
            except OSError as error:
                raise _refused(path, "written", error) from error
        self._tell(path, before or "", text)

    def directory(self, path: Path, mode: int, owners: Owners = (None, None)) -> None:
        """Have a directory."""
        if path.is_dir():
            self._have(path, mode, owners)
            return
        if not self._module.check_mode:
            try:
                path.mkdir(mode, parents=True)
                path.chmod(mode)
                os.chown(path, *self._numbers(path, owners))
            except OSError as error:
                raise _refused(path, "made", error) from error
        self._tell(path, "", "a directory\n")

    def remove(self, path: Path) -> None:
        """Have a file, or a directory with all that is in it, be gone."""
        if not os.path.lexists(path):
            return
        is_directory = path.is_dir() and not path.is_symlink()
        before = "a directory\n" if is_directory else _read(path) or ""
        if not self._module.check_mode:
            try:
                if is_directory:
                    shutil.rmtree(path)
                else:
                    path.unlink()
            except OSError as error:
                raise _refused(path, "removed", error) from error
        self._tell(path, before, "")

    def rename(self, path: Path, to: Path) -> None:
        """Have a file, if it is there, by another name."""
        if not path.exists():
            return
        if not self._module.check_mode:
            try:
                path.replace(to)
            except OSError as error:
                raise _refused(path, "renamed", error) from error
        self._tell(to, f"{path}\n", f"{to}\n")

    def copy(self, path: Path, to: Path) -> None:
        """Have a file as it is under another name, too, unless there is one already."""
        if os.path.lexists(to):
            return
        text = _read(path) or ""
        if not self._module.check_mode:
            descriptor, temporary = tempfile.mkstemp(dir=to.parent, prefix=f".{to.name}.")
            os.close(descriptor)
            try:
                shutil.copyfile(path, temporary)
                shutil.copymode(path, temporary)
                Path(temporary).replace(to)
            except OSError as error:
                Path(temporary).unlink(missing_ok=True)
                raise _refused(to, "written", error) from error
        self._tell(to, "", text)

    def link(self, path: Path, to: Path) -> None:
        """Have a symbolic link that leads to another file, in place of whatever is there."""
        before = f"a link to {path.readlink()}\n" if path.is_symlink() else _read(path) or ""
        after = f"a link to {to}\n"
        if path.is_symlink() and before == after:
            return
        if not self._module.check_mode:
            temporary = path.with_name(f".{path.name}.new")
            try:
                temporary.unlink(missing_ok=True)
                temporary.symlink_to(to)
                temporary.replace(path)
            except OSError as error:
                raise _refused(path, "made", error) from error
        self._tell(path, before, after)

    def _validate(self, text: str, validate: Callable[[str], None]) -> None:
        """Have a text looked at elsewhere: its directory may be one that a service reads."""
        descriptor, temporary = tempfile.mkstemp(dir=self._module.tmpdir)
        try:
            with os.fdopen(descriptor, "w", encoding="utf-8") as stream:
                stream.write(text)
            validate(temporary)
        finally:
            Path(temporary).unlink(missing_ok=True)

    def _have(self, path: Path, mode: int, owners: Owners) -> None:
        found = path.stat()
        was = S_IMODE(found.st_mode)
        numbers = self._numbers(path, owners)
        given = [
            (name, now, wanted)
            for name, now, wanted in zip(("owner", "group"), (found.st_uid, found.st_gid), numbers)
            if wanted not in (-1, now)
        ]
        if was == mode and not given:
            return
        if not self._module.check_mode:
            try:
                # In this order: with another owner a mode may lose bits.
                os.chown(path, *numbers)
                path.chmod(mode)
            except OSError as error:
                raise _refused(path, "written", error) from error
        told = [("mode", f"{was:04o}", f"{mode:04o}")] if was != mode else []
        changes = [*told, *given]
        self._tell(
            path,
            "".join(f"{name} {now}\n" for name, now, _wanted in changes),
            "".join(f"{name} {wanted}\n" for name, _now, wanted in changes),
        )

    def _numbers(self, path: Path, owners: Owners) -> tuple[int, int]:
        """Return the numbers of owner and group, -1 of what stays as it is.

        In check mode the run that is checked may make the account first.
        """
        owner, group = owners
        try:
            uid = -1 if owner is None else pwd.getpwnam(owner).pw_uid
            gid = -1 if group is None else grp.getgrnam(group).gr_gid
        except KeyError as error:
            if self._module.check_mode:
                return -1, -1
            why = f"cannot be given to {owner or ''}:{group or ''}, for there is no such account"
            raise ModelError(str(path), "", None, why, "create the account") from error
        return uid, gid

    def _tell(self, path: Path, before: str, after: str) -> None:
        header = str(path)
        self.diffs.append(
            {"before_header": header, "after_header": header, "before": before, "after": after}
        )


def _read(path: Path) -> str | None:
    """Return a file's text, and None where there is none. What is no text is like no other."""
    try:
        return path.read_bytes().decode("utf-8", "backslashreplace")
    except FileNotFoundError:
        return None
    except OSError as error:
        raise _refused(path, "read", error) from error


def _replace(path: Path, text: str, make: Callable[[str], None]) -> None:
    descriptor, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8") as stream:
            stream.write(text)
        make(temporary)
        Path(temporary).replace(path)
    except OSError:
        Path(temporary).unlink(missing_ok=True)
        raise


def _refused(path: Path, what: str, error: OSError) -> ModelError:
    why = f"cannot be {what} ({error.strerror})"
    return ModelError(str(path), "", None, why, "run with become: true")
