"""Small things that both servers need: sockets, ASGI listeners, the line that says we are ready."""
import asyncio
import contextlib
import json
import os
import signal
import socket


def address(text):
    host, _, port = text.rpartition(":")
    return host.strip("[]") or "127.0.0.1", int(port)


def listen(text):
    host, port = address(text)
    s = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET)
    s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    s.bind((host, port))
    s.listen(512)
    return s


def shown(sock_or_address):
    name = sock_or_address.getsockname() if isinstance(sock_or_address, socket.socket) else sock_or_address
    return ("[%s]:%d" if ":" in name[0] else "%s:%d") % tuple(name[:2])


async def serve_asgi(app, sock):
    """serve an ASGI application on a listening socket until cancelled"""
    import uvicorn
    from uvicorn.protocols.http.h11_impl import H11Protocol

    class Reachable(H11Protocol):
        """lets an application cut its connection: see cut()"""
        def connection_made(self, transport):
            self.app_state = {"transport": transport}
            super().connection_made(transport)

    class Quiet(uvicorn.Server):
        @contextlib.contextmanager
        def capture_signals(self):
            yield

    server = Quiet(uvicorn.Config(app, http=Reachable, log_level="critical", access_log=False, lifespan="off", ws="none",
                                  server_header=False, timeout_graceful_shutdown=1, timeout_keep_alive=30))
    try:
        await server.serve(sockets=[sock])
    except asyncio.CancelledError:
        server.should_exit = True
        raise


async def cut(scope):
    """close the connection of this request without an answer"""
    scope["state"]["transport"].abort()
    await asyncio.Event().wait()


def ready(**facts):
    print(json.dumps(dict(facts, pid=os.getpid())), flush=True)


def stop_signal():
    """an Event that SIGTERM and SIGINT set; to be made before anybody is told that we are ready"""
    stop = asyncio.Event()
    for s in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(s, stop.set)
    return stop
