"""An HTTP/1.1 server on one connection: reads requests with h11, hands them to an application, writes its answers.

An application is `async def app(request) -> Answer`; it may also raise an Answer. Like the real server: 30 s for an idle
connection, chunked bodies when they are long, 400 and goodbye for what is no HTTP.
"""
import asyncio
import contextlib
import email.utils
import http

import h11

from .calls import HTML, for_ever

IDLE = 30
MAX_BODY = 16 * 1024 * 1024
LONG = 2048


class Answer(Exception):
    def __init__(self, status, body=b"", content_type=None, headers=()):
        super().__init__(status)
        self.status, self.body = status, body
        self.headers = ([("content-type", content_type)] if content_type else []) + list(headers)


class Request:
    """path and query as they were sent; header names in lower case. via: "http", "socket" or "proxy" """

    def __init__(self, method, target, headers, body, via, hooks):
        self.method, self.body, self.via, self.hooks = method, body, via, hooks
        self.path, _, self.query = target.partition("?")
        self.headers = {}
        for name, value in headers:
            self.headers.setdefault(name, value)


class HttpHooks:
    """what a fault can do to an HTTP answer; HTTP/1.1 knows no GOAWAY: the connection is dropped instead"""

    def __init__(self, transport):
        self.transport = transport

    async def hang(self, fault):
        await for_ever()

    async def drop(self, fault):
        self.transport.abort()
        await for_ever()

    hang_after, drop_after = hang, drop
    goaway = drop

    async def goaway_after(self, fault):
        """answered, but the connection ends with it"""

    async def html(self, fault):
        raise Answer(fault.status, HTML, "text/html; charset=utf-8")


async def answer_of(app, request):
    try:
        return await app(request)
    except Answer as e:
        return e


class Http1:
    def __init__(self, reader, writer, app, via, start=b""):
        self.reader, self.writer, self.app, self.via = reader, writer, app, via
        self.h11 = h11.Connection(h11.SERVER, max_incomplete_event_size=256 * 1024)
        if start:
            self.h11.receive_data(start)

    async def run(self):
        try:
            while await self._exchange():
                self.h11.start_next_cycle()
        except h11.RemoteProtocolError:
            self.writer.write(b"HTTP/1.1 400 Bad Request\r\nContent-Type: text/plain; charset=utf-8\r\n"
                              b"Connection: close\r\n\r\n400 Bad Request")
        except (ConnectionError, asyncio.TimeoutError):
            pass
        finally:
            with contextlib.suppress(ConnectionError):
                self.writer.close()

    async def _event(self):
        while True:
            event = self.h11.next_event()
            if event is not h11.NEED_DATA:
                return event
            if self.h11.they_are_waiting_for_100_continue:
                self._send(h11.InformationalResponse(status_code=100, headers=[]))
            self.h11.receive_data(await asyncio.wait_for(self.reader.read(65536), IDLE))

    async def _exchange(self):
        """one request and its answer; whether another may follow"""
        event = await self._event()
        if isinstance(event, h11.ConnectionClosed):
            return False
        old = event.http_version in (b"1.0", b"1.1")
        if not old and self.via == "socket":
            raise h11.RemoteProtocolError("HTTP/%s" % event.http_version.decode())
        body = bytearray()
        while True:
            part = await self._event()
            if isinstance(part, h11.EndOfMessage):
                break
            body += part.data
            if len(body) > MAX_BODY:
                return False
        request = Request(event.method.decode(), event.target.decode("latin-1"),
                          [(n.decode(), v.decode("latin-1")) for n, v in event.headers], bytes(body), self.via,
                          HttpHooks(self.writer.transport))
        self._write(await answer_of(self.app, request), request.method)
        await self.writer.drain()
        return old and self.h11.our_state is h11.DONE and self.h11.their_state is h11.DONE

    def _send(self, event):
        self.writer.write(self.h11.send(event))

    def _write(self, answer, method):
        headers = list(answer.headers)
        if not any(name == "date" for name, _ in headers):
            headers.append(("date", email.utils.formatdate(usegmt=True)))
        if len(answer.body) > LONG:
            headers.append(("transfer-encoding", "chunked"))
        else:
            headers.append(("content-length", str(len(answer.body))))
        self._send(h11.Response(status_code=answer.status, headers=headers,
                                reason=http.HTTPStatus(answer.status).phrase.encode()))
        if method != "HEAD" and answer.body:
            self._send(h11.Data(data=answer.body))
        self._send(h11.EndOfMessage())


async def serve(reader, writer, app, via, start=b""):
    await Http1(reader, writer, app, via, start).run()
