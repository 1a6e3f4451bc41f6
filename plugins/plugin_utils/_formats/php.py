# Copyright (c) 2026, The lvs.cluster authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""PHP: literals of its programs, and settings of php.ini as a pool of php-fpm has them.

Private to the collection: names and behaviour may change in any release.
"""

from __future__ import annotations

import math
import re
from typing import Any

from ansible_collections.lvs.cluster.plugins.module_utils._values import ModelError

from .text import in_quotes, setting

CONSTANT = re.compile(r"(?!(?i:true|false|null)\Z)[A-Za-z_][A-Za-z0-9_]*")
SETTING = re.compile(r"[A-Za-z_][A-Za-z0-9_-]*(\.[A-Za-z0-9_-]+)*")
# What PHP works out from its own words, such as E_ALL & ~E_NOTICE.
_LEVELS = re.compile(r"~?E_[A-Z_]+( *[&|^] *~?E_[A-Z_]+)*")
_PLAIN = re.compile(r"([A-Za-z0-9_./:,@%+-]+( [A-Za-z0-9_./:,@%+-]+)*)?")


def literal(value: Any) -> str:
    """Return a value as a program of PHP has it; raise ModelError for what is none."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, (int, float)) and math.isfinite(value):
        return str(value)
    if not isinstance(value, str) or "\0" in value:
        why = "has no value" if value is None else "is neither text, a number nor a boolean"
        raise ModelError("", "", value, why, "give one of these")
    return "'" + value.replace("\\", "\\\\").replace("'", "\\'") + "'"


def definition(name: str, value: Any) -> str:
    """Return the line that defines a constant; raise ModelError for what no line can say."""
    if not CONSTANT.fullmatch(name):
        advice = "use letters, digits and _"
        raise ModelError("", "", name, "is not the name of a constant of PHP", advice)
    return f"define('{name}', {literal(value)});"


def setting_value(value: Any) -> str:
    """Return the value of a setting of php.ini as a text; raise ModelError for what is none."""
    return setting(value, ("off", "on"), "64M or true")


def setting_name(name: str) -> str:
    """Return the name of a setting of php.ini; raise ModelError for what is none."""
    if not SETTING.fullmatch(name):
        advice = "give one such as memory_limit"
        raise ModelError("", "", name, "is not the name of a setting of PHP", advice)
    return name


def pool_line(name: str, value: Any) -> str:
    """Return the line of a pool of php-fpm that fixes a setting of php.ini.

    In quotes PHP takes a text as it is. Without them words such as E_ALL stand for numbers, and
    signs are reckoned with.
    """
    text = setting_value(value)
    if not (_PLAIN.fullmatch(text) or _LEVELS.fullmatch(text)):
        text = f"'{text}'" if "'" not in text else in_quotes(text).replace("${", "\\${")
    return f"php_admin_value[{setting_name(name)}] = {text}"
