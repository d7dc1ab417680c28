"""What answers HTTP: the API, and the pages of Headscale itself (health, version, key, register, self-descriptions)."""
import email.utils
import json
import re
import time
import urllib.parse

from . import documents
from .calls import GARBAGE
from .gateway import Gateway
from .http1 import Answer
from .names import Refused
from .native import NOT_FOUND, Native

TEXT = "text/plain; charset=utf-8"
HTML = "text/html; charset=utf-8"
PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>headscale</title></head>
<body><h1>headscale</h1><p>%s</p><pre><code>%s</code></pre></body></html>
"""
BLANK = (b'<!DOCTYPE html><html lang="en"><head><meta charset="UTF-8"><link href="/favicon.ico" rel="icon"></head>'
         b'<body></body></html>')
GO = {"version": "go1.26.8", "os": "linux", "arch": "amd64"}


class Web:
    def __init__(self, service, calls):
        self.service, self.calls = service, calls
        self.gateway, self.native = Gateway(service, calls), Native(service, calls)

    async def __call__(self, request):
        answer = await self._answer(request)
        if self.calls.clock:
            answer.headers = [*answer.headers, ("date", email.utils.formatdate(time.time() + self.calls.clock, usegmt=True))]
        return answer

    async def _answer(self, request):
        band = self.service.band
        if re.match("/api/v1(/|$)", request.path) and not (band >= "I" and request.path.startswith("/api/v1/openapi.")):
            return await (self.native if band >= "I" else self.gateway).run(request)
        name = "%s %s" % (request.method, re.sub("^(/register|/auth)/.*", r"\1/", request.path))
        try:
            page = await self.calls.page(name, lambda: self.page(request), request.hooks)
        except Refused as e:
            return Answer(401 if e.code == 16 else 503, e.text.encode(), TEXT)
        return Answer(200, GARBAGE, TEXT) if page is GARBAGE else page

    def page(self, request):
        band, path = self.service.band, request.path
        if request.via == "socket" and not path.startswith("/api/"):
            return Answer(*NOT_FOUND)
        if request.method == "PRI":
            return Answer(405 if band >= "H" else 301, headers=[] if band >= "H" else [("location", "/*")])
        for pattern, since, until, act in PAGES:
            found = re.fullmatch(pattern, path)
            if found and since <= band <= until:
                if request.method not in ("GET", "HEAD"):
                    return self._wrong_method()
                # the register page knows no HEAD
                if request.method == "HEAD" and act is Web._register:
                    return self._wrong_method()
                return act(self, request, *found.groups())
        return self._nothing()

    def _wrong_method(self):
        return Answer(405, headers=[("allow", "GET")]) if self.service.band >= "H" else self._nothing()

    def _nothing(self):
        band = self.service.band
        if band == "G":
            # it has a blank page for whatever it does not know
            return Answer(200, BLANK, HTML)
        return Answer(*NOT_FOUND) if band >= "H" else Answer(404)

    def _health(self, request):
        body = b'{"status":"pass"}' + (b"" if self.service.band < "D" else b"\n")
        return Answer(200, body, "application/health+json; charset=utf-8")

    def _version(self, request):
        facts = {"version": self.service.world.version_text, "commit": "unknown", "buildTime": "unknown", "go": GO,
                 "dirty": False}
        return Answer(200, json.dumps(facts, separators=(",", ":")).encode() + b"\n", "application/json")

    def _key(self, request):
        if "v=" not in request.query:
            return Answer(500, b"", TEXT) if self.service.band < "D" else \
                Answer(400, b"capability version must be set\n", TEXT)
        keys = {"legacyPublicKey": "mkey:" + "0" * 64, "publicKey": "mkey:" + "1" * 64}
        return Answer(200, json.dumps(keys).encode(), "application/json")

    def _register(self, request, key):
        key, band = urllib.parse.unquote(key), self.service.band
        try:
            self.service.world.check_key(key)
        except Refused:
            return Answer(400, b"Wrong params" if band < "D" else b"invalid registration id\n" if band < "H" else
                          b"invalid auth id\n", TEXT)
        command = ("headscale nodes register --user USERNAME --key %s" if band < "H" else
                   "headscale auth register --auth-id %s --user USERNAME") % key
        return Answer(200, (PAGE % ("An administrator adds this device on the server:", command)).encode(), HTML)

    def _ssh_check(self, request, key):
        try:
            self.service.world.check_key(urllib.parse.unquote(key))
        except Refused:
            return Answer(400, b"invalid auth id\n", TEXT)
        command = "headscale auth approve --auth-id " + urllib.parse.unquote(key)
        return Answer(200, (PAGE % ("An administrator approves this session on the server:", command)).encode(), HTML)

    def _swagger(self, request):
        return Answer(200, json.dumps(documents.swagger(self.service.wire)).encode(), "application/json; charset=utf-8")

    def _openapi_json(self, request):
        return Answer(200, json.dumps(documents.openapi(self.service.wire)).encode(), "application/openapi+json")

    def _openapi_yaml(self, request):
        return Answer(200, documents.yaml(documents.openapi(self.service.wire)).encode(), "application/openapi+yaml")


# (path, since, until, what answers)
PAGES = (
    ("/health", "B", "I", Web._health),
    ("/version", "F0", "I", Web._version),
    ("/key", "B", "I", Web._key),
    ("/register/([^/]+)", "B", "I", Web._register),
    ("/auth/([^/]+)", "H", "I", Web._ssh_check),
    ("/swagger/v1/openapiv2.json", "B", "H", Web._swagger),
    ("/api/v1/openapi.json", "I", "I", Web._openapi_json),
    ("/api/v1/openapi.yaml", "I", "I", Web._openapi_yaml),
)
