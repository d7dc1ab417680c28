"""Who is who: accounts → Headscale users, and the rules of this installation."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from . import errors
from ._callbacks import fault_callback
from ._native import NULL, Handle, call, ffi, lib, record
from .errors import Fault

__all__ = ["Directory"]

UserMap = str | Mapping[Any, str | Sequence[str]]
Rules = str | Mapping[str, Any] | None


def as_json(value: Any) -> str:
    """JSON as it is, or made of a mapping."""
    return value if isinstance(value, str) else json.dumps(value, default=list)


def options_of(user_map: UserMap, rules: Rules) -> Any:
    return record(
        "ouro_directory_options",
        user_map=as_json(user_map),
        rules=None if rules is None else as_json(rules),
    )


def with_faults(act: Callable[[Any], None]) -> None:
    """Run with a callback that collects the faults; the exception Config carries all of them."""
    faults: list[Fault] = []
    callback = fault_callback(faults)
    try:
        act(callback)
    except errors.Config as e:
        e.faults = tuple(faults)
        raise


class Directory(Handle):
    """The user map and the rules; reloading swaps both at once. Any thread may use it.

    Both are mappings, or their JSON as it stands in the settings. Config says every fault."""

    _free = "ouro_directory_free"

    def __init__(self, user_map: UserMap, rules: Rules = None) -> None:
        self._make(options_of(user_map, rules))

    def _make(self, options: Any) -> None:
        out = ffi.new("ouro_directory **")
        with_faults(lambda fault: call("ouro_directory_load", options, fault, NULL, out))
        self._adopt(out[0])

    def reload(self, user_map: UserMap, rules: Rules = None) -> None:
        """Replace map and rules; on failure the old ones stay."""
        self._reload(options_of(user_map, rules))

    def _reload(self, options: Any) -> None:
        with self._use() as directory:
            with_faults(lambda fault: call("ouro_directory_reload", directory, options, fault, NULL))

    def __len__(self) -> int:
        """Number of accounts in the map."""
        with self._use() as directory:
            return int(lib.ouro_directory_count(directory))

    def __bool__(self) -> bool:
        return True
