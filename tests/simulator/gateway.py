"""The HTTP listener: the JSON gateway under /api/v1, health, version, key and the register page of Headscale itself."""
import json
import re
import urllib.parse

from google.protobuf import json_format
from google.protobuf.descriptor import FieldDescriptor

from .calls import GARBAGE, HTML, for_ever
from .names import Refused, go_quote
from .serve import cut
from .service import MAX_REQUEST

STATUS = {0: 200, 2: 500, 3: 400, 5: 404, 8: 429, 12: 501, 13: 500, 14: 503, 16: 401}

PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>headscale</title></head>
<body><h1>headscale</h1><p>An administrator adds this device on the server:</p><pre><code>%s</code></pre></body></html>
"""


def to_dict(message):
    """as the gateway prints it: every field, messages that are not set as null"""
    out = json_format.MessageToDict(message, always_print_fields_with_no_presence=True)
    return _with_nulls(message, out)


def _with_nulls(message, out):
    for f in message.DESCRIPTOR.fields:
        if f.type != FieldDescriptor.TYPE_MESSAGE:
            continue
        if f.is_repeated:
            for item, printed in zip(getattr(message, f.name), out.get(f.json_name, [])):
                _with_nulls(item, printed)
        elif not message.HasField(f.name):
            out[f.json_name] = None
        elif isinstance(out[f.json_name], dict):
            _with_nulls(getattr(message, f.name), out[f.json_name])
    return out


class Answer(Exception):
    """an HTTP answer that is not the normal one"""

    def __init__(self, status, body, content_type="application/json"):
        super().__init__(status)
        self.status, self.body, self.content_type = status, body, content_type


class HttpHooks:
    """what a fault can do to an HTTP answer; HTTP/1.1 knows no GOAWAY: the connection is dropped instead"""

    def __init__(self, scope):
        self.scope = scope

    async def hang(self, fault):
        await for_ever()

    async def drop(self, fault):
        await cut(self.scope)

    hang_after, drop_after = hang, drop
    goaway = goaway_after = drop

    async def html(self, fault):
        raise Answer(fault.status, HTML, "text/html; charset=utf-8")


class Gateway:
    def __init__(self, world, service, calls):
        self.world, self.service, self.calls = world, service, calls
        self.routes = []
        for method, (verb, path, source) in service.wire.methods.items():
            self.routes.append((method, verb, path.split("/")[1:], source))
        # literal segments before parameters: /node/register is no node id
        self.routes.sort(key=lambda r: [s.startswith("{") for s in r[2]])

    def find(self, verb, path):
        """(method, path parameters, source of the other fields); Refused 12 or 5"""
        segments = path.split("/")[1:]
        known = False
        for method, want, pattern, source in self.routes:
            if len(pattern) != len(segments):
                continue
            if all(p.startswith("{") and s or p == s for p, s in zip(pattern, segments)):
                if any("%2f" in s.lower() for s in segments):
                    continue
                if want != verb:
                    known = True
                    continue
                values = {p[1:-1]: urllib.parse.unquote(s) for p, s in zip(pattern, segments) if p.startswith("{")}
                return method, values, source
        raise Refused(12, "Method Not Allowed") if known else Refused(5, "Not Found")

    def decode(self, method, values, source, query, body):
        message = self.service.wire[method + "Request"]()
        if source == "body":
            self._decode_body(message, body)
        else:
            for name, value in urllib.parse.parse_qsl(query, keep_blank_values=True):
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
                if self.world.band == "B":
                    return where + "invalid value for %s type: %s" % (kind, shown)
                return where + "invalid value for %s field %s: %s" % (kind, name, shown)
        return other

    def check_key(self, header):
        try:
            self.service.check_key(header)
        except Refused as e:
            status = 500 if e.code == 13 and self.world.band == "B" else 401
            raise Answer(status, b"Unauthorized", "text/plain; charset=utf-8") from None

    async def run(self, scope, path, query, header, body):
        self.check_key(header)
        method, values, source = self.find(scope["method"], path)
        if len(body) > MAX_REQUEST:
            raise Refused(8, "grpc: received message larger than max (%d vs. %d)" % (len(body), MAX_REQUEST))

        def act():
            return self.service.answer(method, self.decode(method, values, source, query, body))
        raw = await self.calls.run(method, act, "http", HttpHooks(scope))
        if raw is GARBAGE:
            return GARBAGE
        return json.dumps(to_dict(self.service.wire[method + "Response"].FromString(raw)), ensure_ascii=False).encode()


def _no_duplicates(pairs):
    seen = set()
    for name, _ in pairs:
        if name in seen:
            raise Refused(3, "proto:\xa0duplicate field " + go_quote(name))
        seen.add(name)
    return dict(pairs)


def plain(world, verb, path, query):
    """(status, body, content type or None) of everything that is not the API"""
    b = world.band == "B"
    get = verb in ("GET", "HEAD")
    if path == "/health" and get:
        return 200, b'{"status":"pass"}' + (b"" if b else b"\n"), "application/health+json; charset=utf-8"
    if path == "/version" and get and not b:
        facts = {"version": "v0.29.2", "commit": "unknown", "buildTime": "unknown",
                 "go": {"version": "go1.26.8", "os": "linux", "arch": "amd64"}, "dirty": False}
        return 200, json.dumps(facts, separators=(",", ":")).encode() + b"\n", "application/json"
    if path == "/key" and get:
        if "v=" not in query:
            return (500, b"", "text/plain; charset=utf-8") if b else \
                (400, b"capability version must be set\n", "text/plain; charset=utf-8")
        return 200, json.dumps({"legacyPublicKey": "mkey:" + "0" * 64, "publicKey": "mkey:" + "1" * 64}).encode(), \
            "application/json"
    if re.fullmatch("/register/[^/]+", path):
        return register_page(world, verb, urllib.parse.unquote(path[10:]))
    return (404, b"", None) if b else (404, b"404 page not found\n", "text/plain; charset=utf-8")


def register_page(world, verb, key):
    b = world.band == "B"
    if verb != "GET":
        return (404, b"", None) if b else (405, b"", None)
    try:
        world.check_key(key)
    except Refused:
        return 400, b"Wrong params" if b else b"invalid auth id\n", "text/plain; charset=utf-8"
    command = ("headscale nodes register --user USERNAME --key %s" if b else
               "headscale auth register --auth-id %s --user USERNAME") % key
    return 200, (PAGE % command).encode(), "text/html; charset=utf-8"


def gateway_app(world, service, calls):
    from starlette.requests import Request
    from starlette.responses import Response
    gateway = Gateway(world, service, calls)

    async def app(scope, receive, send):
        request = Request(scope, receive)
        path = scope["raw_path"].partition(b"?")[0].decode("ascii")
        query = scope["query_string"].decode("ascii")
        if not path.startswith("/api/v1"):
            status, body, kind = plain(world, scope["method"], path, query)
        else:
            try:
                body = await gateway.run(scope, path, query, request.headers.get("authorization"),
                                         await request.body())
                status, kind = 200, "application/json"
            except Answer as e:
                status, body, kind = e.status, e.body, e.content_type
            except Refused as e:
                status, kind = STATUS[e.code], "application/json"
                body = json.dumps({"code": e.code, "message": e.text, "details": []}, ensure_ascii=False).encode()
        response = Response(body, status)
        if kind:
            response.headers["content-type"] = kind
        if status == 405:
            response.headers["allow"] = "GET"
        await response(scope, receive, send)
    return app
