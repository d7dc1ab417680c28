"""Instants of a World in and out of messages."""
from .records import ZERO


def put_time(field, ns):
    field.seconds, field.nanos = ns // 10**9, ns % 10**9


def get_time(message, field, absent=ZERO):
    if not message.HasField(field):
        return absent
    t = getattr(message, field)
    return t.seconds * 10**9 + t.nanos
