# Copyright (c) 2026, The lvs.cluster authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A kernel that does not answer as one with IPVS; the rest is in tests/kernel."""

from __future__ import annotations

import errno
import socket
from collections.abc import Sequence
from typing import Any

import pytest
from ansible_collections.lvs.cluster.plugins.module_utils._ipvs import kernel as _kernel
from ansible_collections.lvs.cluster.plugins.module_utils._ipvs.errors import IpvsError
from ansible_collections.lvs.cluster.plugins.module_utils._ipvs.kernel import Ipvs
from ansible_collections.lvs.cluster.plugins.module_utils._netlink import Interrupted

ANSWERING_FAMILY = 30


class Conversation:
    """A conversation in which the first question is about the family, and the rest is refused."""

    def __init__(self, *answers: Exception | Sequence[bytes]) -> None:
        self.answers = list(answers)
        self.closed = False

    def __call__(self, _family: int) -> Conversation:
        return self

    def ask(self, *_question: object) -> Any:
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if isinstance(answer, Exception):
            raise answer
        return answer

    def close(self) -> None:
        self.closed = True


def led(monkeypatch: pytest.MonkeyPatch, *answers: Exception | Sequence[bytes]) -> Conversation:
    """Return the conversation that the kernel has with whoever asks, the last answer for ever."""
    conversation = Conversation(*answers)
    monkeypatch.setattr(_kernel, "Netlink", conversation)
    return conversation


def test_a_python_without_netlink(monkeypatch: pytest.MonkeyPatch) -> None:
    """One sentence, with what to do."""
    monkeypatch.delattr(socket, "AF_NETLINK")
    with pytest.raises(IpvsError) as raised:
        Ipvs()
    assert str(raised.value) == (
        "there is no netlink socket to ask the kernel's IPVS by (this Python has no netlink"
        " sockets); run the task on Linux, by a Python that has them."
    )
    assert not raised.value.no_ipvs


@pytest.mark.parametrize(
    ("code", "said", "no_ipvs"),
    [
        (errno.ENOENT, "this kernel has no IPVS loaded; load it with modprobe ip_vs", True),
        (errno.EPERM, "only for root (CAP_NET_ADMIN); run the task with become: true", False),
        (errno.ENOMEM, "could not be read: Cannot allocate memory; see the kernel's log", False),
    ],
)
def test_a_family_that_is_refused(
    monkeypatch: pytest.MonkeyPatch, code: int, said: str, no_ipvs: bool
) -> None:
    """One sentence; and the socket does not stay open."""
    conversation = led(monkeypatch, OSError(code, "?"))
    with pytest.raises(IpvsError) as raised:
        Ipvs()
    assert said in str(raised.value)
    assert raised.value.no_ipvs == no_ipvs
    assert conversation.closed


def test_a_table_that_never_stands_still(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is not believed, nor asked for without end."""
    led(monkeypatch, [bytes(4) + b"\6\0\1\0" + bytes((ANSWERING_FAMILY, 0, 0, 0))], Interrupted())
    with Ipvs() as ipvs, pytest.raises(IpvsError, match="changed under each attempt to read it"):
        ipvs.read()
