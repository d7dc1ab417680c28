"""Headers of every answer, redirects, forms from elsewhere, sign-in without GitHub, rate limits."""

import re

import pytest

EVERYWHERE = {
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "connection": "close",
}


def check_headers(headers):
    """What every answer carries."""
    for name, value in EVERYWHERE.items():
        assert headers.get(name) == value, name
    policy = headers["content-security-policy"]
    for part in ("default-src 'none'", "script-src 'self'", "frame-ancestors 'none'", "base-uri 'none'",
            "form-action 'self' https://github.com"):
        assert part in policy
    assert "unsafe" not in policy
    assert "permissions-policy" in headers
    assert "access-control-allow-origin" not in headers
    assert "server" not in headers


@pytest.mark.parametrize("path,status", [("/healthz", 200), ("/readyz", 503), ("/ouroboros/auth", 200), ("/", 303),
    ("/ouroboros/", 303), ("/ouroboros/nodes/5", 303), ("/nothing", 404), ("/ouroboros/nothing", 404),
    ("/ouroboros/auth/start", 405), ("/%", 400), ("/ouroboros/auth/callback", 400), ("/ouroboros/static/app.css", 404)])
def test_headers_everywhere(server, path, status):
    got, headers, _ = server.get(path)
    assert got == status
    check_headers(headers)
    assert headers["cache-control"] == "no-store"


def test_headers_of_parser_errors(server):
    from web_process import split

    for data in (b"GARBAGE\r\n\r\n", b"GET / HTTP/1.1\r\nHost: a\r\nX: " + b"a" * 17000 + b"\r\n\r\n"):
        status, headers, _ = split(server.raw(data))
        assert status in (400, 413, 431)
        check_headers(headers)


def test_head_is_get_without_a_body(server):
    _, of_get, body = server.get("/ouroboros/auth")
    status, of_head, nothing = server.request("HEAD", "/ouroboros/auth")
    assert status == 200 and nothing == b""
    assert of_head["content-length"] == of_get["content-length"] == str(len(body))
    check_headers(of_head)


def test_static_files_are_immutable_and_named_by_content(server):
    _, _, page = server.get("/ouroboros/auth")
    paths = re.findall(r'(?:href|src)="(/ouroboros/static/[^"]+)"', page.decode())
    assert paths
    for path in paths:
        assert re.search(r"\.[0-9a-f]{16}\.", path)
        status, headers, body = server.get(path)
        assert status == 200 and body
        assert headers["cache-control"] == "public, max-age=31536000, immutable"
        assert "set-cookie" not in headers
        check_headers(headers)


@pytest.mark.parametrize("path,target", [
    ("/", "/ouroboros/"), ("/admin", "/ouroboros/"), ("/register/mkey:0123abcd", "/ouroboros/auth?then=register:mkey:0123abcd"),
    ("/oidc/register/abcdefghijklmnopqrstuvwx", "/ouroboros/auth?then=register:abcdefghijklmnopqrstuvwx"),
    ("/ouroboros/nodes/5", "/ouroboros/auth?then=node:5"), ("/ouroboros/routes", "/ouroboros/auth?then=routes"),
    ("/ouroboros/keys", "/ouroboros/auth?then=keys"), ("/ouroboros/keys/5/revoke", "/ouroboros/auth?then=keys"),
    ("/ouroboros/tokens", "/ouroboros/auth?then=tokens"), ("/ouroboros/tokens/0123456789ab/revoke", "/ouroboros/auth?then=tokens"),
    ("/ouroboros/cli", "/ouroboros/auth?then=cli"), ("/ouroboros/cli/Ab-1_" + "x" * 40, "/ouroboros/auth?then=cli:Ab-1_" + "x" * 40),
    ("/ouroboros/cli/" + "x" * 64, "/ouroboros/auth?then=devices"),
    ("/ouroboros/register/abcdefghijklmnopqrstuvwx", "/ouroboros/auth?then=register:abcdefghijklmnopqrstuvwx"),
])
def test_redirects(server, path, target):
    status, headers, _ = server.get(path)
    assert (status, headers["location"]) == (303, target)


@pytest.mark.parametrize("then", ["https://evil.example/", "//evil.example", "/\\evil", "node:0", "node:x", "node:5/../../x",
    "register:", "register:a%2fb", "cli:", "cli:a%2fb", "cli:http://evil.example", "cli:" + "a" * 64, "keys/5", "tokens:1", "devices%0d%0aX:1", "javascript:alert(1)"])
def test_purposes_are_an_enumeration(server, then):
    status, headers, body = server.get(f"/ouroboros/auth?then={then}")
    assert status == 200
    assert b'value="devices"' in body
    assert b"evil" not in body


@pytest.mark.parametrize("headers", [
    [], [("Origin", "https://evil.example")], [("Origin", "null")], [("Sec-Fetch-Site", "cross-site")],
    [("Sec-Fetch-Site", "same-site")], [("Sec-Fetch-Site", "none")],
    [("Sec-Fetch-Site", "same-origin"), ("Origin", "https://evil.example")],
    [("Sec-Fetch-Site", "cross-site"), ("Origin", "OWN")],
])
@pytest.mark.parametrize("path", ["/ouroboros/auth/start", "/ouroboros/auth/signout", "/ouroboros/keys", "/ouroboros/tokens",
    "/ouroboros/cli/abc"])
def test_forms_from_elsewhere(server, path, headers):
    headers = [(name, server.origin if value == "OWN" else value) for name, value in headers]
    headers.append(("Content-Type", "application/x-www-form-urlencoded"))
    status, got, _ = server.request("POST", path, headers, b"then=devices")
    assert status == 403
    assert "location" not in got and "set-cookie" not in got


def test_sign_in_begins(make_server):
    server = make_server()
    status, headers, _ = server.post("/ouroboros/auth/start", "then=add")
    assert status == 303
    assert headers["location"].startswith("https://github.com/login/oauth/authorize?")
    cookie = headers["set-cookie"]
    assert re.fullmatch(r"ouroboros-st-[0-9a-f]{8}=[\w-]+; Path=/; HttpOnly; SameSite=Lax; Max-Age=600", cookie)


def test_at_most_three_sign_ins_are_alive(make_server):
    server = make_server()
    cookies = "; ".join(f"ouroboros-st-0000000{i}=x" for i in range(4))
    _, headers, _ = server.post("/ouroboros/auth/start", "then=add", ("Cookie", cookies))
    set_cookies = headers["set-cookie"].split("\n")
    deleted = [line for line in set_cookies if "Max-Age=0" in line]
    assert [line.split("=")[0] for line in deleted] == ["ouroboros-st-00000000", "ouroboros-st-00000001"]
    assert len(set_cookies) == 3


def test_sealed_cookies_of_an_https_site(make_server):
    server = make_server(base_url="https://vpn.example.org/ouroboros")
    status, headers, _ = server.post("/ouroboros/auth/start", "then=add")
    assert status == 303
    assert re.match(r"__Host-ouroboros-st-[0-9a-f]{8}=", headers["set-cookie"])
    assert "; Secure" in headers["set-cookie"] and "Domain" not in headers["set-cookie"]
    assert headers["strict-transport-security"] == "max-age=31536000; includeSubDomains"
    assert server.request("GET", "/readyz")[2] == b"not ready: Headscale: Headscale cannot be reached; nothing was changed\n" \
        or server.request("GET", "/readyz")[0] == 503


@pytest.mark.parametrize("query,status", [("", 400), ("code=abc", 400), ("state=abc", 400), ("code=abc&state=abc", 400),
    ("code=&state=", 400), ("error=access_denied&error_description=%3Cscript%3E", 403), ("error=evil%22", 502)])
def test_callbacks_that_are_refused(make_server, query, status):
    server = make_server()
    got, headers, body = server.get(f"/ouroboros/auth/callback?{query}")
    assert got == status
    assert "set-cookie" not in headers
    assert b"evil" not in body and b"<script>" not in body
    assert "code=" not in server.log()


@pytest.mark.parametrize("cookie", ["ouroboros=AAAA", "ouroboros=" + "A" * 300, "ouroboros=", "ouroboros=a; ouroboros=b",
    "OUROBOROS=a", "; ".join(f"c{i}=1" for i in range(100))])
def test_strange_cookies_are_no_session(server, cookie):
    status, headers, _ = server.get("/ouroboros/nodes/5", ("Cookie", cookie))
    assert status == 303
    assert headers["location"].startswith("/ouroboros/auth?then=node:5")


@pytest.mark.parametrize("path,then", [("/nodes/5/rename", "node:5"), ("/nodes/5/extend", "node:5"), ("/keys", "keys"),
    ("/keys/5/revoke", "keys"), ("/tokens", "tokens"), ("/tokens/0123456789ab/revoke", "tokens"), ("/cli", "cli"),
    ("/cli/abc", "cli:abc")])
def test_a_post_without_session_is_not_replayed(server, path, then):
    status, headers, _ = server.post("/ouroboros" + path, "name=x&token=y")
    assert status == 303
    assert headers["location"] == f"/ouroboros/auth?then={then}&reason=over"


def test_sign_ins_are_limited_an_address(make_server):
    server = make_server()
    statuses = [server.post("/ouroboros/auth/start", "then=add") for _ in range(12)]
    assert [status for status, _, _ in statuses[:10]] == [303] * 10
    status, headers, _ = statuses[11]
    assert status == 429
    assert 1 <= int(headers["retry-after"]) <= 60
    assert server.get("/healthz")[0] == 200


def test_secrets_are_in_no_log_and_no_answer(make_server):
    server = make_server()
    for path in ("/ouroboros/auth", "/readyz", "/nothing", "/ouroboros/auth/callback?code=canary-code&state=canary-state"):
        assert b"canary" not in server.get(path)[2]
    server.post("/ouroboros/auth/start", "then=add")
    assert "canary" not in server.log()


def test_limits_can_be_widened(make_server):
    server = make_server(rate_limit_percent=1000)
    assert [server.post("/ouroboros/auth/start", "then=add")[0] for _ in range(30)] == [303] * 30
