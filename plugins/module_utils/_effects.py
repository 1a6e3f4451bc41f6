# Copyright (c) 2025, The lvs.cluster authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Add, edit, delete, and what each does to connections.

Private to the collection: names and behaviour may change in any release.
"""

from __future__ import annotations

ADD = "add"
EDIT = "edit"
DELETE = "delete"

NO_EFFECT = "none"
NEW_CONNECTIONS_ONLY = "new connections only"
DELAYS_NEW_CONNECTIONS = "delays new connections"
REFUSES_NEW_CONNECTIONS = "refuses new connections"
DROPS_CONNECTIONS = "drops connections"
