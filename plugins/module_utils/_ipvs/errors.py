# Copyright (c) 2025, The lvs.cluster authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the kernel's refusals mean.

Private to the collection: names and behaviour may change in any release.
"""

from __future__ import annotations

import errno
import os
from collections.abc import Sequence
from typing import TYPE_CHECKING

from .model import (
    RealServer,
    Service,
    key_family,
)

if TYPE_CHECKING:
    from .plan import Operation
    from .sync_daemon import SyncDaemon
NOT_ROOT = "the IPVS table is only for root (CAP_NET_ADMIN); run the task with become: true."


class IpvsError(Exception):
    """One sentence: what the kernel did not do, and the fix.

    `done` are the operations that the kernel had done by then; `no_ipvs` says that this kernel has
    no IPVS, or has not loaded it.
    """

    def __init__(self, text: str, done: Sequence[Operation] = (), *, no_ipvs: bool = False) -> None:
        super().__init__(text)
        self.done = tuple(done)
        self.no_ipvs = no_ipvs


def describe_no_socket(error: OSError) -> str:
    """Return one sentence for a host on which there is nothing to talk to the kernel by."""
    reason = error.strerror or str(error)
    return (
        f"there is no netlink socket to ask the kernel's IPVS by ({reason}); run the task on Linux,"
        " by a Python that has them."
    )


def describe_error(code: int, operation: Operation | None = None) -> str:
    """Return one sentence for an error of the kernel: the item, what is wrong, and the fix."""
    if code in (errno.EPERM, errno.EACCES):
        return NOT_ROOT
    reason = os.strerror(code) if code else "no answer"
    if operation is None:
        return f"the IPVS table could not be read: {reason}; see the kernel's log."
    after = operation.after
    texts = {errno.EEXIST: "was created by somebody else meanwhile; run the task again."}
    if isinstance(after, Service):
        texts[errno.ENOENT] = f"the kernel has no scheduler {after.scheduler};" + (
            f" load it with modprobe ip_vs_{after.scheduler}, or use another."
        )
        if after.persistence_engine != "none":
            texts[errno.ENOENT] = (
                f"the kernel has no scheduler {after.scheduler} or no persistence engine"
                f" {after.persistence_engine}; load them with modprobe -a ip_vs_{after.scheduler}"
                f" ip_vs_pe_{after.persistence_engine}."
            )
        texts[errno.EAFNOSUPPORT] = "the kernel's IPVS has no IPv6; run a kernel that has it."
        texts[errno.EPROTONOSUPPORT] = (
            f"the kernel's IPVS has no {after.protocol}; run a kernel that has it."
        )
    if isinstance(after, RealServer):
        texts[errno.EINVAL] = (
            f"the kernel refuses address {after.address} with forward {after.forward};"
            " give the unicast address of a host"
        )
        texts[errno.EINVAL] += (
            ", and mind that a director that runs a synchronisation daemon takes no real server"
            " of the other address family."
            if after.family != key_family(operation.key)
            else "."
        )
    if operation.server is not None:
        texts[errno.ENOENT] = "was deleted by somebody else meanwhile; run the task again."
    texts[errno.ESRCH] = "its service was deleted by somebody else meanwhile; run the task again."
    text = texts.get(code, f"the kernel refuses to {operation.action} it: {reason}.")
    return f"{operation.label}: {text}"


def describe_timeouts_error(code: int) -> str:
    """Return one sentence for an error of the kernel about timeouts, and the fix."""
    if code in (errno.EPERM, errno.EACCES):
        return NOT_ROOT
    reason = os.strerror(code) if code else "no answer"
    return f"timeouts: the kernel refuses them: {reason}; give smaller ones."


def describe_daemon_error(code: int, daemon: SyncDaemon) -> str:
    """Return one sentence for an error of the kernel about a daemon, and the fix."""
    if code in (errno.EPERM, errno.EACCES):
        return NOT_ROOT
    network = "IPv6" if daemon.family == "ipv6" else "IPv4"
    texts = {
        errno.EEXIST: "was started by somebody else meanwhile; run the task again.",
        errno.ESRCH: "was stopped by somebody else meanwhile; run the task again.",
        errno.ENODEV: f"interface {daemon.interface} is gone; make it, or give another.",
        errno.EINVAL: (
            "the kernel refuses it, as it does while a service has a real server of the other"
            " address family: synchronisation cannot tell of those; take such real servers out,"
            " or do without the daemon."
        ),
        errno.EAFNOSUPPORT: (
            f"group {daemon.group} needs {network}, which this kernel has not; give a group of the"
            " other family."
        ),
        errno.EADDRINUSE: (
            f"port {daemon.port} is taken on this host; give another, to all directors alike."
        ),
    }
    for unreachable in (errno.ENETUNREACH, errno.EADDRNOTAVAIL, errno.ENETDOWN):
        texts[unreachable] = (
            f"group {daemon.group} cannot be reached over interface {daemon.interface}"
            f" ({os.strerror(unreachable)}); bring the interface up, with an {network} address."
        )
    reason = os.strerror(code) if code else "no answer"
    return f"{daemon.label}: {texts.get(code, f'the kernel refuses it: {reason}.')}"
