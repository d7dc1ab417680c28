"""Messages as the JSON of the two HTTP APIs: every field is there, 64-bit numbers as texts, what is not set as null."""
import datetime

from google.protobuf.descriptor import FieldDescriptor

_EPOCH = datetime.datetime(1970, 1, 1)


def _date(seconds):
    return (_EPOCH + datetime.timedelta(seconds=seconds)).isoformat()


def protobuf_time(t):
    """the gateway's: UTC, 0, 3, 6 or 9 digits"""
    nanos = "%09d" % t.nanos
    while nanos.endswith("000"):
        nanos = nanos[:-3]
    return _date(t.seconds) + ("." + nanos if nanos else "") + "Z"


def go_time(offsets):
    """0.30's: as many digits as are needed, in the offset that it was sent with"""
    def text(t):
        minutes = offsets.get(t.seconds * 10**9 + t.nanos, 0)
        digits = ("%09d" % t.nanos).rstrip("0")
        zone = "%s%02d:%02d" % ("-" if minutes < 0 else "+", *divmod(abs(minutes), 60)) if minutes else "Z"
        return _date(t.seconds + 60 * minutes) + ("." + digits if digits else "") + zone
    return text


_PLANS = {}


def _plan(descriptor):
    """[(field, JSON name, how to print a set value or None for a message, list?, message?)]: asking the descriptors for
    every message anew would cost more than all the rest"""
    if descriptor not in _PLANS:
        plan = _PLANS[descriptor] = []
        for f in descriptor.fields:
            message = f.type == FieldDescriptor.TYPE_MESSAGE
            convert = None
            if f.type == FieldDescriptor.TYPE_UINT64:
                convert = str
            elif f.type == FieldDescriptor.TYPE_ENUM:
                convert = {v.number: v.name for v in f.enum_type.values}.__getitem__
            elif message and f.message_type.full_name == "google.protobuf.Timestamp":
                convert = _TIME
            plan.append((f.name, f.json_name, convert, f.is_repeated, message))
    return _PLANS[descriptor]


_TIME = object()


def to_dict(message, time_text=protobuf_time):
    out = {}
    for name, shown, convert, repeated, is_message in _plan(message.DESCRIPTOR):
        if repeated:
            value = getattr(message, name)
            out[shown] = [to_dict(x, time_text) for x in value] if is_message else list(value)
        elif is_message:
            if not message.HasField(name):
                out[shown] = None
            elif convert is _TIME:
                out[shown] = time_text(getattr(message, name))
            else:
                out[shown] = to_dict(getattr(message, name), time_text)
        else:
            value = getattr(message, name)
            out[shown] = convert(value) if convert else value
    return out
