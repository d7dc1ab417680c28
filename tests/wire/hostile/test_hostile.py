"""Servers that misbehave, one a case: the channel must answer with the right status in bounded time, and never crash or hang.
`hostile_probe` makes the calls; build it first (OURO_BUILD_DIR, default build/debug)."""
import json
import os
import pathlib
import ssl
import struct
import subprocess
import sys
import time

import pytest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
from servers import (ACK, CONTINUATION, DATA, END_HEADERS, END_STREAM, GOAWAY, HEADERS, PING, PUSH, RST,  # noqa: E402
                     SETTINGS, WINDOW, Gone, Server, drip, frame, message)

ROOT = pathlib.Path(__file__).resolve().parents[3]
BUILD = pathlib.Path(os.environ.get("OURO_BUILD_DIR") or ROOT / "build" / "debug").resolve()
PROBE = BUILD / "tests" / "wire" / "hostile" / "hostile_probe"
DEADLINE = 1500
SLACK = 1000  # of a busy machine, in ms

REACHED = {"unreachable", "protocol"}


def probe(address, *operations, options=(), timeout=40, deadline=DEADLINE):
    command = [str(PROBE), "grpc", "--deadline-ms", str(deadline), "--connect-ms", "1000", *options, address, *operations]
    done = subprocess.run(command, capture_output=True, text=True, timeout=timeout, check=False)
    assert done.returncode in (0, 1), f"ended with {done.returncode}: {done.stderr[-3000:]}"
    assert "Sanitizer" not in done.stderr, done.stderr[-3000:]
    return [json.loads(line) for line in done.stdout.splitlines()]


def run(case, *operations, **more):
    with Server(case) as server:
        out = probe(f"127.0.0.1:{server.port}", *(operations or ("read:ListNodes",)), **more)
        assert not server.problems
        for one in out:
            assert one["ms"] <= more.get("deadline", DEADLINE) + SLACK, one
        return out, server


def after_request(act):
    """A case that shakes hands, takes one request and then does `act(peer, stream)`."""
    def case(peer):
        peer.hello()
        act(peer, peer.request())
        peer.linger()
    return case


def statuses(out):
    return [one["status"] for one in out]


# ---- before HTTP/2 is there ----

def silence(peer):
    peer.linger()


def reset(peer):
    peer.reset()


def say(data):
    def case(peer):
        peer.send(data)
        peer.linger()
    return case


BEFORE = {
    "silence": (silence, "unreachable", "does not speak HTTP/2 in time"),
    "reset": (reset, "unreachable", ""),
    "closes": (lambda peer: None, "unreachable", "do not set plaintext"),
    "http1": (say(b"HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n"), "protocol", "HTTP/1"),
    "html": (say(b"<html><body>hello</body></html>"), "protocol", "web page"),
    "tls-alert": (say(b"\x15\x03\x01\x00\x02\x02\x46"), "protocol", "speaks TLS"),
    "ssh": (say(b"SSH-2.0-OpenSSH_9.2\r\n"), "protocol", "does not speak HTTP/2"),
    "first-not-settings": (say(frame(PING, payload=b"12345678")), "protocol", "does not speak HTTP/2"),
    "settings-ack-first": (say(frame(SETTINGS, ACK)), "protocol", ""),
    "settings-on-stream": (say(frame(SETTINGS, stream=1)), "protocol", ""),
    "settings-of-5": (say(frame(SETTINGS, payload=b"12345")), "protocol", ""),
    "settings-1000": (say(frame(SETTINGS, payload=struct.pack(">HI", 0x99, 1) * 1000)), None, ""),
    "huge-frame": (say(frame(SETTINGS, length=0xFFFFFF) + b"x" * 20000), "protocol", ""),
    "half-a-frame": (say(b"\x00\x00"), "unreachable", "in time"),
}


@pytest.mark.parametrize("name", BEFORE)
def test_before(name):
    case, status, words = BEFORE[name]
    # A write is certain not to have happened: nothing was sent.
    out, _ = run(case, "write:DeleteNode", "sleep:2100", "read:ListNodes")
    for one in out:
        assert one["status"] == status if status else one["status"] in REACHED, one
        assert words in one["text"], one


# ---- the answer ----

def flat(*make):
    return after_request(lambda peer, s: peer.send(*[m(peer, s) for m in make]))


def begin(p, s):
    return p.begin(s)


def trailers(*fields):
    return lambda p, s: p.trailers(s, *fields)


def data(payload, end=False):
    return lambda p, s: frame(DATA, END_STREAM if end else 0, s, payload)


def only(*fields, **more):
    return lambda p, s: p.only(s, *fields, **more)


def rst(code):
    return lambda p, s: frame(RST, 0, s, struct.pack(">I", code))


EMPTY = message(b"")
OK0 = ("grpc-status", "0")

# name: (what is sent, status of a read, status of a write)
ANSWERS = {
    "good": ((begin, data(EMPTY), trailers()), "ok", "ok"),
    "rst-no-error-after-trailers": ((begin, data(EMPTY), trailers(), rst(0)), "ok", "ok"),
    "html-502": ((only(status="502", kind="text/html"),), "unreachable", "uncertain"),
    "html-502-body": ((lambda p, s: p.begin(s, status="502", kind="text/html"), data(b"<html>", True)), "unreachable",
                      "uncertain"),
    "html-200": ((only(kind="text/html"),), "protocol", "uncertain"),
    "http-400": ((only(status="400", kind="text/plain"),), "protocol", "protocol"),
    "http-401": ((only(status="401", kind="text/plain"),), "unauthenticated", "unauthenticated"),
    "http-403": ((only(status="403", kind="text/plain"),), "rejected", "rejected"),
    "http-404": ((only(status="404", kind="text/plain"),), "protocol", "protocol"),
    "http-429": ((only(status="429", kind="text/plain"),), "unreachable", "unreachable"),
    "http-431": ((only(status="431", kind="text/plain"),), "protocol", "protocol"),
    "http-503": ((only(status="503", kind="text/plain"),), "unreachable", "uncertain"),
    "http-504": ((only(status="504", kind="text/plain"),), "unreachable", "uncertain"),
    "502-but-grpc": ((only(("grpc-status", "3"), status="502"),), "rejected", "rejected"),
    "grpc-5": ((only(("grpc-status", "5"), ("grpc-message", "node not found")),), "rejected", "rejected"),
    "grpc-16": ((only(("grpc-status", "16")),), "unauthenticated", "unauthenticated"),
    "grpc-13-token": ((only(("grpc-status", "13"), ("grpc-message", "validating token")),), "unauthenticated",
                      "unauthenticated"),
    "grpc-13": ((only(("grpc-status", "13"), ("grpc-message", "validating tokens")),), "rejected", "rejected"),
    "grpc-12": ((only(("grpc-status", "12"), ("grpc-message", "unknown method X for service y")),), "unsupported",
                "unsupported"),
    "grpc-12-service": ((only(("grpc-status", "12"), ("grpc-message", "unknown service y")),), "protocol", "protocol"),
    "grpc-4": ((only(("grpc-status", "4")),), "timeout", "uncertain"),
    "grpc-14": ((only(("grpc-status", "14")),), "unreachable", "uncertain"),
    "status-17": ((only(("grpc-status", "17")),), "rejected", "rejected"),
    "status-abc": ((only(("grpc-status", "abc")),), "rejected", "rejected"),
    "status-minus": ((only(("grpc-status", "-1")),), "rejected", "rejected"),
    "status-00": ((only(("grpc-status", "00")),), "rejected", "rejected"),
    "status-huge": ((only(("grpc-status", "99999999999")),), "rejected", "rejected"),
    "status-none": ((begin, data(EMPTY), trailers(("x", "y"))), "protocol", "uncertain"),
    "status-twice": ((begin, data(EMPTY), trailers(OK0, ("grpc-status", "5"))), "protocol", "uncertain"),
    "no-trailers": ((begin, data(EMPTY, True)), "protocol", "uncertain"),
    "nothing-but-0": ((only(OK0),), "protocol", "uncertain"),
    "length-4g": ((begin, data(message(b"", length=0xFFFFFFFF))), "limit", "uncertain"),
    "length-64m1": ((begin, data(message(b"", length=(64 << 20) + 1))), "limit", "uncertain"),
    "half-prefix": ((begin, data(b"\0\0", True)), "protocol", "uncertain"),
    "half-message": ((begin, data(message(b"abc", length=9)), trailers()), "protocol", "uncertain"),
    "two-messages": ((begin, data(EMPTY + EMPTY), trailers()), "protocol", "uncertain"),
    "flag-1": ((begin, data(message(b"", flag=1)), trailers()), "protocol", "uncertain"),
    "flag-255": ((begin, data(message(b"", flag=255)), trailers()), "protocol", "uncertain"),
    "garbage-message": ((begin, data(message(b"\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff")), trailers()), "protocol",
                        "uncertain"),
    "bad-utf8": ((begin, data(message(b"\x0a\x04\x32\x02\xff\xfe")), trailers()), "protocol", "uncertain"),
    "cut-field": ((begin, data(message(b"\x0a\x7f\x01")), trailers()), "protocol", "uncertain"),
    "headers-twice": ((begin, begin, data(EMPTY), trailers()), "protocol", "uncertain"),
    "data-before-headers": ((data(EMPTY), begin, trailers()), "protocol", "uncertain"),
    "no-status": ((lambda p, s: p.headers(s, [("content-type", "application/grpc")]),), "protocol", "uncertain"),
    "status-text": ((lambda p, s: p.headers(s, [(":status", "abc")]),), "protocol", "uncertain"),
    "status-double": ((lambda p, s: p.headers(s, [(":status", "200"), (":status", "200")]),), "protocol", "uncertain"),
    "upper-case": ((lambda p, s: p.headers(s, [(":status", "200"), ("Bad", "x")]),), "protocol", "uncertain"),
    "connection-header": ((lambda p, s: p.headers(s, [(":status", "200"), ("connection", "close")]),), "protocol",
                          "uncertain"),
    "fields-10000": ((lambda p, s: p.headers(s, [(":status", "200")] + [("a", "b")] * 3000),), "protocol", "uncertain"),
    "informational": ((lambda p, s: b"".join(p.headers(s, [(":status", "103")]) for _ in range(1000)), begin, data(EMPTY),
                       trailers()), "ok", "ok"),
    "informational-end": ((lambda p, s: p.headers(s, [(":status", "103")], end=True),), "protocol", "uncertain"),
    "bad-hpack": ((lambda p, s: frame(HEADERS, END_HEADERS, s, b"\xff\xff\xff\xff\xff\x0f"),), "protocol", "uncertain"),
    "push": ((lambda p, s: frame(PUSH, END_HEADERS, s, struct.pack(">I", 2) + p.encoder.encode([(":method", "GET")])),),
             "protocol", "uncertain"),
    "data-on-0": ((lambda p, s: frame(DATA, 0, 0, b"x"),), "protocol", "uncertain"),
    "data-on-idle": ((lambda p, s: frame(DATA, 0, s + 100, b"x"),), "protocol", "uncertain"),
    "huge-data": ((lambda p, s: frame(DATA, 0, s, b"x" * 100, length=0xFFFFFF),), "protocol", "uncertain"),
    "unknown-frame": ((lambda p, s: frame(0x77, 0xFF, s, b"what"), begin, data(EMPTY), trailers()), "ok", "ok"),
    "reserved-bit": ((lambda p, s: frame(DATA, 0, 0x80000000 | s, b""), begin), None, None),
    "window-0": ((lambda p, s: frame(WINDOW, 0, 0, struct.pack(">I", 0)),), "protocol", "uncertain"),
    "window-overflow": ((lambda p, s: frame(WINDOW, 0, 0, struct.pack(">I", 0x7FFFFFFF)),), "protocol", "uncertain"),
    "rst-refused": ((rst(7),), "ok", "ok"),
    "rst-calm": ((rst(11),), "unreachable", "uncertain"),
    "rst-after-headers": ((begin, rst(0)), "protocol", "uncertain"),
    "rst-during-data": ((begin, data(message(b"ab", length=9)), rst(2)), "protocol", "uncertain"),
    "rst-99": ((rst(99),), "protocol", "uncertain"),
    "settings-flood": ((lambda p, s: frame(SETTINGS) * 20000,), "protocol", "uncertain"),
    "ping-flood": ((lambda p, s: frame(PING, payload=b"12345678") * 20000,), "protocol", "uncertain"),
    "empty-data-flood": ((begin, lambda p, s: frame(DATA, 0, s) * 100000), "protocol", "uncertain"),
    "window-flood": ((lambda p, s: frame(WINDOW, 0, 0, struct.pack(">I", 1)) * 100000,), "protocol", "uncertain"),
    "continuation-flood": ((lambda p, s: p.headers(s, [(":status", "200")], end_headers=False)
                            + frame(CONTINUATION, 0, s) * 100000,), "protocol", "uncertain"),
    "silent": ((), "timeout", "uncertain"),
    "stalls-in-data": ((begin, data(message(b"ab", length=9000))), "timeout", "uncertain"),
}


@pytest.mark.parametrize("name", ANSWERS)
@pytest.mark.parametrize("kind", ["read", "write"])
def test_answer(name, kind):
    make, read, write = ANSWERS[name]
    refused = []

    def case(peer):
        peer.hello()
        stream = peer.request()
        if refused and name == "rst-refused":
            peer.send(peer.good(stream))
        else:
            refused.append(1)
            peer.send(*[m(peer, stream) for m in make])
        # What comes next on this connection is served well, and on new ones too.
        if name in ("silent", "stalls-in-data"):
            peer.linger()
        while True:
            bad = peer.request()
            peer.send(peer.good(bad) if name == "rst-refused" else b"".join(m(peer, bad) for m in make))

    out, server = run(case, f"{kind}:ListNodes")
    want = read if kind == "read" else write
    assert statuses(out) == [want] if want else out, out
    assert len(out) == 1
    if kind == "write" and name != "rst-refused":
        assert len(server.requests) == 1, "a write must not be repeated"


@pytest.mark.parametrize("how", ["headers", "data"])
def test_next_call_works(how):
    """After a spoilt connection the next call gets a new one."""
    def case(peer):
        peer.hello()
        stream = peer.request()
        if peer.number == 1:
            peer.send(frame(DATA, 0, 0, b"x") if how == "data" else frame(HEADERS, END_HEADERS, stream, b"\xff" * 9))
            peer.linger()
        peer.send(peer.good(stream))
        peer.serve()

    out, _ = run(case, "read:ListNodes", "read:ListNodes", "write:DeleteNode")
    assert statuses(out)[1:] == ["ok", "ok"]
    assert out[-1]["epoch"] == 2


def test_hpack_bomb():
    """A small block that refers to one large table entry again and again."""
    def act(peer, stream):
        big = peer.encoder.encode([(":status", "200"), ("x-bomb", "a" * 3900)])
        peer.send(frame(HEADERS, END_HEADERS, stream, big + b"\xbe" * 12000))

    out, _ = run(after_request(act), "read:ListNodes", "write:X")
    assert statuses(out) == ["protocol", "uncertain"]


@pytest.mark.parametrize("text,want", [
    ("%", "%"), ("%zz", "%zz"), ("%41%4", "A%4"), ("a%0a%1b[31mb", "a  [31mb"), ("a%ff%feabcd", "a??abcd"), ("%c3%a4", "ä"),
    ("x" * 5000, "x" * 255),
])
def test_message(text, want):
    out, _ = run(flat(only(("grpc-status", "9"), ("grpc-message", text))))
    assert out[0]["status"] == "rejected" and out[0]["grpc"] == 9
    assert out[0]["text"] == want


def goaway(last, code=0, text=b""):
    return frame(GOAWAY, payload=struct.pack(">II", last, code) + text)


def test_goaway_idle():
    """The client lets go at once, and connects again for the next call."""
    left = []

    def case(peer):
        peer.hello()
        peer.send(peer.good(peer.request()))
        if peer.number > 1:
            peer.serve()
        time.sleep(0.2)
        peer.send(goaway(0x7FFFFFFF))
        began = time.monotonic()
        try:
            peer.linger()
        except Gone:
            left.append(time.monotonic() - began)

    out, _ = run(case, "read:ListNodes", "sleep:700", "write:X")
    assert statuses(out) == ["ok", "ok"]
    assert left and left[0] < 0.3


@pytest.mark.parametrize("last,kind,requests", [(0, "read", 2), (0, "write", 2), (1, "read", 1), (1, "write", 1)])
def test_goaway_within_call(last, kind, requests):
    """Above the last id: repeated elsewhere. Below it: answered here."""
    def case(peer):
        peer.hello()
        stream = peer.request()
        if peer.number == 1:
            peer.send(goaway(last))
            time.sleep(0.2)
        peer.send(peer.good(stream))
        peer.serve()

    out, server = run(case, f"{kind}:X", "read:Y")
    assert statuses(out) == ["ok", "ok"]
    assert len(server.requests) == requests + 1
    assert server.connections == 2


def test_goaway_every_call():
    def case(peer):
        peer.hello()
        for _ in range(3):
            stream = peer.request()
        peer.send(goaway(stream), peer.good(peer.streams[0]), peer.good(peer.streams[1]), peer.good(stream))

    out, _ = run(case, "many:ListNodes:3", "many:ListNodes:3", "many:ListNodes:3")
    assert statuses(out) == ["ok"] * 9


@pytest.mark.parametrize("payload", [goaway(2), goaway(0, 11, b"too_many_pings")])
def test_goaway_odd(payload):
    out, _ = run(after_request(lambda peer, s: peer.send(payload)), "write:X")
    assert out[0]["status"] in ("uncertain", "unreachable")


def test_lost_read_is_repeated():
    def case(peer):
        peer.hello()
        stream = peer.request()
        if peer.number > 1:
            peer.send(peer.good(stream))
            peer.serve()

    out, server = run(case, "read:ListNodes")
    assert statuses(out) == ["ok"] and server.connections == 2


def test_lost_write_is_uncertain():
    def case(peer):
        peer.hello()
        peer.request()

    out, server = run(case, "write:DeleteNode")
    assert statuses(out) == ["uncertain"] and len(server.requests) == 1


def test_lost_always():
    def case(peer):
        peer.hello()
        peer.request()

    out, server = run(case, "read:ListNodes")
    assert out[0]["status"] in ("unreachable", "timeout") and len(server.requests) <= 3


def test_max_streams():
    """No stream allowed, then one: calls wait for their turn."""
    def case(peer):
        peer.hello(struct.pack(">HI", 3, 0))
        time.sleep(0.3)
        peer.send(frame(SETTINGS, payload=struct.pack(">HI", 3, 1)))
        peer.serve()

    out, _ = run(case, "many:ListNodes:8")
    assert statuses(out) == ["ok"] * 8


def test_max_streams_never():
    def case(peer):
        peer.hello(struct.pack(">HI", 3, 0))
        peer.linger()

    out, _ = run(case, "many:ListNodes:8")
    assert set(statuses(out)) == {"timeout"}


def test_send_window_shut():
    def case(peer):
        peer.hello(struct.pack(">HI", 4, 0))
        peer.linger()

    out, _ = run(case, "read:ListNodes", "write:X")
    assert statuses(out) == ["timeout", "uncertain"]


def test_large_answer():
    # 300 things, each with a name of 65 000 bytes.
    name = b"\x32\xe8\xfb\x03" + b"n" * 65000
    payload = (b"\x0a\xec\xfb\x03" + name) * 300

    def case(peer):
        peer.hello()
        stream = peer.request()
        body = message(payload)
        peer.send(peer.begin(stream))
        for at in range(0, len(body), 16384):
            peer.send(frame(DATA, 0, stream, body[at:at + 16384]))
        peer.send(peer.trailers(stream))
        peer.linger()

    # The time to decode it comes on top of the wait.
    out, _ = run(case, deadline=30000)
    # 19.5 MB is more than the stream's window: without updates the client would end the connection.
    assert statuses(out) == ["ok"] and out[0]["things"] == 300


def test_drip():
    def case(peer):
        peer.hello()
        stream = peer.request()
        drip(peer, peer.good(stream), 0.01)
        peer.linger()

    out, _ = run(case)
    assert statuses(out) == ["ok"]


def test_drip_too_slow():
    def case(peer):
        peer.hello()
        drip(peer, peer.good(peer.request()) * 10, 0.1)

    out, _ = run(case, "write:X")
    assert statuses(out) == ["uncertain"]


def test_answer_after_reset():
    """We give up, the answer comes late: it disturbs nobody."""
    def case(peer):
        peer.hello()
        stream = peer.request()
        time.sleep(1.8)
        peer.send(peer.good(stream))
        peer.serve()

    out, server = run(case, "read:ListNodes", "sleep:500", "read:ListNodes")
    assert statuses(out) == ["timeout", "ok"] and server.connections == 1


def test_stop_under_way():
    began = time.monotonic()
    out, _ = run(after_request(lambda peer, s: None), "stop:ListNodes")
    assert out[0]["status"] == "unreachable" and out[0]["ms"] < 1000
    assert time.monotonic() - began < 5


def test_request_as_sent():
    _, server = run(lambda peer: (peer.hello(), peer.serve()), "read:ListNodes", options=("--key", "abc.def"))
    fields = server.requests[0]
    assert list(fields)[:4] == [":method", ":scheme", ":path", ":authority"]
    assert fields[":path"] == "/headscale.v1.HeadscaleService/ListNodes"
    assert fields[":authority"] == f"127.0.0.1:{server.port}" and fields[":scheme"] == "http"
    assert fields["te"] == "trailers" and fields["content-type"] == "application/grpc"
    assert fields["authorization"] == "Bearer abc.def"
    assert 0 < int(fields["grpc-timeout"].rstrip("m")) <= DEADLINE - 50


def test_back_off_is_fast():
    """Nobody listens: the first call says so, the next ones at once."""
    with Server(silence) as server:
        port = server.port
    out = probe(f"127.0.0.1:{port}", "read:A", "write:B", "read:C")
    assert statuses(out) == ["unreachable"] * 3
    assert out[1]["ms"] < 50 and out[2]["ms"] < 50


# ---- TLS ----

@pytest.fixture(scope="session")
def certificates(tmp_path_factory):
    folder = tmp_path_factory.mktemp("tls")

    def make(name, *more, days="30", subject="/CN=localhost"):
        subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
                        "-keyout", folder / f"{name}.key", "-out", folder / f"{name}.pem", "-days", days, "-subj", subject,
                        *more], check=True, capture_output=True)
    make("good", "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1")
    make("other", "-addext", "subjectAltName=DNS:elsewhere.example")
    return folder


def tls_context(folder, name, alpn=("h2",), maximum=None):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / f"{name}.pem", folder / f"{name}.key")
    if alpn:
        context.set_alpn_protocols(list(alpn))
    if maximum:
        context.minimum_version = ssl.TLSVersion.TLSv1
        context.maximum_version = maximum
        context.set_ciphers("ALL:@SECLEVEL=0")
    return context


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
@pytest.mark.parametrize("cert,ca,alpn,maximum,host,status,words", [
    ("good", "good", ("h2",), None, "localhost", "ok", ""),
    ("good", "good", ("h2",), None, "127.0.0.1", "ok", ""),
    ("good", "good", ("h2",), ssl.TLSVersion.TLSv1_2, "localhost", "ok", ""),
    ("good", "good", (), None, "localhost", "protocol", "HTTP/2"),
    ("good", "good", ("http/1.1",), None, "localhost", "protocol", "HTTP/2"),
    ("good", "other", ("h2",), None, "localhost", "unreachable", "certificate"),
    ("other", "other", ("h2",), None, "localhost", "unreachable", "certificate"),
    ("good", "good", ("h2",), ssl.TLSVersion.TLSv1_1, "localhost", "unreachable", "TLS handshake"),
])
def test_tls(certificates, cert, ca, alpn, maximum, host, status, words):
    with Server(lambda peer: (peer.hello(), peer.serve()), tls=tls_context(certificates, cert, alpn, maximum)) as server:
        out = probe(f"{host}:{server.port}", "read:ListNodes", "many:ListNodes:4" if status == "ok" else "write:X",
                    options=("--tls", str(certificates / f"{ca}.pem")))
    assert set(statuses(out)) == {status}, out
    assert all(words in one["text"] for one in out), out


def test_tls_missing_authorities():
    out = probe("127.0.0.1:1", "read:A", options=("--tls", "/nonexistent.pem"))
    assert statuses(out) == ["io"]
