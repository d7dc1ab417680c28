"""HTTP/2 servers that misbehave, frame by frame. A case is a function that gets a `Peer`, one accepted connection."""
import socket
import struct
import threading
import time

import hpack

DATA, HEADERS, PRIORITY, RST, SETTINGS, PUSH, PING, GOAWAY, WINDOW, CONTINUATION = range(10)
END_STREAM, END_HEADERS, ACK = 0x1, 0x4, 0x1
PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"


def frame(kind, flags=0, stream=0, payload=b"", length=None):
    size = len(payload) if length is None else length
    return struct.pack(">I", size)[1:] + bytes([kind, flags]) + struct.pack(">I", stream) + payload


def message(payload=b"", flag=0, length=None):
    return bytes([flag]) + struct.pack(">I", len(payload) if length is None else length) + payload


class Gone(Exception):
    """The client has left."""


class Peer:
    def __init__(self, sock, number, requests):
        self.sock, self.number, self.requests = sock, number, requests
        self.encoder, self.decoder = hpack.Encoder(), hpack.Decoder()
        self.streams = []

    def send(self, *parts):
        try:
            self.sock.sendall(b"".join(parts))
        except OSError as error:
            raise Gone from error

    def exactly(self, size):
        out = b""
        while len(out) < size:
            try:
                part = self.sock.recv(size - len(out))
            except OSError as error:
                raise Gone from error
            if not part:
                raise Gone
            out += part
        return out

    def read_frame(self):
        head = self.exactly(9)
        size = int.from_bytes(head[:3], "big")
        return head[3], head[4], int.from_bytes(head[5:9], "big") & 0x7FFFFFFF, self.exactly(size)

    def hello(self, settings=b""):
        """Our SETTINGS and the client's preface."""
        self.send(frame(SETTINGS, payload=settings))
        assert self.exactly(len(PREFACE)) == PREFACE

    def request(self):
        """The id of the next complete request."""
        while True:
            kind, flags, stream, payload = self.read_frame()
            if kind == SETTINGS and not flags & ACK:
                self.send(frame(SETTINGS, ACK))
            if kind == HEADERS:
                fields = dict(self.decoder.decode(payload))
                self.requests.append(fields)
            if kind in (DATA, HEADERS) and flags & END_STREAM:
                self.streams.append(stream)
                return stream

    def headers(self, stream, fields, end=False, end_headers=True):
        flags = (END_STREAM if end else 0) | (END_HEADERS if end_headers else 0)
        return frame(HEADERS, flags, stream, self.encoder.encode(fields))

    def begin(self, stream, *more, status="200", kind="application/grpc"):
        return self.headers(stream, [(":status", status), ("content-type", kind), *more])

    def trailers(self, stream, *fields):
        return self.headers(stream, list(fields) or [("grpc-status", "0")], end=True)

    def only(self, stream, *fields, status="200", kind="application/grpc"):
        return self.headers(stream, [(":status", status), ("content-type", kind), *fields], end=True)

    def good(self, stream, payload=b"\x0a\x00"):
        return (self.begin(stream) + frame(DATA, 0, stream, message(payload)) + self.trailers(stream))

    def serve(self):
        """Behave from now on."""
        while True:
            self.send(self.good(self.request()))

    def linger(self, seconds=8):
        """Read and say nothing, until the client leaves."""
        self.sock.settimeout(seconds)
        while True:
            self.read_frame()

    def reset(self):
        self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.sock.close()


class Server:
    """Listens on a free port of this machine; `case` handles each connection in a thread of its own."""

    def __init__(self, case, tls=None):
        self.case, self.tls = case, tls
        self.connections, self.requests, self.problems = 0, [], []
        self.socket = socket.create_server(("127.0.0.1", 0))
        self.port = self.socket.getsockname()[1]
        self.open = []
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        while True:
            try:
                sock, _ = self.socket.accept()
            except OSError:
                return
            self.connections += 1
            self.open.append(sock)
            threading.Thread(target=self.run, args=(sock, self.connections), daemon=True).start()

    def run(self, sock, number):
        sock.settimeout(10)
        try:
            if self.tls:
                sock = self.tls.wrap_socket(sock, server_side=True)
            self.case(Peer(sock, number, self.requests))
        except (Gone, OSError):
            pass
        except Exception as error:  # noqa: BLE001 - shown by the test
            self.problems.append(repr(error))
        finally:
            sock.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.socket.close()
        for sock in self.open:
            try:
                sock.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass


def drip(peer, data, pause):
    for byte in data:
        peer.send(bytes([byte]))
        time.sleep(pause)
