# Copyright (c) 2025, The lvs.cluster authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How a module ends.

Private to the collection: names and behaviour may change in any release.
"""

from __future__ import annotations

import gc
import json
import sys
from collections.abc import Callable, Iterator, Mapping
from typing import Any, NoReturn

from ansible.module_utils.basic import AnsibleModule
from ansible.module_utils.common.warnings import get_deprecation_messages, get_warning_messages

# Longer arguments, in items or characters, are not repeated in a result.
_ITEMS = 100
_CHARACTERS = 1000


def fail(module: AnsibleModule, error: Exception, **result: object) -> NoReturn:
    """End with one sentence."""
    module.fail_json(msg=str(error), **result, **invocation_of(module))
    raise SystemExit(1)


def succeed(module: AnsibleModule, **result: object) -> NoReturn:
    """End with a result.

    C(exit_json) copies a result value by value, to leave out arguments that are secret. Of a first
    load of 1,000 services of ten that was a quarter of all the time. Where no argument is secret,
    and there is no warning to add, the result goes out as it is.
    """
    # Python looks for what refers to itself before it ends, and nothing of a table does.
    gc.freeze()
    whole = {**result, **invocation_of(module)}
    if module.no_log_values or get_warning_messages() or get_deprecation_messages():
        module.exit_json(**whole)
    before = "\n{"
    for name, value in whole.items():
        sys.stdout.write(f"{before}{json.dumps(name)}: ")
        sys.stdout.writelines(_in_parts(value))
        before = ", "
    sys.stdout.write("}\n")
    raise SystemExit(0)


def _in_parts(value: object) -> Iterator[str]:
    """Give a value as JSON; of a long list the text is never there as a whole."""
    if not isinstance(value, list) or len(value) <= _ITEMS:
        yield json.dumps(value)
        return
    before = "["
    for start in range(0, len(value), _ITEMS):
        yield before + json.dumps(value[start : start + _ITEMS])[1:-1]
        before = ", "
    yield "]"


def let_go_of_long(module: AnsibleModule) -> None:
    """Let go of arguments that are long, once they have been read.

    No result repeats them, and those of 5,000 services of ten are 20 MiB.
    """
    short = _short(module.params)
    module.params.update(short)
    # It has the same, for messages about arguments, of which none comes after this.
    module.validation_result.validated_parameters.update(short)


def invocation_of(module: AnsibleModule) -> dict[str, Any]:
    """Return the arguments as Ansible adds them to every result, without those that are long.

    A task of thousands of services would send all of them back, each time.
    """
    return {"invocation": {"module_args": _short(module.params)}}


def _short(arguments: Mapping[str, Any]) -> dict[str, Any]:
    return {name: _shortened(value) for name, value in arguments.items()}


def _shortened(value: object) -> object:
    if isinstance(value, str) and len(value) > _CHARACTERS:
        return f"({len(value)} characters)"
    if isinstance(value, list) and len(value) + sum(map(_items_in, value)) > _ITEMS:
        return f"({len(value)} items)"
    return value


def _items_in(value: object) -> int:
    lists = value.values() if isinstance(value, Mapping) else ()
    return sum(len(inner) for inner in lists if isinstance(inner, list))


def diff_of(module: AnsibleModule, texts: Callable[[], tuple[str, str]]) -> dict[str, Any]:
    """Return what a result has besides with C(--diff): what was and what is, made only then."""
    if not module._diff:
        return {}
    before, after = texts()
    return {"diff": {"before": before, "after": after}}
