"""The form of requests and answers: methods, bodies, paths, conditional requests, headers, and what is not a person's business."""
import datetime
import re

import pytest
from harness.api import SOURCE

EVERYWHERE = {"x-content-type-options": "nosniff", "x-frame-options": "DENY", "connection": "close",
              "cross-origin-resource-policy": "same-origin"}
NOT_YOURS = [
    ("POST", "/user"), ("POST", "/user/1/rename/x"), ("DELETE", "/user/1"), ("POST", "/node/1/tags"),
    ("POST", "/node/backfillips?confirmed=true"), ("POST", "/debug/node"), ("POST", "/auth/approve"), ("POST", "/auth/reject"),
    ("POST", "/apikey"), ("POST", "/apikey/expire"), ("DELETE", "/apikey/abc"), ("GET", "/policy"),
    ("PUT", "/policy"), ("POST", "/policy/check")]


@pytest.mark.parametrize("method,path", NOT_YOURS)
def test_not_a_persons_business(newest, method, path):
    newest.headscale.reset_calls()
    for body in (None, {"name": "x", "anything": [1]}):
        if method == "GET" and body:
            continue
        answer = newest.api().ask(method, path, body)
        assert answer.status == 403 and answer.json["type"] == "urn:ouroboros:not-a-persons"
        assert "administrator" in answer.words or "own registration" in answer.words
        assert "errors" not in answer.json and len(answer.words) < 120
    assert newest.stranger().ask(method, path).status == 401
    assert newest.headscale.writes() == []


@pytest.mark.parametrize("path,allow", [
    ("/node", "GET, HEAD"), ("/node/1", "GET, HEAD, DELETE"), ("/node/1/expire", "POST"), ("/node/1/rename/x", "POST"),
    ("/preauthkey", "GET, HEAD, POST, DELETE"), ("/user", "GET, HEAD, POST"), ("/policy", "GET, HEAD, PUT"),
    ("/openapi.yaml", "GET, HEAD"), ("/login", "POST"), ("/node/register", "POST"), ("/node/backfillips", "POST")])
def test_methods(newest, path, allow):
    for method in {"GET", "POST", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE"} - set(allow.split(", ")):
        answer = newest.api().ask(method, path)
        assert answer.status == 405, (method, answer)
        # the HTTP parser ends this one, before anybody knows which address it is about
        assert answer.headers["allow"] == ("GET, HEAD, POST" if method == "TRACE" else allow)
        assert answer.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize("path", ["/nothing", "/", "", "/node/1/nothing", "/node/1/", "/nodes", "/../v2/device", "/node/1/2/3/4",
                                  "/register/x", "~/api/v2/device/1", "~/api/", "~/api/v1", "~/api/healthz"])
def test_unknown_addresses(newest, path):
    for api in (newest.api(), newest.stranger()):
        answer = api.get(path)
        assert answer.status == (400 if ".." in path else 404), answer
        assert answer.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize("text", ["abc", "-1", "1.5", "0x1", "01", "18446744073709551616", "1%20", "%31x", "1%00", "%ff", "%0a"])
def test_ids_are_decimal_numbers(newest, text):
    for method, path in (("GET", "/node/%s"), ("DELETE", "/node/%s"), ("POST", "/node/%s/expire"),
                         ("POST", "/node/%s/rename/x"), ("DELETE", "/preauthkey?id=%s"), ("GET", "/user?id=%s")):
        answer = newest.api().ask(method, path % text)
        assert answer.status == 400, (method, path, answer)
    for text in ("0", "18446744073709551615"):
        assert newest.api().get("/node/" + text).status == 404


@pytest.mark.parametrize("path", ["/node/1%2Fexpire", "/node/%2e%2e/node", "/node;x=1", "/node%", "/node/%zz", "/no\\de",
                                  "/node/<x>", "//node", "/node//expire", "/./node"])
def test_paths_mean_one_thing(newest, path):
    newest.headscale.reset_calls()
    for method in ("GET", "POST"):
        assert newest.api().ask(method, path).status in (400, 404, 405)
    assert newest.headscale.writes() == []


BODIES = [
    (b"{", 400), (b"}", 400), (b"", 200), (b"{}", 200), (b" {} ", 200), (b"{} {}", 400), (b"{}x", 400), (b"null", 422), (b"[]", 422),
    (b"5", 422), (b'"expiry"', 422), (b'{"expiry":null,"expiry":null}', 400), (b'{"expiry":5}', 422), (b'{"expiry":""}', 422),
    (b'{"expiry":"tomorrow"}', 422), (b'{"expiry":"2026-02-30T00:00:00Z"}', 422), (b'{"disableExpiry":"true"}', 422),
    (b'{"disableExpiry":1}', 422), (b'{"nonsense":1}', 422), (b'{"Expiry":null}', 422), (b'{"expiry":{"a":1}}', 422),
    (b'{"disable_expiry":true}', 422), (b"[" * 5000, 400), (b'{"a":' * 2000 + b"1" + b"}" * 2000, 400),
    (b'{"expiry":"\xff"}', 400), (b'{"expiry":"\\u0000"}', 400), (b"\xef\xbb\xbf{}", 400), (b"x" * 16384, 400), (b"x" * 16385, 413),
    (b"expiry=2030", 400)]


@pytest.mark.parametrize("body,status", BODIES, ids=[repr(b[:30]) for b, _ in BODIES])
def test_bodies(newest, body, status):
    """of a node that is not there: what is understood is a 404, and nothing is changed by what is not"""
    answer = newest.api().post("/node/4711/expire", raw=body)
    assert answer.status == (404 if status == 200 else status), answer
    assert answer.headers["content-type"] == "application/problem+json"


def test_every_fault_is_named(newest):
    answer = newest.api().post("/preauthkey", {"user": 1, "reusable": "x", "expiration": 5, "aclTags": ["a", 2], "nonsense": {}})
    assert answer.status == 422 and answer.json["title"] == "Unprocessable Entity"
    assert {(e["location"], e["message"]) for e in answer.json["errors"]} == {
        ("body.user", "expected string"), ("body.reusable", "expected boolean"), ("body.expiration", "expected string"),
        ("body.aclTags[1]", "expected string"), ("body.nonsense", "unexpected property")}


@pytest.mark.parametrize("kind,status", [
    (None, 404), ("application/json", 404), ("application/json; charset=utf-8", 404), ("APPLICATION/JSON", 404),
    ("application/merge-patch+json", 404), ("text/plain", 415), ("application/x-www-form-urlencoded", 415), ("", 415),
    ("multipart/form-data; boundary=x", 415)])
def test_content_types(newest, kind, status):
    answer = newest.api().post("/node/4711/expire", raw=b"{}", headers={} if kind is None else {"Content-Type": kind})
    assert answer.status == status, answer


@pytest.mark.parametrize("path", ["/node/4711/rename/x", "/node/register?key=x"])
def test_bodies_where_there_is_none(newest, path):
    assert newest.api().post(path, {}).status in (400, 404)
    assert newest.api().post(path, {"name": "x"}).status == 422
    assert newest.api().post(path, raw=b"{").status == 400


def test_what_comes_with_a_question_means_nothing(newest):
    for body in (b"{", b'{"user":"jim"}', b"x" * 10000):
        assert newest.api().get("/node", raw=body).json == newest.api().get("/node").json


@pytest.mark.parametrize("path", ["/node/1/approve_routes", "/preauthkey", "/preauthkey/expire", "/auth/register", "/login",
                                  "/login/redeem"])
def test_bodies_that_are_required(newest, path):
    answer = newest.api().post(path)
    assert answer.status == 400 and answer.words == "request body is required"


def test_unknown_query_fields_are_ignored_and_doubled_ones_refused(newest):
    assert newest.api().get("/node?nonsense=1").status == 200
    assert newest.api().get("/node?user=jim&user=sink").status == 400
    assert newest.api().get("/node?user=%zz").status == 400
    assert newest.api().get("/node?user=%00").status == 400


@pytest.mark.parametrize("path", ["/node", "/node?user=jim", "/node/1", "/user", "/preauthkey", "/openapi.yaml", "/openapi.json"])
def test_conditional(newest, path):
    api = newest.api()
    first = api.get(path)
    assert first.status == 200 and first.headers["cache-control"] == "private, no-cache"
    tag = first.headers["etag"]
    for header in (tag, 'W/"0", %s' % tag, tag[2:]):
        again = api.get(path, headers={"If-None-Match": header})
        assert (again.status, again.text, again.headers["etag"]) == (304, "", tag)
    assert api.get(path, headers={"If-None-Match": 'W/"0000000000000000"'}).status == 200
    head = api.ask("HEAD", path)
    assert (head.status, head.text, head.headers["etag"]) == (200, "", tag)
    assert head.headers["content-length"] == first.headers["content-length"]
    assert api.ask("HEAD", path, headers={"If-None-Match": tag}).status == 304


def test_tags_change_with_what_is_shown(newest):
    api = newest.api()
    before = api.get("/node").headers["etag"], api.get("/node/1").headers["etag"]
    assert newest.api("jim").get("/node").headers["etag"] != before[0]
    name = api.node(1)["givenName"]
    assert api.post("/node/1/rename/tagged-otherwise").status == 200
    after = api.get("/node").headers["etag"], api.get("/node/1").headers["etag"]
    assert after[0] != before[0] and after[1] != before[1]
    assert api.post("/node/1/rename/" + name).status == 200
    assert (api.get("/node").headers["etag"], api.get("/node/1").headers["etag"]) == before


def test_nothing_else_may_be_kept(newest):
    api = newest.api()
    for answer in (api.get("/node/4711"), api.get("/health"), api.post("/preauthkey", {}), api.get("/policy"),
                   newest.stranger().get("/node")):
        assert answer.headers["cache-control"] == "no-store" and "etag" not in answer.headers


def test_headers_everywhere(newest):
    api = newest.api()
    for answer in (api.get("/node"), api.get("/nothing"), api.get("/node//"), api.get("/policy"), api.ask("PATCH", "/node"),
                   newest.stranger().get("/node"), api.post("/node/1/expire", raw=b"x" * 20000)):
        for name, value in EVERYWHERE.items():
            assert answer.headers[name] == value
        assert "default-src 'none'" in answer.headers["content-security-policy"]
        assert "set-cookie" not in answer.headers


@pytest.mark.parametrize("origin", ["https://evil.example", "null", "OWN"])
def test_other_sites_get_no_word(newest, origin):
    """pages of other sites cannot read an answer: there is no header that would let them"""
    headers = {"Origin": newest.web.origin if origin == "OWN" else origin, "Sec-Fetch-Site": "cross-site"}
    for answer in (newest.api().get("/node", headers=headers), newest.stranger().get("/node", headers=headers),
                   newest.api().ask("OPTIONS", "/node", headers={**headers, "Access-Control-Request-Method": "GET",
                                                                 "Access-Control-Request-Headers": "authorization"})):
        assert not [name for name in answer.headers if name.startswith("access-control")]
    assert newest.api().ask("OPTIONS", "/node", headers=headers).status == 405


def test_other_hosts(newest):
    for host, status in (("evil.example", 421), ("localhost:%d" % newest.web.port, 421), ("a b", 400)):
        answer = newest.api().get("/node", headers={"Host": host})
        assert answer.status == status and answer.headers["content-type"] == "application/problem+json", answer


def test_the_token_at_hand(newest):
    """what a client of Headscale asks for when it wants to know how long its key lives: this one, and no other"""
    tokens = [newest.tokens.make(), newest.tokens.make(life=5 * 86400)]
    for token in tokens:
        keys = newest.api(token=token).get("/apikey").json["apiKeys"]
        assert len(keys) == 1 and token.split("_")[2] in str(keys) and token.split("_")[3] not in str(keys)
    left = datetime.datetime.fromisoformat(keys[0]["expiration"]).timestamp() - datetime.datetime.now().timestamp()
    assert 4.9 * 86400 < left <= 5 * 86400


def test_version(newest):
    answer = newest.stranger().get("~/version")
    assert answer.json["version"] == "v0.30.0" and re.fullmatch(r"\d+\.\d+\.\d+", answer.json["ouroboros"])
    assert newest.stranger().delete("~/version", checked=False).status == 405


def test_documents_are_for_everybody(newest):
    yaml, json = newest.stranger().get("/openapi.yaml"), newest.stranger().get("/openapi.json")
    assert yaml.headers["content-type"] == "application/yaml" and yaml.text == SOURCE.read_text()
    assert json.headers["content-type"] == "application/json" and json.json["openapi"] == "3.1.0"


def test_users(newest):
    api = newest.api()
    users = api.get("/user").json["users"]
    assert [u["name"] for u in users] == ["sink"]
    for query, found in (("name=sink", 1), ("name=jim", 0), ("id=" + users[0]["id"], 1), ("id=4711", 0), ("email=x", 0),
                         ("name=&id=" + users[0]["id"], 1), ("name=sink&id=4711", 1), ("nonsense=1", 1)):
        assert len(api.get("/user?" + query).json["users"]) == found, query


def test_a_user_that_the_server_does_not_have(make_place):
    import json
    place = make_place(USER_MAP=json.dumps({"19270622": ["nobody-here", "jim"], "2147483649": "missing"}))
    assert [u["name"] for u in place.api().get("/user").json["users"]] == ["jim"]
    assert place.api("jim").get("/user").json == {"users": []}
    assert place.api("jim").nodes() == []


def test_another_base_path(make_place):
    for path, shown in (("/a/b", "/a/b"), ("", "/")):
        place = make_place()
        base = place.web.origin + path
        place.web.restart(BASE_URL=base)
        place.web.base = base
        document = place.stranger().get("/openapi.json")
        assert document.json["servers"][0]["url"] == shown
        assert place.api().get("/node").status == 200
        assert place.stranger().get("~/version").status == 200
