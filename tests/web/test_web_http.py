"""Requests that two parsers could read differently are refused, and one connection gets one answer."""

import time

import pytest
from web_process import read_all, split

FORM = "Content-Type: application/x-www-form-urlencoded\r\n"
SMUGGLED = "GET /healthz HTTP/1.1\r\nHost: {host}\r\n\r\n"

# name, head and body after the request line (or all if it begins with "!"), accepted statuses; 0 = closed without an answer
CASES = [
    ("no host", "!GET /healthz HTTP/1.1\r\n\r\n", {400}),
    ("no host in 1.0", "!GET /healthz HTTP/1.0\r\n\r\n", {400}),
    ("two hosts", "Host: {host}\r\nHost: {host}\r\n\r\n", {400}),
    ("evil host", "!GET /ouroboros/ HTTP/1.1\r\nHost: evil.example\r\n\r\n", {421}),
    ("host with user", "!GET / HTTP/1.1\r\nHost: a@{host}\r\n\r\n", {400}),
    ("length twice", "Host: {host}\r\n" + FORM + "Content-Length: 3\r\nContent-Length: 0\r\n\r\na=1", {400}),
    ("same length twice", "Host: {host}\r\n" + FORM + "Content-Length: 3\r\nContent-Length: 3\r\n\r\na=1", {400}),
    ("length with plus", "Host: {host}\r\n" + FORM + "Content-Length: +3\r\n\r\na=1", {400}),
    ("length list", "Host: {host}\r\n" + FORM + "Content-Length: 3, 3\r\n\r\na=1", {400}),
    ("length hex", "Host: {host}\r\n" + FORM + "Content-Length: 0x3\r\n\r\na=1", {400}),
    ("length negative", "Host: {host}\r\n" + FORM + "Content-Length: -1\r\n\r\na=1", {400, 411}),
    ("length huge", "Host: {host}\r\n" + FORM + "Content-Length: 9000000000000000000\r\n\r\na=1", {413}),
    ("length overflow", "Host: {host}\r\n" + FORM + "Content-Length: 99999999999999999999\r\n\r\na=1", {400, 413}),
    ("length empty", "Host: {host}\r\n" + FORM + "Content-Length: \r\n\r\na=1", {400, 411}),
    ("no length", "Host: {host}\r\n" + FORM + "\r\n", {411}),
    ("chunked", "Host: {host}\r\n" + FORM + "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n", {501}),
    ("length and chunked", "Host: {host}\r\n" + FORM + "Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", {501}),
    ("two encodings", "Host: {host}\r\n" + FORM + "Transfer-Encoding: chunked\r\nTransfer-Encoding: x\r\n\r\n0\r\n\r\n", {400, 501}),
    ("chunked, identity", "Host: {host}\r\n" + FORM + "Transfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n", {400, 501}),
    ("folded header", "Host: {host}\r\n" + FORM + "X: a\r\n b\r\nContent-Length: 3\r\n\r\na=1", {400, 411}),
    ("nul in header", "Host: {host}\r\nX: a\0b\r\n\r\n", {400, 0}),
    ("two cookies headers", "Host: {host}\r\nCookie: a=1\r\nCookie: b=2\r\n\r\n", {400, 411}),
    ("http/2 preface", "!PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", {400, 405, 505, 0}),
    ("http/0.9", "!GET /healthz\r\n\r\n", {400, 0}),
    ("http/3.0", "!GET /healthz HTTP/3.0\r\nHost: {host}\r\n\r\n", {400, 505}),
    ("absolute form", "!GET http://evil.example/ HTTP/1.1\r\nHost: {host}\r\n\r\n", {400, 0}),
    ("own absolute form", "!GET http://{host}/healthz HTTP/1.1\r\nHost: {host}\r\n\r\n", {400, 0}),
    ("options star", "!OPTIONS * HTTP/1.1\r\nHost: {host}\r\n\r\n", {400, 405, 0}),
    ("connect", "!CONNECT a:1 HTTP/1.1\r\nHost: {host}\r\n\r\n", {400, 405, 0}),
    ("trace", "!TRACE / HTTP/1.1\r\nHost: {host}\r\n\r\n", {400, 405}),
    ("delete", "!DELETE / HTTP/1.1\r\nHost: {host}\r\n\r\n", {405}),
    ("propfind", "!PROPFIND / HTTP/1.1\r\nHost: {host}\r\n\r\n", {405}),
    ("preflight", "!OPTIONS / HTTP/1.1\r\nHost: {host}\r\nOrigin: http://e\r\nAccess-Control-Request-Method: GET\r\n\r\n", {405}),
    ("upgrade", "!GET /healthz HTTP/1.1\r\nHost: {host}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
        "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n", {200, 400, 0}),
    ("get with body", "!GET /healthz HTTP/1.1\r\nHost: {host}\r\nContent-Length: 3\r\n\r\nabc", {400}),
    ("bare cr", "!GET /healthz HTTP/1.1\rHost: {host}\r\r", {400, 0}),
]


def fill(server, text):
    """The bytes of a case."""
    text = text.replace("{host}", server.host)
    if text.startswith("!"):
        return text[1:].encode("latin-1")
    return f"POST /ouroboros/auth/start HTTP/1.1\r\nOrigin: {server.origin}\r\n{text}".encode("latin-1")


def answers(data):
    """How many answers the bytes hold."""
    return data.count(b"HTTP/1.1 ")


@pytest.mark.parametrize("text,statuses", [case[1:] for case in CASES], ids=[case[0] for case in CASES])
def test_refused(server, text, statuses):
    started = time.monotonic()
    with server.connect() as connection:
        connection.sendall(fill(server, text))
        connection.shutdown(1)
        data = read_all(connection)
    assert time.monotonic() - started < 2
    assert answers(data) <= 1
    status = split(data)[0] if data.startswith(b"HTTP/") else 0
    assert status in statuses, data[:200]


@pytest.mark.parametrize("text", [case[1] for case in CASES], ids=[case[0] for case in CASES])
def test_nothing_is_smuggled_behind(server, text):
    """A second request on the same connection is never answered."""
    data = server.raw(fill(server, text) + SMUGGLED.format(host=server.host).encode())
    assert answers(data) <= 1


def test_bare_line_feeds_give_one_answer(server):
    data = server.raw(f"GET /healthz HTTP/1.1\nHost: {server.host}\n\nGET /healthz HTTP/1.1\nHost: {server.host}\n\n".encode())
    assert answers(data) <= 1


def test_pipelined_requests_get_one_answer(server):
    one = f"GET /healthz HTTP/1.1\r\nHost: {server.host}\r\nConnection: keep-alive\r\n\r\n".encode()
    data = server.raw(one * 3)
    assert answers(data) == 1
    assert split(data)[1]["connection"] == "close"


@pytest.mark.parametrize("path", ["/%2e%2e/x", "/a%00b", "//healthz", "/./healthz", "/ouroboros/../healthz",
    "/a\\b", "/ouroboros/nodes/5;x", "/healthz%20", "/<script>"])
def test_paths(server, path):
    assert server.get(path)[0] == 400


@pytest.mark.parametrize("query", ["a=%00", "a=%", "a=%zz", "a=1&a=2", "a=%ff", "&".join(f"f{i}=1" for i in range(33))])
def test_queries(server, query):
    assert server.get(f"/ouroboros/auth?{query}")[0] == 400


def test_sizes(server):
    many = [(f"X-{i}", "1") for i in range(70)]
    assert server.get("/healthz", *many)[0] == 431
    assert server.get("/healthz", ("X", "a" * 17000))[0] in (400, 413, 431)
    assert server.get("/" + "a" * 2000)[0] == 414
    assert server.get("/" + "a" * 17000)[0] in (400, 414)
    assert server.post("/ouroboros/auth/start", "a=" + "b" * 20000)[0] == 413


def test_forms(server):
    assert server.post("/ouroboros/auth/start", "a=%00")[0] == 400
    assert server.post("/ouroboros/auth/start", "\0=\0&\0")[0] == 400
    assert server.post("/ouroboros/auth/start", "then=a&then=b")[0] == 400
    multipart = [("Content-Type", "multipart/form-data; boundary=x"), ("Origin", server.origin)]
    body = b"--x\r\nContent-Disposition: form-data; name=a\r\n\r\n1\r\n--x--\r\n"
    assert server.request("POST", "/ouroboros/auth/start", multipart, body)[0] == 415
    assert server.request("POST", "/ouroboros/auth/start", [("Origin", server.origin)], b"a=1")[0] == 415


def test_loopback_hosts_reach_health_only(server):
    other = f"localhost:{server.port}"
    assert server.request("GET", "/healthz", host=other)[0] == 200
    assert server.request("GET", "/readyz", host=other)[0] == 503
    assert server.request("GET", "/ouroboros/auth", host=other)[0] == 421
    assert server.request("GET", "/", host=other)[0] == 421


def test_forwarded_host_is_ignored(server):
    status, headers, body = server.get("/", ("X-Forwarded-Host", "evil.example"), ("X-Original-URL", "/x"),
        ("Forwarded", "host=evil.example"))
    assert status == 303
    assert headers["location"] == "/ouroboros/"
    assert b"evil" not in body


def test_a_body_that_drips_is_ended(server):
    started = time.monotonic()
    with server.connect(20) as connection:
        connection.sendall(f"POST /ouroboros/auth/start HTTP/1.1\r\nHost: {server.host}\r\n{FORM}"
            f"Content-Length: 1000\r\n\r\n".encode())
        connection.settimeout(0.5)
        data = b""
        while time.monotonic() - started < 12:
            try:
                connection.sendall(b"a")
                data = connection.recv(4096)
                break
            except TimeoutError:
                continue
            except OSError:
                break
    assert time.monotonic() - started < 7
    assert data.startswith(b"HTTP/1.1 408 ") or data == b""


def test_others_are_served_while_some_drip(server):
    slow = [server.connect(20) for _ in range(20)]
    try:
        for connection in slow:
            connection.sendall(b"GET / HTTP/1.1\r\nHost: ")
        started = time.monotonic()
        assert server.get("/healthz")[0] == 200
        assert time.monotonic() - started < 1
    finally:
        for connection in slow:
            connection.close()
