"""The listeners of a server: gRPC over TCP (plain or TLS), HTTP, unix socket, and the one port of a proxy.

grpcio cannot close one connection, refuse one with GOAWAY, answer HTML or be stopped and started on the same port. So
clients talk to a Front, which hands whole HTTP/2 frames through to grpcio on a private loopback port. It changes one
thing: each request gets the header `x-sim-stream` with its stream number (a literal without indexing, which leaves the
header compression state alone), so that a call handler can name its own stream here.
"""
import asyncio
import contextlib
import os
import ssl
import time

from . import http1, proxy, tls

PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
DATA, HEADERS, RST_STREAM, GOAWAY, CONTINUATION = 0, 1, 3, 7, 9
END_STREAM, END_HEADERS, PADDED = 1, 4, 8
CANCEL = 8


def frame(kind, flags, stream, payload=b""):
    return len(payload).to_bytes(3, "big") + bytes((kind, flags)) + stream.to_bytes(4, "big") + payload


def literal(name, value):
    """one header field: literal without indexing, new name, no Huffman coding (both shorter than 127 bytes)"""
    return b"\0" + bytes((len(name),)) + name + bytes((len(value),)) + value


class Connection:
    """one client connection and its twin to the gRPC server"""

    def __init__(self, front, kind, reader, writer):
        self.front, self.kind = front, kind
        self.reader, self.writer = reader, writer
        self.muted = set()
        self.port = None
        self.to_server = None

    async def run(self, port):
        server_reader, self.to_server = await asyncio.open_connection("127.0.0.1", port)
        self.port = self.to_server.get_extra_info("sockname")[1]
        self.front.connections[self.port] = self
        pumps = [asyncio.ensure_future(self._upward()), asyncio.ensure_future(self._downward(server_reader))]
        try:
            await asyncio.wait(pumps, return_when=asyncio.FIRST_COMPLETED)
            if not pumps[1].done():
                # the client is gone or has half closed: let answers under way reach it, but not for ever
                self.to_server.write_eof()
                await asyncio.wait(pumps, timeout=1)
        finally:
            for p in pumps:
                p.cancel()
            self.finish()

    async def _upward(self):
        try:
            start = await self.reader.readexactly(len(PREFACE))
        except asyncio.IncompleteReadError as e:
            start = e.partial
        self.to_server.write(start)
        try:
            while start != PREFACE:
                chunk = await self.reader.read(65536)
                if not chunk:
                    return
                self.to_server.write(chunk)
            while True:
                kind, flags, stream, payload = await self._frame(self.reader)
                if kind == HEADERS and flags & PADDED and payload:
                    payload, flags = payload[1:len(payload) - payload[0]], flags & ~PADDED
                if kind in (HEADERS, CONTINUATION) and flags & END_HEADERS:
                    payload += literal(b"x-sim-stream", b"%d" % stream)
                self.to_server.write(frame(kind, flags, stream, payload))
                await self.to_server.drain()
        except (asyncio.IncompleteReadError, ConnectionError, ssl.SSLError):
            return

    async def _downward(self, server_reader):
        try:
            while True:
                kind, flags, stream, payload = await self._frame(server_reader)
                if stream == 0 or stream not in self.muted:
                    self.writer.write(frame(kind, flags, stream, payload))
                    await self.writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError, ssl.SSLError):
            return

    @staticmethod
    async def _frame(reader):
        head = await reader.readexactly(9)
        size = int.from_bytes(head[:3], "big")
        payload = await reader.readexactly(size) if size else b""
        return head[3], head[4], int.from_bytes(head[5:], "big") & 0x7fffffff, payload

    def answer_html(self, stream, status, body):
        """a web server's answer in place of a gRPC one, on one stream"""
        self.muted.add(stream)
        fields = literal(b":status", b"%d" % status) + literal(b"content-type", b"text/html; charset=utf-8")
        self.writer.write(frame(HEADERS, END_HEADERS, stream, fields) + frame(DATA, END_STREAM, stream, body))
        self.to_server.write(frame(RST_STREAM, 0, stream, CANCEL.to_bytes(4, "big")))

    def goaway(self, last_stream, text=b"simulated"):
        self.writer.write(frame(GOAWAY, 0, 0, last_stream.to_bytes(4, "big") + bytes(4) + text))

    def close(self):
        """cut it, now"""
        self.front.connections.pop(self.port, None)
        if self.to_server is not None:
            self.to_server.close()
        self.writer.transport.abort()

    def finish(self):
        """close it after what is written has gone out"""
        self.front.connections.pop(self.port, None)
        self.to_server.close()
        self.writer.close()


class Front:
    """All listeners of one server: gRPC and HTTP over TCP, the unix socket, and the proxy's one port.

    connections: port of the twin connection -> Connection. `open` = the server is there, or not, `since` then; the proxy's port always is.
    """

    def __init__(self, service):
        self.service = service
        self.connections = {}
        self.port = None
        self.web, self.proxy = None, None
        self._servers, self._tasks = [], set()
        self._proxy_server, self._writers = None, set()
        self.grpc, self.http, self.one_port, self.socket_path = None, None, None, None
        self._https_port = None
        self.tls = {}
        self.open, self.since = False, time.time()

    def configure(self, grpc=None, socket_path=None, http=None, one_port=None, cert=None, key=None):
        """addresses are (host, port); port 0 becomes the port that the first start() is given"""
        self.grpc, self.socket_path, self.http, self.one_port = grpc, socket_path, http, one_port
        # the order of the real server: who offers both on the gRPC port is given http/1.1
        for kind, protocols in (("grpc", ["http/1.1", "h2"]), ("http", ["http/1.1"]), ("one_port", ["h2", "http/1.1"])):
            if cert:
                self.tls[kind] = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
                self.tls[kind].minimum_version = ssl.TLSVersion.TLSv1_2
                self.tls[kind].load_cert_chain(cert, key)
                self.tls[kind].set_alpn_protocols(protocols)

    @property
    def has_grpc(self):
        return self.service.band < "I"

    async def start(self):
        if self.grpc and self.grpc[1] == 0 and not self.has_grpc:
            # a port that may be wanted later: nobody listens there now
            self.grpc = await self._free_port(self.grpc)
        if self.grpc and self.has_grpc:
            self.grpc = await self._listen(self.grpc, "tcp", self.tls.get("grpc"))
        if self.http and "http" in self.tls:
            self._https_port = (await self._listen(("127.0.0.1", 0), "http", self.tls["http"]))[1]
            self.http = await self._listen(self.http, "https", None)
        elif self.http:
            self.http = await self._listen(self.http, "http", None)
        if self.socket_path:
            if os.path.exists(self.socket_path):
                os.unlink(self.socket_path)
            self._servers.append(await asyncio.start_unix_server(self._client("socket"), self.socket_path))
            os.chmod(self.socket_path, 0o770)
        if self.one_port and not self._proxy_server:
            self._proxy_server = await asyncio.start_server(self._through_proxy, *self.one_port,
                                                            ssl=self.tls.get("one_port"))
            self.one_port = self._proxy_server.sockets[0].getsockname()[:2]
        self.open, self.since = True, time.time()

    async def _listen(self, address, kind, context):
        server = await asyncio.start_server(self._client(kind), *address, ssl=context, reuse_address=True)
        self._servers.append(server)
        return server.sockets[0].getsockname()[:2]

    @staticmethod
    async def _free_port(address):
        server = await asyncio.start_server(lambda r, w: None, *address)
        found = server.sockets[0].getsockname()[:2]
        server.close()
        return found

    async def stop(self):
        """close everything but the proxy's port, and cut all connections"""
        self.open, self.since = False, time.time()
        for server in self._servers:
            server.close()
        self._servers = []
        if self.socket_path and os.path.exists(self.socket_path):
            os.unlink(self.socket_path)
        for c in list(self.connections.values()):
            c.close()
        for w in list(self._writers):
            w.transport.abort()
        for t in list(self._tasks):
            t.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self.proxy.went_down()

    async def close(self):
        await self.stop()
        if self._proxy_server:
            self._proxy_server.close()

    def _client(self, kind):
        async def accept(reader, writer):
            task = asyncio.current_task()
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)
            if kind == "https":
                with contextlib.suppress(asyncio.CancelledError):
                    await tls.pass_on(reader, writer, self._https_port)
            elif kind == "http" or kind == "socket" and not self.has_grpc:
                await self._http(reader, writer, kind)
            else:
                await self._grpc(reader, writer, kind)
        return accept

    async def _http(self, reader, writer, kind):
        self._writers.add(writer)
        try:
            with contextlib.suppress(asyncio.CancelledError):
                await http1.serve(reader, writer, self.web, kind)
        finally:
            self._writers.discard(writer)

    async def _grpc(self, reader, writer, kind):
        connection = Connection(self, kind, reader, writer)
        session = writer.get_extra_info("ssl_object")
        if session is not None and session.selected_alpn_protocol() is None and self.service.band >= "C":
            connection.close()
            return
        try:
            await connection.run(self.port)
        except (ConnectionError, asyncio.CancelledError):
            connection.close()

    async def _through_proxy(self, reader, writer):
        with contextlib.suppress(ConnectionError, asyncio.CancelledError):
            await proxy.serve(self.proxy, reader, writer, http1.serve)

    def of_peer(self, peer):
        """the Connection behind a peer text of grpcio, None for somebody who came to the private port directly"""
        port = peer.rpartition(":")[2]
        return self.connections.get(int(port)) if port.isdigit() else None
