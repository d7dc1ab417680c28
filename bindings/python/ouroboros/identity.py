"""Sign-in with GitHub and the sealed sessions that follow."""

from __future__ import annotations

import logging
from datetime import timedelta
from typing import Any

from ._callbacks import Clock, Log, clock_callback, log_callback
from ._native import (
    Handle,
    call,
    ffi,
    instant,
    lib,
    milliseconds,
    number,
    octets,
    put_text,
    read,
    record,
    room,
    seconds_of,
    take_secret,
    text,
    text_or_null,
)
from .errors import Invalid
from .model import Identity, Session, SignIn

__all__ = ["Sessions", "GitHub"]


def identity_record(identity: Identity) -> Any:
    made = record("ouro_identity", id=number(identity.id))
    put_text(made.provider, identity.provider, "the name of a provider")
    put_text(made.login, identity.login, "a login")
    return made


def take_identity(made: Any) -> Identity:
    return Identity(id=made.id, login=read(made.login), provider=read(made.provider))


def session_record(session: Session) -> Any:
    made = record(
        "ouro_session", authenticated=seconds_of(session.authenticated), issued=seconds_of(session.issued)
    )
    if len(session.sid) != len(made.sid):
        raise Invalid("the id of a session is %d bytes" % len(made.sid))
    made.identity = identity_record(session.identity)[0]
    made.sid = list(session.sid)
    return made


def take_session(made: Any) -> Session:
    return Session(
        identity=take_identity(made.identity),
        authenticated=instant(made.authenticated),
        issued=instant(made.issued),
        sid=bytes(made.sid),
    )


def whole_seconds(value: float | timedelta | None) -> int:
    """As milliseconds(), in seconds and at least one."""
    span = milliseconds(value)
    return span and max(1, span // 1000)


class Sessions(Handle):
    """A set of sealing keys, and the sessions that were ended by sign-out. Any thread may use it.

    audience is the base URL; keys are lines "kid:base64 of 32 bytes", None = a random key of this process. idle and absolute
    are seconds or timedelta; None = half an hour and twelve hours."""

    _free = "ouro_sessions_free"

    def __init__(
        self,
        audience: str,
        keys: str | None = None,
        *,
        idle: float | timedelta | None = None,
        absolute: float | timedelta | None = None,
        clock: Clock | None = None,
    ) -> None:
        self._clock = clock_callback(clock)
        options = record(
            "ouro_sessions_options",
            keys=keys,
            audience=audience,
            idle_seconds=whole_seconds(idle),
            absolute_seconds=whole_seconds(absolute),
            clock=self._clock,
        )
        out = ffi.new("ouro_sessions **")
        call("ouro_sessions_new", options, out)
        self._adopt(out[0])

    def begin(self, identity: Identity) -> tuple[Session, str]:
        """A session of somebody who signed in just now, and the value of its cookie."""
        made, cookie = record("ouro_session"), room("OURO_SESSION_TEXT_MAX")
        with self._use() as sessions:
            call("ouro_session_begin", sessions, identity_record(identity), made, cookie)
        return take_session(made), take_secret(cookie)

    def open(self, cookie: str | bytes) -> tuple[Session, str | None]:
        """The session of a cookie, which is not trusted, and a new value to set, None if the old one will do."""
        made, renewed, raw = record("ouro_session"), room("OURO_SESSION_TEXT_MAX"), octets(cookie)
        with self._use() as sessions:
            call("ouro_session_open", sessions, raw, len(raw), made, renewed)
        return take_session(made), take_secret(renewed) or None

    def end(self, session: Session) -> None:
        """Its cookies no longer open here."""
        with self._use() as sessions:
            lib.ouro_session_end(sessions, session_record(session))

    def form_token(self, session: Session) -> str:
        """What forms of this session carry."""
        token = room("OURO_FORM_TOKEN_MAX")
        with self._use() as sessions:
            call("ouro_session_form_token", sessions, session_record(session), token)
        return take_secret(token)

    def form_check(self, session: Session, token: str | bytes) -> None:
        """WrongState if the token of a form is not of this session."""
        raw = octets(token)
        with self._use() as sessions:
            call("ouro_session_form_check", sessions, session_record(session), raw, len(raw))


class GitHub(Handle):
    """GitHub, or GitHub Enterprise, as sign-in provider. Any thread may use it."""

    _free = "ouro_github_free"

    def __init__(
        self,
        client_id: str,
        client_secret: str,
        callback_url: str,
        sessions: Sessions,
        *,
        url: str | None = None,
        api_url: str | None = None,
        ca_file: str | None = None,
        timeout: float | timedelta | None = None,
        log: Log | logging.Logger | None = None,
    ) -> None:
        options = record(
            "ouro_github_options",
            client_id=client_id,
            client_secret=client_secret,
            url=url,
            api_url=api_url,
            ca_file=ca_file,
            timeout_ms=milliseconds(timeout),
        )
        self._make(options, callback_url, sessions, log)

    def _make(
        self, options: Any, callback_url: str, sessions: Sessions, log: Log | logging.Logger | None
    ) -> None:
        self._log = log_callback(log)
        if self._log is not None:
            options.log = self._log
        where = text(callback_url)
        options.callback_url = where
        out = ffi.new("ouro_github **")
        with sessions._use() as sealing:
            options.sessions = sealing
            call("ouro_github_new", options, out)
            self._adopt(out[0], sessions)

    def begin(self, purpose: str) -> SignIn:
        """Begin a sign-in; purpose says what to do afterwards, a word of the caller's."""
        url, sealed = room("OURO_AUTHORIZE_URL_MAX"), room("OURO_STATE_TEXT_MAX")
        tag = room("OURO_STATE_TAG_MAX")
        with self._use() as github:
            call("ouro_github_begin", github, text(purpose), url, sealed, tag)
        return SignIn(url=read(url), sealed=take_secret(sealed), tag=read(tag))

    @staticmethod
    def tag(state: str | bytes) -> str:
        """The tag that belongs to the state of a callback; works on any input."""
        tag, raw = room("OURO_STATE_TAG_MAX"), octets(state)
        call("ouro_github_tag", raw, len(raw), tag)
        return read(tag)

    def finish(self, code: str, state: str, sealed: str | None) -> tuple[Identity, str]:
        """Who it is, and the purpose. None of the three is trusted; sealed is the cookie, None if there is none."""
        identity, purpose = record("ouro_identity"), room("OURO_PURPOSE_MAX")
        with self._use() as github:
            call(
                "ouro_github_finish", github, text(code), text(state), text_or_null(sealed), identity, purpose
            )
        return take_identity(identity), read(purpose)
