"""The HTTP API of 0.30: strict about what it is sent, problem+json for what it refuses."""
import json
import re
import urllib.parse

from google.protobuf import json_format
from google.protobuf.descriptor import FieldDescriptor

from .calls import GARBAGE
from .http1 import Answer
from .jsonify import go_time, to_dict
from .names import Refused, go_quote
from .problems import ID_NAMES, of_refusal, problem
from .times import get_time

JSON = "application/json"
PROBLEM = "application/problem+json"
NOT_FOUND = 404, b"404 page not found\n", "text/plain; charset=utf-8"
MAX_BODY = 1024 * 1024
# the only call whose body may be absent
BODY_OPTIONAL = ("ExpireNode",)
DATE = re.compile(r"\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(\.\d+)?([Zz]|([+-])(\d\d):(\d\d))")


def invalid(*faults, status=422):
    return problem(status, "validation failed", faults)


class Native:
    def __init__(self, service, calls):
        self.service, self.calls = service, calls
        self._printed = {}

    async def run(self, request):
        """the Answer of one request; one that came by the socket needs no key"""
        method, values = self.find(request)
        if request.via != "socket":
            try:
                self.service.check_key(request.headers.get("authorization"))
            except Refused:
                raise problem(401, "Unauthorized") from None
        message = self.decode(method, values, request)

        def act():
            return self.service.answer(method, message)
        try:
            raw = await self.calls.run(method, act, request.via, request.hooks)
        except Refused as e:
            raise of_refusal(method, e) from None
        if raw is GARBAGE:
            return Answer(200, GARBAGE, JSON)
        if self._printed.get(method, (None,))[0] is not raw:
            self._printed[method] = raw, self._print(method, raw)
        return Answer(200, self._printed[method][1], JSON)

    def _print(self, method, raw):
        shown = to_dict(self.service.wire[method + "Response"].FromString(raw), go_time(self.service.world.offsets))
        for node in shown.get("nodes") or [shown.get("node")]:
            key = node and node["preAuthKey"]
            if key and key["expiration"] == "0001-01-01T00:00:00Z":
                key["expiration"] = None
        return json.dumps(shown, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"

    def find(self, request):
        segments = request.path.split("/")[1:]
        if not segments[-1]:
            raise Answer(*NOT_FOUND)
        method, values, verbs = self.service.wire.find(request.method, segments, lambda s: True)
        if method is None:
            raise Answer(405, headers=[("allow", v) for v in verbs]) if verbs else Answer(*NOT_FOUND)
        return method, {n: urllib.parse.unquote(s) for n, s in values.items()}

    # ---- what was sent

    def decode(self, method, values, request):
        message = self.service.wire[method + "Request"]()
        fields = message.DESCRIPTOR.fields_by_name
        for name, value in values.items():
            if not value:
                raise invalid(fault("required path parameter is missing", "path." + fields[name].json_name, ""))
        if self.service.wire.methods[method][2] == "body":
            self._decode_body(method, message, request, set(values))
        else:
            self._decode_query(method, message, request, set(values))
        for name, value in values.items():
            self._set_number_or_text(method, message, fields[name], value)
        return message

    def _decode_query(self, method, message, request, in_path):
        for name, value in urllib.parse.parse_qsl(request.query, keep_blank_values=True):
            field = next((f for f in message.DESCRIPTOR.fields if f.json_name == name and f.name not in in_path), None)
            if field is None or value == "":
                continue
            if field.type == FieldDescriptor.TYPE_BOOL:
                if value not in ("true", "false", "1", "0", "t", "f", "T", "F", "TRUE", "FALSE", "True", "False"):
                    raise invalid(fault("invalid boolean", "query." + name, value))
                setattr(message, field.name, value[0] in "tT1")
            else:
                self._set_number_or_text(method, message, field, value)

    @staticmethod
    def _set_number_or_text(method, message, field, value):
        if field.type != FieldDescriptor.TYPE_UINT64:
            setattr(message, field.name, value)
            return
        if not re.fullmatch("[0-9]+", value):
            cause = "strconv.ParseUint: parsing %s: invalid syntax" % go_quote(value)
        elif int(value) >= 2**64:
            cause = "strconv.ParseUint: parsing %s: value out of range" % go_quote(value)
        else:
            setattr(message, field.name, int(value))
            return
        if field.name == "node_id":
            raise problem(400, "type mismatch, parameter: node_id, error: " + cause)
        raise problem(400, ID_NAMES.get((method, field.name), "invalid user id"), [{"message": cause}])

    def _decode_body(self, method, message, request, in_path):
        body = request.body
        if not body:
            if method in BODY_OPTIONAL:
                return
            raise problem(400, "request body is required")
        if len(body) >= MAX_BODY:
            raise problem(413, "request body is too large limit=%d bytes" % MAX_BODY)
        text = body.decode("utf-8", "replace")
        kind = request.headers.get("content-type", JSON).partition(";")[0].strip()
        if kind != JSON and not kind.endswith("+json"):
            raise invalid(fault("unknown content type: " + kind, "body", text), status=415)
        try:
            value = json.loads(text)
        except ValueError as e:
            raise invalid(fault(_go_words(text, e), "body", text), status=400) from None
        if not isinstance(value, dict):
            raise invalid({"message": "expected object", "location": "body", **({} if value is None else {"value": value})})
        known = {f.json_name: f for f in message.DESCRIPTOR.fields if f.name not in in_path}
        faults = []
        for name in sorted(value):
            if name not in known:
                faults.append(fault("unexpected property", "body." + name, dict(sorted(value.items()))))
            elif value[name] is not None:
                faults += _misfits(known[name], value[name], "body." + name)
        if faults:
            raise invalid(*faults)
        for name, item in value.items():
            self._put(method, message, known[name], item)

    def _put(self, method, message, field, item):
        if item is None or item == "" and field.type == FieldDescriptor.TYPE_UINT64:
            return
        if field.type == FieldDescriptor.TYPE_UINT64:
            self._set_number_or_text(method, message, field, item)
            return
        json_format.ParseDict({field.json_name: item}, message)
        if field.type == FieldDescriptor.TYPE_MESSAGE:
            sent = DATE.fullmatch(item)
            if sent.group(3):
                minutes = int(sent.group(4)) * 60 + int(sent.group(5))
                self.service.world.offsets[get_time(message, field.name)] = -minutes if sent.group(3) == "-" else minutes


def fault(message, location, value):
    return {"message": message, "location": location, "value": value}


def _misfits(field, value, where):
    if field.is_repeated:
        if not isinstance(value, list):
            return [fault("expected array", where, value)]
        return [fault("expected string", "%s[%d]" % (where, i), x) for i, x in enumerate(value) if not isinstance(x, str)]
    if field.type == FieldDescriptor.TYPE_BOOL:
        return [] if isinstance(value, bool) else [fault("expected boolean", where, value)]
    if not isinstance(value, str):
        return [fault("expected string", where, value)]
    if field.type == FieldDescriptor.TYPE_MESSAGE and not DATE.fullmatch(value):
        return [fault("expected string to be RFC 3339 date-time", where, value)]
    return []


def _go_words(text, e):
    """what Go's decoder says, for the plain cases"""
    if e.pos >= len(text.rstrip()):
        return "unexpected end of JSON input"
    if e.msg == "Extra data":
        return "invalid character '%s' after top-level value" % text[e.pos]
    return "invalid character '%s' looking for beginning of value" % text[e.pos]
