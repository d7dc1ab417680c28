"""The settings of ouroboros-web: one JSON file, environment over it, secrets from files; all faults at once."""

from __future__ import annotations

import logging
import os
from collections.abc import Mapping

from . import errors
from ._callbacks import Log, fault_callback
from ._native import Handle, call, ffi, lib, read_or_none, record, text
from .directory import Directory
from .errors import Fault
from .identity import GitHub, Sessions
from .store import Store
from .tailnet import Tailnet

__all__ = ["Settings"]


class environment_of:
    """An environment as the library takes it, alive as long as this."""

    def __init__(self, environment: Mapping[str, str] | None) -> None:
        self.lines = [text("%s=%s" % item) for item in (environment or {}).items()]
        self.array = ffi.NULL if environment is None else ffi.new("char *[]", [*self.lines, ffi.NULL])


class Settings(Handle):
    """Settings that were read. Config says every fault.

    Without a file it is ./cfg.json, then /etc/ouroboros/cfg.json, then none. environment: os.environ, or None to look at
    none."""

    _free = "ouro_settings_free"

    notices: tuple[Fault, ...]
    """what was accepted and is ignored"""

    def __init__(
        self, file: str | os.PathLike[str] | None = None, environment: Mapping[str, str] | None = None
    ) -> None:
        faults: list[Fault] = []
        notices: list[Fault] = []
        on_fault, on_notice = fault_callback(faults), fault_callback(notices)
        options = record(
            "ouro_settings_options",
            file=None if file is None else os.fspath(file),
            fault=on_fault,
            notice=on_notice,
        )
        listed = environment_of(environment)
        options.environment = listed.array
        out = ffi.new("ouro_settings **")
        try:
            call("ouro_settings_load", options, out)
        except errors.Config as e:
            e.faults = tuple(faults)
            raise
        self.notices = tuple(notices)
        self._adopt(out[0])

    def text(self, key: str) -> str | None:
        """A text setting with its default applied; None if it is not set, or there is no such key."""
        with self._use() as settings:
            return read_or_none(lib.ouro_settings_text(settings, text(key)))

    def number(self, key: str) -> int:
        """A number, or 1 and 0 of a boolean, with the default applied; 0 if there is no such key."""
        with self._use() as settings:
            return int(lib.ouro_settings_number(settings, text(key)))

    @property
    def file(self) -> str | None:
        """The file that was read; None if only the environment."""
        with self._use() as settings:
            return read_or_none(lib.ouro_settings_file(settings))

    def tailnet(self, log: Log | logging.Logger | None = None) -> Tailnet:
        """The server that they name."""
        made = Tailnet.__new__(Tailnet)
        options = record("ouro_tailnet_options")
        with self._use() as settings:
            lib.ouro_settings_tailnet(settings, options)
            made._make(options, log)
        return made

    def directory(self) -> Directory:
        """Their map and rules."""
        made = Directory.__new__(Directory)
        options = record("ouro_directory_options")
        with self._use() as settings:
            lib.ouro_settings_directory(settings, options)
            made._make(options)
        return made

    def reload(self, directory: Directory) -> None:
        """Put their map and rules into a directory that is in use."""
        options = record("ouro_directory_options")
        with self._use() as settings:
            lib.ouro_settings_directory(settings, options)
            directory._reload(options)

    def store(self, log: Log | logging.Logger | None = None) -> Store | None:
        """Their store; None if there shall be none."""
        made = Store.__new__(Store)
        options = record("ouro_store_options")
        with self._use() as settings:
            lib.ouro_settings_store(settings, options)
            if not options.directory and not options.url:
                return None
            made._make(options, log)
        return made

    def github(
        self, sessions: Sessions, callback_url: str, log: Log | logging.Logger | None = None
    ) -> GitHub:
        """Their sign-in provider."""
        made = GitHub.__new__(GitHub)
        options = record("ouro_github_options")
        with self._use() as settings:
            lib.ouro_settings_github(settings, options)
            made._make(options, callback_url, sessions, log)
        return made
