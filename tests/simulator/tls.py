"""What the HTTPS port of the real server does before TLS begins, which Python's TLS server does not:

- a client that offers ALPN without http/1.1 gets the alert no_application_protocol,
- a client that speaks HTTP without TLS is told so in plain text.

The first bytes of a connection are read here; everybody else is handed on, as they are, to a private TLS listener.
"""
import asyncio
import contextlib

NO_APPLICATION_PROTOCOL = b"\x15\x03\x03\x00\x02\x02\x78"
PLAIN = (b"HTTP/1.0 400 Bad Request\r\n\r\nClient sent an HTTP request to an HTTPS server.\n")
HANDSHAKE, CLIENT_HELLO, ALPN = 22, 1, 16
RECORD_HEAD = 5


def offered_protocols(hello):
    """the ALPN names of a ClientHello (a handshake message without its record), None without ALPN or when it is broken"""
    try:
        # type, length, version, random
        at = 4 + 2 + 32
        at += 1 + hello[at]
        at += 2 + int.from_bytes(hello[at:at + 2], "big")
        at += 1 + hello[at]
        end = at + 2 + int.from_bytes(hello[at:at + 2], "big")
        at += 2
        while at + 4 <= end:
            kind, size = int.from_bytes(hello[at:at + 2], "big"), int.from_bytes(hello[at + 2:at + 4], "big")
            if kind == ALPN:
                names, data = [], hello[at + 6:at + 4 + size]
                while data:
                    names.append(data[1:1 + data[0]])
                    data = data[1 + data[0]:]
                return names
            at += 4 + size
    except IndexError:
        pass
    return None


async def _copy(reader, writer):
    with contextlib.suppress(ConnectionError):
        while data := await reader.read(65536):
            writer.write(data)
            await writer.drain()
        writer.write_eof()


async def pass_on(reader, writer, port):
    """serve one connection of the public port, by way of the TLS listener on this loopback port"""
    try:
        head = await reader.readexactly(RECORD_HEAD)
        if head[0] != HANDSHAKE:
            writer.write(PLAIN)
            return
        hello = await reader.readexactly(int.from_bytes(head[3:], "big"))
        protocols = offered_protocols(hello) if hello[:1] == bytes((CLIENT_HELLO,)) else None
        if protocols is not None and b"http/1.1" not in protocols:
            writer.write(NO_APPLICATION_PROTOCOL)
            return
        there_reader, there = await asyncio.open_connection("127.0.0.1", port)
        there.write(head + hello)
        copies = [asyncio.ensure_future(_copy(reader, there)), asyncio.ensure_future(_copy(there_reader, writer))]
        try:
            await asyncio.wait(copies, return_when=asyncio.FIRST_COMPLETED)
            if copies[0].done():
                await asyncio.wait(copies, timeout=1)
        finally:
            for c in copies:
                c.cancel()
            there.transport.abort()
    except (asyncio.IncompleteReadError, ConnectionError):
        pass
    finally:
        with contextlib.suppress(ConnectionError):
            await writer.drain()
        writer.close()
