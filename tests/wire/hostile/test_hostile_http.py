"""HTTP/1.1 servers that misbehave, one a case: the HTTP channel must answer with the right status in bounded time and memory, and
never repeat a write. `hostile_probe` makes the calls; build it first (OURO_BUILD_DIR, default build/debug)."""
import json
import os
import pathlib
import re
import ssl
import subprocess
import sys
import time

import pytest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2]))
from harness import certs  # noqa: E402
from servers import SETTINGS, Gone, Server, drip, frame  # noqa: E402

ROOT = pathlib.Path(__file__).resolve().parents[3]
BUILD = pathlib.Path(os.environ.get("OURO_BUILD_DIR") or ROOT / "build" / "debug").resolve()
PROBE = BUILD / "tests" / "wire" / "hostile" / "hostile_probe"
DEADLINE = 1500
SLACK = 1500  # of a busy machine, in ms
MEMORY = 200 << 10  # KiB
SANITIZED = b"libasan" in PROBE.read_bytes() or b"__tsan" in PROBE.read_bytes() if PROBE.exists() else False

JSON = "Content-Type: application/json\r\n"
GOOD = '{"things":[{"id":"1","name":"x"}]}'


def probe(address, *operations, options=(), timeout=60, deadline=DEADLINE):
    command = [str(PROBE), "http", "--deadline-ms", str(deadline), "--connect-ms", "1000", *options, address, *operations]
    environment = dict(os.environ, http_proxy="http://127.0.0.1:9", https_proxy="http://127.0.0.1:9", all_proxy="http://127.0.0.1:9")
    done = subprocess.run(command, capture_output=True, text=True, timeout=timeout, check=False, env=environment)
    assert done.returncode in (0, 1), f"ended with {done.returncode}: {done.stderr[-3000:]}"
    assert "Sanitizer" not in done.stderr, done.stderr[-3000:]
    memory = re.search(r"most memory (\d+)", done.stderr)
    assert SANITIZED or not memory or int(memory[1]) < MEMORY, done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]


def run(case, *operations, tls=None, **more):
    with Server(case, tls) as server:
        out = probe(f"127.0.0.1:{server.port}", *(operations or ("read:Get",)), **more)
        assert not server.problems
        for one in out:
            assert one["ms"] <= more.get("deadline", DEADLINE) + SLACK, one
        return out, server


def request(peer):
    """The head of the next request; its body is read too."""
    head = b""
    while b"\r\n\r\n" not in head:
        head += peer.exactly(1)
    length = re.search(rb"content-length: (\d+)", head, re.IGNORECASE)
    peer.requests.append(head.decode() + peer.exactly(int(length[1]) if length else 0).decode())
    return head


def say(peer, text):
    peer.send(text if isinstance(text, bytes) else text.encode())


def reply(status, body="", kind=None, extra=""):
    head = f"HTTP/1.1 {status} Word\r\n" + (f"Content-Type: {kind}\r\n" if kind else "") + extra
    return head + f"Content-Length: {len(body.encode())}\r\n\r\n{body}"


def answers(text):
    """Every request gets this text."""
    def case(peer):
        while True:
            request(peer)
            say(peer, text)
    return case


def then(act):
    """After the request, `act(peer)`; the connection ends with it."""
    def case(peer):
        request(peer)
        act(peer)
    return case


def silence(peer):
    peer.sock.settimeout(20)
    peer.exactly(1 << 20)


GATEWAY = "application/json"
PROBLEM = "application/problem+json"
HTML = "<html><body>Sign in</body></html>"

# name: (answer, status of a read, status of a write, words)
ANSWERS = {
    "good": (reply(200, GOOD, "application/json"), "ok", "ok", ""),
    "good-charset": (reply(200, GOOD, "Application/JSON; charset=utf-8"), "ok", "ok", ""),
    "empty-object": (reply(200, "{}", "application/json"), "ok", "ok", ""),
    "html-200": (reply(200, HTML, "text/html; charset=utf-8"), "protocol", "uncertain", "web page"),
    "html-401": (reply(401, HTML, "text/html"), "protocol", "protocol", "web page"),
    "html-404": (reply(404, HTML, "text/html"), "protocol", "protocol", "web page"),
    "html-500": (reply(500, HTML, "text/html"), "protocol", "uncertain", "web page"),
    "redirect-302": (reply(302, "", None, "Location: https://login.example.org/start?rd=secret\r\n"), "protocol", "protocol",
                     "https://login.example.org/start\""),
    "redirect-307": (reply(307, HTML, "text/html", "Location: /login\r\n"), "protocol", "protocol", "/login"),
    "redirect-303": (reply(303, "", None, "Location: /done\r\n"), "protocol", "uncertain", "/done"),
    "other-json": (reply(200, '{"hello":1}', "text/json"), "protocol", "uncertain", "text/json"),
    "no-type": (reply(200, GOOD), "protocol", "uncertain", "no content type"),
    "204": ("HTTP/1.1 204 No Content\r\n\r\n", "protocol", "uncertain", "204"),
    "plain-401": (reply(401, "Unauthorized", "text/plain"), "unauthenticated", "unauthenticated", "refuses the API key"),
    "plain-500": (reply(500, "Unauthorized\n", "text/plain"), "unauthenticated", "unauthenticated", "refuses the API key"),
    "proxy-401": (reply(401, "", None, "WWW-Authenticate: Basic realm=x\r\n"), "unauthenticated", "unauthenticated", "proxy"),
    "proxy-403": (reply(403, "no", "text/plain"), "rejected", "rejected", "proxy"),
    "proxy-429": (reply(429, "slow", "text/plain"), "unreachable", "unreachable", "429"),
    "proxy-502": (reply(502, HTML, "text/html"), "unreachable", "uncertain", "502"),
    "proxy-502-empty": (reply(502), "unreachable", "uncertain", "502"),
    "proxy-503-problem": (reply(503, '{"title":"x"}', PROBLEM), "unreachable", "uncertain", "503"),
    "proxy-504": (reply(504, "", "text/plain"), "unreachable", "uncertain", "504"),
    "tls-port": (reply(400, "Client sent an HTTP request to an HTTPS server.\n", "text/plain"), "protocol", "protocol",
                 "do not set plaintext"),
    "gateway-2": (reply(500, '{"code":2, "message":"user not found", "details":[]}', GATEWAY), "rejected", "rejected",
                  "user not found"),
    "gateway-3": (reply(400, '{"code":3,"message":"bad"}', GATEWAY), "rejected", "rejected", "bad"),
    "gateway-key": (reply(500, '{"code":13,"message":"validating token"}', GATEWAY), "unauthenticated", "unauthenticated", ""),
    "gateway-16": (reply(401, '{"code":16,"message":"invalid token"}', GATEWAY), "unauthenticated", "unauthenticated", ""),
    "gateway-route": (reply(404, '{"code":5, "message":"Not Found", "details":[]}', GATEWAY), "unsupported", "unsupported", ""),
    "gateway-node": (reply(404, '{"code":5,"message":"node not found"}', GATEWAY), "rejected", "rejected", "node not found"),
    "gateway-method": (reply(501, '{"code":12,"message":"Method Not Allowed"}', GATEWAY), "unsupported", "unsupported", ""),
    "gateway-large": (reply(429, '{"code":8,"message":"grpc: received message larger than max (5 vs. 4)"}', GATEWAY), "limit",
                      "limit", ""),
    "gateway-down": (reply(503, '{"code":14,"message":"connection error"}', GATEWAY), "unreachable", "uncertain", ""),
    "gateway-late": (reply(504, '{"code":4,"message":"deadline"}', GATEWAY), "timeout", "uncertain", ""),
    "gateway-code-99": (reply(500, '{"code":99,"message":"x"}', GATEWAY), "rejected", "rejected", "x"),
    "gateway-no-code": (reply(500, '{"message":"x"}', GATEWAY), "protocol", "uncertain", "500"),
    "gateway-broken": (reply(500, '{"code":2,', GATEWAY), "protocol", "uncertain", "500"),
    "gateway-deep": (reply(500, "[" * 60000, GATEWAY), "protocol", "uncertain", "500"),
    "problem-400": (reply(400, '{"title":"Bad Request","status":400,"detail":"renaming node","errors":[{"message":"not unique"}]}',
                          PROBLEM), "rejected", "rejected", "renaming node: not unique"),
    "problem-two": (reply(422, '{"detail":"validation failed","errors":[{"message":"a"},{"message":"bb"},{"x":1},7]}', PROBLEM),
                    "rejected", "rejected", "validation failed: bb"),
    "problem-title": (reply(404, '{"title":"Not Found"}', PROBLEM), "rejected", "rejected", "Not Found"),
    "problem-empty": (reply(409, "{}", PROBLEM), "rejected", "rejected", "no reason given"),
    "problem-401": (reply(401, '{"detail":"Unauthorized"}', PROBLEM), "unauthenticated", "unauthenticated", "refuses the API key"),
    "problem-408": (reply(408, '{"detail":"slow"}', PROBLEM), "unreachable", "unreachable", ""),
    "problem-413": (reply(413, '{"detail":"large"}', PROBLEM), "limit", "limit", ""),
    "problem-500": (reply(500, '{"detail":"boom"}', PROBLEM), "rejected", "rejected", "boom"),
    "go-404": (reply(404, "404 page not found\n", "text/plain; charset=utf-8"), "unsupported", "unsupported", ""),
    "empty-404": (reply(404), "protocol", "protocol", "not Headscale's API"),
    "empty-405": (reply(405, "", None, "Allow: GET\r\n"), "unsupported", "unsupported", ""),
    "compressed": (reply(200, GOOD, "application/json", "Content-Encoding: gzip\r\n"), "protocol", "uncertain", "compressed"),
    "wrong-type": (reply(200, '{"things":7}', "application/json"), "protocol", "uncertain", "things"),
    "not-an-object": (reply(200, "[1]", "application/json"), "protocol", "uncertain", "JSON object"),
    "empty-200": (reply(200, "", "application/json"), "protocol", "uncertain", "JSON object"),
    "cut-json": (reply(200, GOOD[:-3], "application/json"), "protocol", "uncertain", "JSON"),
    "grpc-type": (reply(415, "", "application/grpc"), "protocol", "protocol", "speaks gRPC"),
    "status-99": ("HTTP/1.1 099 X\r\n\r\n", "protocol", "uncertain", ""),
    "continue-first": ("HTTP/1.1 100 Continue\r\n\r\n" + reply(200, GOOD, "application/json"), "ok", "ok", ""),
    "chunked": (f"HTTP/1.1 200 OK\r\n{JSON}Transfer-Encoding: chunked\r\n\r\n4\r\n{GOOD[:4]}\r\n"
                f"{len(GOOD) - 4:x}\r\n{GOOD[4:]}\r\n0\r\n\r\n", "ok", "ok", ""),
    "http-1.0": (f"HTTP/1.0 200 OK\r\n{JSON}Content-Length: {len(GOOD)}\r\n\r\n{GOOD}", "ok", "ok", ""),
}


@pytest.mark.parametrize("name", ANSWERS)
def test_answers(name):
    text, reads, writes, words = ANSWERS[name]
    out, server = run(answers(text), "read:Get", "sleep:1", "write:Set")
    assert [one["status"] for one in out] == [reads, writes], out
    assert all(words in one["text"] for one in out), out
    assert sum(one.startswith("POST") for one in server.requests) == 1
    assert "secret" not in str(out)


def endless(peer, line, pause=0.0):
    say(peer, "HTTP/1.1 200 OK\r\n")
    while True:
        say(peer, line)
        time.sleep(pause)


def body_of(size, declared=None, chunked=False):
    def act(peer):
        length = "Transfer-Encoding: chunked" if chunked else f"Content-Length: {declared or size}"
        say(peer, f"HTTP/1.1 200 OK\r\n{JSON}{length}\r\n\r\n")
        part = b" " * 65536
        sent = 0
        while sent < size:
            say(peer, (b"10000\r\n" + part + b"\r\n") if chunked else part)
            sent += len(part)
        silence(peer)
    return act


def flood(peer):
    say(peer, f"HTTP/1.1 200 OK\r\n{JSON}\r\n")
    while True:
        say(peer, b"x" * 65536)


def slow_body(peer):
    say(peer, reply(200, GOOD, "application/json")[:-20])
    drip(peer, b"x" * 20, 0.4)
    silence(peer)


# name: (act after the request, statuses a read may have, statuses a write may have)
BREAKS = {
    "closes": (lambda p: None, {"unreachable"}, {"uncertain"}),
    "resets": (lambda p: p.reset(), {"unreachable"}, {"uncertain"}),
    "silence": (silence, {"timeout"}, {"uncertain"}),
    "drip-head": (lambda p: drip(p, b"HTTP/1.1 200 OK\r\n" * 5, 0.3), {"timeout", "unreachable"}, {"uncertain"}),
    "drip-body": (slow_body, {"timeout"}, {"uncertain"}),
    "endless-fields": (lambda p: endless(p, "X-A: " + "b" * 900 + "\r\n"), {"protocol"}, {"uncertain"}),
    "endless-small-fields": (lambda p: endless(p, "X: y\r\n"), {"protocol"}, {"uncertain"}),
    "endless-field": (lambda p: endless(p, "x" * 60000), {"protocol", "unreachable", "nomem"}, {"uncertain"}),
    "endless-continue": (lambda p: [say(p, "HTTP/1.1 100 Continue\r\n\r\n") for _ in range(100000)], {"protocol"}, {"uncertain"}),
    "endless-early-hints": (lambda p: [say(p, "HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n") for _ in range(100000)],
                            {"protocol"}, {"uncertain"}),
    "endless-body": (flood, {"limit", "timeout"}, {"uncertain"}),
    "65-mib-declared": (body_of(65 << 20), {"limit"}, {"uncertain"}),
    "huge-declared": (body_of(1 << 20, 1 << 60), {"limit"}, {"uncertain"}),
    "65-mib-chunked": (body_of(65 << 20, chunked=True), {"limit", "timeout"}, {"uncertain"}),
    "length-too-long": (lambda p: say(p, f"HTTP/1.1 200 OK\r\n{JSON}Content-Length: 99\r\n\r\n{GOOD}"), {"unreachable"},
                        {"uncertain"}),
    "length-too-short": (lambda p: say(p, f"HTTP/1.1 200 OK\r\n{JSON}Content-Length: 9\r\n\r\n{GOOD}"), {"protocol"}, {"uncertain"}),
    "length-negative": (lambda p: say(p, f"HTTP/1.1 200 OK\r\n{JSON}Content-Length: -5\r\n\r\n{GOOD}"), {"protocol", "ok"},
                        {"uncertain", "ok"}),
    "length-twice": (lambda p: say(p, f"HTTP/1.1 200 OK\r\n{JSON}Content-Length: 2\r\nContent-Length: 34\r\n\r\n{GOOD}"),
                     {"protocol", "ok", "unreachable"}, {"uncertain", "ok"}),
    "chunk-cut": (lambda p: say(p, f"HTTP/1.1 200 OK\r\n{JSON}Transfer-Encoding: chunked\r\n\r\n22\r\n{GOOD}"), {"unreachable"},
                  {"uncertain"}),
    "chunk-no-end": (lambda p: say(p, f"HTTP/1.1 200 OK\r\n{JSON}Transfer-Encoding: chunked\r\n\r\n22\r\n{GOOD}\r\n"),
                     {"unreachable"}, {"uncertain"}),
    "chunk-garbage": (lambda p: say(p, f"HTTP/1.1 200 OK\r\n{JSON}Transfer-Encoding: chunked\r\n\r\nzz\r\n{GOOD}\r\n0\r\n\r\n"),
                      {"unreachable", "protocol"}, {"uncertain"}),
    "chunk-huge": (lambda p: say(p, f"HTTP/1.1 200 OK\r\n{JSON}Transfer-Encoding: chunked\r\n\r\n{'f' * 40}\r\n{GOOD}"),
                   {"unreachable", "protocol"}, {"uncertain"}),
    "half-a-status": (lambda p: say(p, "HTTP/1.1 20"), {"unreachable", "protocol"}, {"uncertain"}),
    "grpc": (lambda p: say(p, frame(SETTINGS, payload=b"\0\5\0\0\x40\0")), {"protocol"}, {"uncertain"}),
    "ssh": (lambda p: say(p, b"SSH-2.0-OpenSSH_9.2\r\n"), {"protocol"}, {"uncertain"}),
    "tls-alert": (lambda p: say(p, b"\x15\x03\x01\x00\x02\x02\x46"), {"protocol"}, {"uncertain"}),
    "html-0.9": (lambda p: say(p, HTML), {"protocol"}, {"uncertain"}),
    "nul-in-head": (lambda p: say(p, b"HTTP/1.1 200 OK\r\nA: \0\r\nContent-Length: 0\r\n\r\n"), {"protocol", "unreachable"},
                    {"uncertain"}),
    "tiny-members": (lambda p: say(p, reply(200, '{"x":[' + "0," * 400000 + "0]}", "application/json")), {"limit"}, {"uncertain"}),
    "brackets": (lambda p: say(p, reply(200, '{"x":' + "[" * 4000000, "application/json")), {"protocol"}, {"uncertain"}),
}


@pytest.mark.parametrize("name", BREAKS)
def test_breaks(name):
    act, reads, writes = BREAKS[name]
    for operation, statuses in (("read:Get", reads), ("write:Set", writes)):
        out, server = run(then(act), operation, deadline=4000 if "65-mib" in name or "endless" in name else DEADLINE)
        assert out[0]["status"] in statuses, out
        # A read may be repeated, a write never.
        assert len(server.requests) <= (1 if operation == "write:Set" else 3)


@pytest.mark.parametrize("name", ["grpc", "tls-alert"])
def test_says_what_is_there(name):
    out, _ = run(then(BREAKS[name][0]))
    assert {"grpc": "speaks gRPC, not HTTP", "tls-alert": "do not set plaintext"}[name] in out[0]["text"]


def test_redirects_are_not_followed():
    def case(peer):
        while True:
            request(peer)
            say(peer, reply(301, "", None, "Location: /api/v1/thing\r\n"))
    out, server = run(case, options=("--key", "secret-key"))
    assert out[0]["status"] == "protocol"
    assert len(server.requests) == 1


def test_many_at_once():
    now, most = [], []

    def case(peer):
        now.append(peer)
        most.append(len(now))
        try:
            while True:
                request(peer)
                time.sleep(0.05)
                say(peer, reply(200, GOOD, "application/json"))
        finally:
            now.remove(peer)
    out, _ = run(case, "many:Get:60", "get:/version", deadline=8000)
    assert [one["status"] for one in out] == ["ok"] * 61
    assert 1 < max(most) <= 34, most
    assert {one["epoch"] for one in out} == {1}


def test_stop():
    out, _ = run(then(silence), "stop:Get", "write:Set", deadline=8000)
    assert [one["status"] for one in out] == ["unreachable", "unreachable"]
    assert out[0]["ms"] < 2000


def test_flood_while_idle():
    """Bytes that nobody asked for do not become the next answer."""
    def case(peer):
        request(peer)
        say(peer, reply(200, GOOD, "application/json") * 5)
        if peer.number == 1:
            request(peer)
            raise Gone
        silence(peer)
    out, _ = run(case, "read:Get", "sleep:200", "read:Get")
    assert [one["status"] for one in out] == ["ok", "ok"]


class Folder:
    """What certs.Authority writes into."""

    def __init__(self, path):
        self.path = path
        path.mkdir(parents=True, exist_ok=True)

    def file(self, name, text):
        (self.path / name).write_text(text)
        return str(self.path / name)


def certificate(path):
    authority = certs.Authority(Folder(path))
    return authority.ca_file, authority.server("127.0.0.1")


def test_tls(tmp_path):
    ca, chain = certificate(tmp_path)
    seen = []

    def case(peer):
        seen.append((peer.sock.selected_alpn_protocol(), peer.sock.version()))
        while True:
            request(peer)
            say(peer, reply(200, GOOD, "application/json"))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*chain)
    context.set_alpn_protocols(["h2", "http/1.1"])
    out, server = run(case, "read:Get", "read:Get", "write:Set", "get:/version", tls=context, options=("--tls", ca, "--key", "k"))
    assert [one["status"] for one in out] == ["ok"] * 4, out
    # One kept connection, one for the write.
    assert server.connections == 2
    assert {alpn for alpn, _ in seen} == {"http/1.1"}
    assert {one["epoch"] for one in out} == {1}


def test_tls_not_trusted(tmp_path):
    _, chain = certificate(tmp_path / "server")
    other, _ = certificate(tmp_path / "other")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*chain)
    out, server = run(answers(reply(200, GOOD, "application/json")), "write:Set", tls=context, options=("--tls", other, "--key", "k"))
    assert out[0]["status"] == "unreachable" and "certificate" in out[0]["text"].lower(), out
    assert not server.requests


def test_plaintext_on_the_tls_side(tmp_path):
    ca, _ = certificate(tmp_path)
    out, server = run(then(lambda p: None), "write:Set", options=("--tls", ca, "--key", "k"))
    assert out[0]["status"] == "unreachable"
    assert not server.requests
