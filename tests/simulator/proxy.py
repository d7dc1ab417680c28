"""The one-port mode: gRPC and HTTP behind one TLS port, as a web server in front of Headscale offers them.

The port is the proxy's own: it stays open while Headscale is down, and then answers 502 with an empty body; so it does to
every gRPC request at 0.30, which has none. HTTP/2 is ended here (with the h2 library), one task a stream.
"""
import asyncio
import contextlib
import urllib.parse

import h2.config
import h2.connection
import h2.events
import h2.exceptions

from . import rpc
from .calls import HTML, for_ever
from .http1 import Answer, Request, answer_of
from .names import Refused

PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
BAD_GATEWAY = 502


class ProxyHooks:
    """what a fault behind the proxy looks like in front of it"""

    async def hang(self, fault):
        await for_ever()

    async def drop(self, fault):
        raise Answer(BAD_GATEWAY)

    async def html(self, fault):
        raise Answer(fault.status, HTML, "text/html; charset=utf-8")

    async def goaway_after(self, fault):
        """the proxy's own connection to the server ends, which nobody sees"""

    hang_after, drop_after, goaway = hang, drop, drop


class Stream:
    def __init__(self, headers):
        self.headers, self.body = headers, bytearray()
        self.room = asyncio.Event()
        self.task = None


class Proxy:
    """up: a function that says whether Headscale is there at all"""

    def __init__(self, service, calls, web, up):
        self.service, self.calls, self.web, self.up = service, calls, web, up
        self._under_way = set()

    def went_down(self):
        """Headscale's connections are cut: what it had not answered yet is a bad gateway"""
        for task in list(self._under_way):
            task.cancel()

    async def _ask(self, work):
        """the result of work, or the Answer 502 when the server goes away meanwhile"""
        task = asyncio.ensure_future(work)
        self._under_way.add(task)
        try:
            await asyncio.wait([task])
        except asyncio.CancelledError:
            task.cancel()
            raise
        finally:
            self._under_way.discard(task)
        if task.cancelled():
            raise Answer(BAD_GATEWAY)
        return task.result()

    async def http(self, request):
        """an application for HTTP/1.1 clients of the proxy"""
        if not self.up():
            return Answer(BAD_GATEWAY)
        request.hooks, request.via = ProxyHooks(), "proxy"
        return await self._ask(answer_of(self.web, request))

    async def grpc(self, headers, body):
        """the message of the answer, or Refused, or an Answer"""
        if not self.up() or self.service.band >= "I":
            raise Answer(BAD_GATEWAY)
        if len(body) < 5 or len(body) - 5 != int.from_bytes(body[1:5], "big"):
            raise Refused(13, "simulated: not one whole message")
        if body[0]:
            raise Refused(12, 'grpc: Decompressor is not installed for grpc-encoding "%s"'
                          % headers.get("grpc-encoding", "unknown"))
        return await self._ask(rpc.perform(self.service, self.calls, headers[":path"], headers.get("authorization"),
                                           bytes(body[5:]), False, "proxy", ProxyHooks()))


class Http2:
    """one HTTP/2 connection of a client"""

    def __init__(self, proxy, reader, writer, start=b""):
        self.proxy, self.reader, self.writer, self.start = proxy, reader, writer, start
        self.h2 = h2.connection.H2Connection(h2.config.H2Configuration(client_side=False, header_encoding="utf-8"))
        self.streams = {}

    async def run(self):
        self.h2.initiate_connection()
        self._flush()
        try:
            data = self.start or await self.reader.read(65536)
            while data:
                for event in self.h2.receive_data(data):
                    self._event(event)
                self._flush()
                data = await self.reader.read(65536)
        except (h2.exceptions.ProtocolError, ConnectionError):
            pass
        finally:
            self._flush()
            for s in self.streams.values():
                if s.task:
                    s.task.cancel()
            self.writer.close()

    def _flush(self):
        with contextlib.suppress(ConnectionError):
            self.writer.write(self.h2.data_to_send())

    def _event(self, event):
        stream = self.streams.get(getattr(event, "stream_id", None))
        if isinstance(event, h2.events.RequestReceived):
            values = {}
            for name, value in event.headers:
                values.setdefault(name, value)
            self.streams[event.stream_id] = Stream(values)
        elif isinstance(event, h2.events.DataReceived):
            self.h2.acknowledge_received_data(event.flow_controlled_length, event.stream_id)
            if stream:
                stream.body += event.data
        elif isinstance(event, h2.events.StreamEnded) and stream:
            stream.task = asyncio.ensure_future(self._answer(event.stream_id, stream))
        elif isinstance(event, h2.events.StreamReset) and stream:
            if stream.task:
                stream.task.cancel()
            self.streams.pop(event.stream_id)
        elif isinstance(event, (h2.events.WindowUpdated, h2.events.RemoteSettingsChanged)):
            for s in self.streams.values():
                s.room.set()

    async def _answer(self, number, stream):
        try:
            if stream.headers.get("content-type", "").startswith("application/grpc"):
                await self._grpc(number, stream)
            else:
                await self._http(number, stream)
        except (h2.exceptions.ProtocolError, ConnectionError):
            pass
        finally:
            self.streams.pop(number, None)
            self._flush()

    async def _grpc(self, number, stream):
        head = [(":status", "200"), ("content-type", "application/grpc"), ("server", "Caddy")]
        try:
            message = await self.proxy.grpc(stream.headers, stream.body)
        except Refused as e:
            text = urllib.parse.quote(e.text, safe=" !\"#$&'()*+,/:;<=>?@[]")
            self.h2.send_headers(number, head + [("grpc-status", str(e.code)), ("grpc-message", text)], end_stream=True)
            return
        except Answer as e:
            await self._send(number, stream, e)
            return
        self.h2.send_headers(number, head)
        await self._data(number, stream, b"\0" + len(message).to_bytes(4, "big") + message)
        self.h2.send_headers(number, [("grpc-status", "0"), ("grpc-message", "")], end_stream=True)

    async def _http(self, number, stream):
        h = stream.headers
        request = Request(h[":method"], h[":path"], [(n, v) for n, v in h.items() if not n.startswith(":")],
                          bytes(stream.body), "proxy", ProxyHooks())
        await self._send(number, stream, await self.proxy.http(request))

    async def _send(self, number, stream, answer):
        headers = [(":status", str(answer.status)), ("server", "Caddy"), *answer.headers,
                   ("content-length", str(len(answer.body)))]
        body = answer.body if stream.headers[":method"] != "HEAD" else b""
        self.h2.send_headers(number, headers, end_stream=not body)
        if body:
            await self._data(number, stream, body)
            self.h2.end_stream(number)

    async def _data(self, number, stream, data):
        while data:
            size = min(len(data), self.h2.local_flow_control_window(number), self.h2.max_outbound_frame_size)
            if size <= 0:
                stream.room.clear()
                await stream.room.wait()
                continue
            self.h2.send_data(number, data[:size])
            data = data[size:]
            self._flush()


async def serve(proxy, reader, writer, http1):
    """one connection; http1(reader, writer, app, via, start) serves what is no HTTP/2"""
    tls = writer.get_extra_info("ssl_object")
    start = b""
    if tls is None:
        # no TLS, no ALPN: the first bytes say it
        start = await reader.read(65536)
    if start.startswith(PREFACE[:3]) or tls is not None and tls.selected_alpn_protocol() == "h2":
        await Http2(proxy, reader, writer, start).run()
    else:
        await http1(reader, writer, proxy.http, "proxy", start)
