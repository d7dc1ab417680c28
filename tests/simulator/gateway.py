"""The JSON gateway of 0.23-0.29: HTTP requests under /api/v1 become calls of the API."""
import json
import re
import urllib.parse

from google.protobuf import json_format
from google.protobuf.descriptor import FieldDescriptor

from .calls import GARBAGE
from .http1 import Answer
from .jsonify import to_dict
from .names import Refused, go_quote
from .service import MAX_REQUEST

STATUS = {2: 500, 3: 400, 5: 404, 8: 429, 12: 501, 13: 500, 14: 503}
JSON = "application/json"


class Gateway:
    """the JSON gateway under /api/v1 of 0.23-0.29; raises Refused as the calls do, or an Answer"""

    def __init__(self, service, calls):
        self.service, self.calls = service, calls
        self._printed = {}

    def find(self, verb, path):
        """(method, path parameters, source of the other fields); Refused 12 or 5"""
        def fits(segment):
            return segment and "%2f" not in segment.lower()
        method, values, verbs = self.service.wire.find(verb, path.split("/")[1:], fits)
        if method is None:
            raise Refused(12, "Method Not Allowed") if verbs else Refused(5, "Not Found")
        source = self.service.wire.methods[method][2]
        return method, {n: urllib.parse.unquote(s) for n, s in values.items()}, source

    def decode(self, method, values, source, query, form, body):
        message = self.service.wire[method + "Request"]()
        if source == "body":
            self._decode_body(message, body)
        else:
            # what a form carries counts up to 0.27 only
            more = body.decode("latin-1") if form and self.service.band < "G" else ""
            for name, value in (urllib.parse.parse_qsl(query, keep_blank_values=True)
                                + urllib.parse.parse_qsl(more, keep_blank_values=True)):
                field = next((f for f in message.DESCRIPTOR.fields if name in (f.name, f.json_name)), None)
                if field is not None:
                    self._set(message, field, value)
        for name, value in values.items():
            self._set(message, message.DESCRIPTOR.fields_by_name[name], value)
        return message
    @staticmethod
    def _set(message, field, value):
        if field.type == FieldDescriptor.TYPE_UINT64:
            if not re.fullmatch("[0-9]+", value) or int(value) >= 2**64:
                raise Refused(3, "type mismatch, parameter: %s, error: strconv.ParseUint: parsing %s: invalid syntax"
                              % (field.name, go_quote(value)))
            setattr(message, field.name, int(value))
        elif field.type == FieldDescriptor.TYPE_BOOL:
            setattr(message, field.name, value in ("true", "1", "t", "T", "TRUE", "True"))
        elif field.type == FieldDescriptor.TYPE_MESSAGE:
            try:
                getattr(message, field.name).FromJsonString(value)
            except ValueError:
                raise Refused(3, "type mismatch, parameter: %s, error: invalid timestamp" % field.name) from None
        else:
            setattr(message, field.name, value)

    def _decode_body(self, message, body):
        text = body.decode("utf-8", "replace").strip()
        if not text:
            return
        try:
            value, _ = json.JSONDecoder(object_pairs_hook=_no_duplicates).raw_decode(text)
        except Refused:
            raise
        except ValueError:
            raise Refused(3, "unexpected EOF" if text.count("{") > text.count("}") else "invalid JSON") from None
        try:
            json_format.ParseDict(value, message, ignore_unknown_fields=True)
        except json_format.ParseError as e:
            raise Refused(3, self._fault_in(message, value, text, str(e))) from None

    def _fault_in(self, message, value, text, other):
        """the server's words for the first field that does not fit"""
        for f in message.DESCRIPTOR.fields:
            for name in (f.json_name, f.name):
                found = re.search(r'"%s"\s*:\s*' % name, text)
                if not isinstance(value, dict) or name not in value or not found:
                    continue
                one = type(message)()
                try:
                    json_format.ParseDict({name: value[name]}, one, ignore_unknown_fields=True)
                    continue
                except json_format.ParseError:
                    pass
                shown = json.dumps(value[name])
                where = "proto:\xa0(line 1:%d): " % (found.end() + 1)
                if f.type == FieldDescriptor.TYPE_MESSAGE:
                    return where + "invalid google.protobuf.Timestamp value " + shown
                kind = {FieldDescriptor.TYPE_STRING: "string", FieldDescriptor.TYPE_UINT64: "uint64"}.get(f.type, "bool")
                if self.service.band < "C":
                    return where + "invalid value for %s type: %s" % (kind, shown)
                return where + "invalid value for %s field %s: %s" % (kind, name, shown)
        return other

    def check_key(self, request):
        try:
            self.service.check_key(request.headers.get("authorization"))
        except Refused as e:
            raise unauthorized(500 if e.code == 13 and self.service.band < "F" else 401) from None

    async def run(self, request):
        """the Answer of one request"""
        try:
            return Answer(200, await self._call(request), JSON)
        except Refused as e:
            if e.code == 16:
                raise unauthorized(401) from None
            text = json.dumps({"code": e.code, "message": e.text, "details": []}, ensure_ascii=False)
            return Answer(STATUS[e.code], text.encode(), JSON)

    async def _call(self, request):
        self.check_key(request)
        method, values, source = self.find(request.method, request.path)
        if len(request.body) > MAX_REQUEST:
            raise Refused(8, "grpc: received message larger than max (%d vs. %d)" % (len(request.body), MAX_REQUEST))
        form = request.headers.get("content-type", "").startswith("application/x-www-form-urlencoded")

        def act():
            return self.service.answer(method, self.decode(method, values, source, request.query, form, request.body))
        raw = await self.calls.run(method, act, request.via, request.hooks)
        if raw is GARBAGE:
            return GARBAGE
        if self._printed.get(method, (None,))[0] is not raw:
            shown = to_dict(self.service.wire[method + "Response"].FromString(raw))
            self._printed[method] = raw, json.dumps(shown, ensure_ascii=False).encode()
        return self._printed[method][1]


def unauthorized(status):
    return Answer(status, b"Unauthorized", "text/plain; charset=utf-8")


def _no_duplicates(pairs):
    seen = set()
    for name, _ in pairs:
        if name in seen:
            raise Refused(3, "proto:\xa0duplicate field " + go_quote(name))
        seen.add(name)
    return dict(pairs)
