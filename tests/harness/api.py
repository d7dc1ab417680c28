"""The JSON API of ouroboros-web as a program meets it. Every answer is held against its description, openapi.yaml."""
import functools
import http.client
import json
import re
import urllib.parse

import jsonschema
import referencing
import yaml
from referencing.jsonschema import DRAFT202012

from .process import TESTS

SOURCE = TESTS.parent / "frontends" / "web" / "api" / "openapi.yaml"
# What the form of a request alone is refused for; everything else has to be named where it can happen.
REFUSED = {400, 405, 408, 414, 421, 431, 501, 505}


class Described:
    """the description, and whether an answer is as it says"""

    def __init__(self, document):
        self.document = document
        resource = referencing.Resource(contents=document, specification=DRAFT202012)
        self.registry = referencing.Registry().with_resource("urn:api", resource)
        self.patterns = [(re.compile(re.sub(r"\\{\w+\\}", "[^/]+", re.escape(path)) + "$"), path) for path in
                         sorted(document["paths"], key=lambda path: path.count("{"))]
        self.seen = set()

    def find(self, path, method):
        """(path template, operation) of a request, None if there is none"""
        for pattern, template in self.patterns:
            operation = self.document["paths"][template].get(method.lower())
            if operation and pattern.match(path):
                return template, operation
        return None

    def resolve(self, value):
        while "$ref" in value:
            found = self.document
            for part in value["$ref"].removeprefix("#/").split("/"):
                found = found[part.replace("~1", "/").replace("~0", "~")]
            value = found
        return value

    def check(self, method, path, answer):
        """AssertionError if the answer is not as described"""
        found = self.find(path, "GET" if method == "HEAD" else method)
        if found is None:
            assert answer.status in REFUSED | {404}, "%s %s: %d" % (method, path, answer.status)
            self.check_body(self.resolve({"$ref": "#/components/responses/Refused"}), answer, method)
            return
        template, operation = found
        status = str(answer.status)
        if status not in operation["responses"]:
            assert answer.status in REFUSED and "default" in operation["responses"], \
                "%s %s does not say that it may answer %s: %s" % (method, template, status, answer.text)
            status = "default"
        self.seen.add((method, template, status))
        response = self.resolve(operation["responses"][status])
        for name, header in response.get("headers", {}).items():
            self.check_header(name, self.resolve(header), answer)
        self.check_body(response, answer, method)

    def check_header(self, name, header, answer):
        value = answer.headers.get(name.lower())
        if value is None:
            assert not header.get("required"), "%d without %s" % (answer.status, name)
            return
        self.validate(header["schema"], value)

    def check_body(self, response, answer, method):
        content = response.get("content")
        if content is None or method == "HEAD":
            assert answer.text == "", answer.text
            return
        kind = answer.headers.get("content-type", "").partition(";")[0]
        assert kind in content, "%r is not among %s" % (kind, list(content))
        if kind.endswith("json"):
            self.validate(content[kind]["schema"], json.loads(answer.text))
            if kind == "application/problem+json":
                assert json.loads(answer.text)["status"] == answer.status

    def validate(self, schema, value):
        if "$ref" in schema:
            schema = {"$ref": "urn:api" + schema["$ref"]}
        elif "anyOf" in schema or "items" in schema:
            raise AssertionError("a schema of an answer is named in components")
        jsonschema.Draft202012Validator(schema, registry=self.registry,
                                        format_checker=jsonschema.FormatChecker()).validate(value)


@functools.cache
def described():
    return Described(yaml.safe_load(SOURCE.read_text()))


class Answer:
    def __init__(self, status, headers, text):
        self.status, self.text = status, text
        self.headers = {}
        for name, value in headers:
            self.headers[name.lower()] = value

    @property
    def json(self):
        return json.loads(self.text)

    @property
    def words(self):
        """what a refusal says: what was being done, and why not"""
        return ": ".join([self.json["detail"], *(e["message"] for e in self.json.get("errors", []))])

    def __repr__(self):
        return "<%d %s>" % (self.status, self.text[:500])


class Api:
    """somebody with a token, or without one"""

    def __init__(self, base, token=None):
        where = urllib.parse.urlsplit(base)
        self.host, self.port, self.base, self.token = where.hostname, where.port, where.path, token

    def ask(self, method, path, body=None, headers=(), raw=None, checked=True):
        """path below BASE/api/v1, or below BASE if it begins with ~; body becomes JSON, raw is sent as it is"""
        path = self.base + (path[1:] if path.startswith("~") else "/api/v1" + path)
        send = dict([("Authorization", "Bearer " + self.token)] if self.token else [])
        data = raw
        if body is not None:
            data = json.dumps(body).encode()
            send["Content-Type"] = "application/json"
        send.update(headers)
        connection = http.client.HTTPConnection(self.host, self.port, timeout=30)
        try:
            connection.request(method, path, data, send)
            got = connection.getresponse()
            answer = Answer(got.status, got.getheaders(), got.read().decode())
        finally:
            connection.close()
        if checked:
            described().check(method, urllib.parse.urlsplit(path).path.removeprefix(self.base), answer)
        return answer

    def get(self, path, **more):
        return self.ask("GET", path, **more)

    def post(self, path, body=None, **more):
        return self.ask("POST", path, body, **more)

    def delete(self, path, **more):
        return self.ask("DELETE", path, **more)

    def nodes(self, user=None):
        answer = self.get("/node" + ("?user=" + urllib.parse.quote(user) if user else ""))
        assert answer.status == 200, answer
        return answer.json["nodes"]

    def node(self, node_id):
        answer = self.get("/node/%s" % node_id)
        assert answer.status == 200, answer
        return answer.json["node"]
