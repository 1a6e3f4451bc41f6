# Copyright (c) 2025, The lvs.cluster authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The options that name a virtual service."""

from __future__ import annotations


class ModuleDocFragment:
    """What names a virtual service."""

    DOCUMENTATION = r"""
options:
  virtual_address:
    description:
      - The IPv4 or IPv6 address that clients connect to.
      - Give this with O(virtual_port) and O(protocol), or else O(fwmark).
      - A new service needs the address of a host. V(0.0.0.0), V(255.255.255.255), V(::), multicast addresses and IPv4
        addresses in the form of IPv6 are refused. A service that exists there can be edited and deleted.
    type: str
  virtual_port:
    description:
      - The port that clients connect to.
      - V(0) stands for all ports. A new one of these has to be persistent.
    type: int
  protocol:
    description:
      - The transport protocol of the service.
      - It is V(tcp) where O(virtual_address) is given and this is not.
    type: str
    choices:
      - tcp
      - udp
      - sctp
  fwmark:
    description:
      - The firewall mark, from 1 to 4294967295, of the packets that make up the service.
      - It stands instead of O(virtual_address), O(virtual_port) and O(protocol).
    type: int
  family:
    description:
      - The address family of a service with a O(fwmark). It is V(ipv4) where this is not given.
      - With O(virtual_address) the family is that of the address.
    type: str
    choices:
      - ipv4
      - ipv6
"""
