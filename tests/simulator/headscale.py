"""`python -m simulator headscale`: one server process with its gRPC, HTTP and control listeners."""
import asyncio
import contextlib

from . import rpc, serve, worlds
from .calls import Calls
from .control import control_app
from .devices import Devices
from .front import Front
from .gateway import gateway_app
from .service import make_service

GENERATIONS = {"0.23": "B", "0.29": "H"}


def arguments(parser):
    parser.add_argument("--generation", choices=sorted(GENERATIONS), required=True)
    parser.add_argument("--grpc", metavar="HOST:PORT", help="gRPC over TCP; default 127.0.0.1:0 when no socket is given")
    parser.add_argument("--tls-cert", metavar="FILE")
    parser.add_argument("--tls-key", metavar="FILE")
    parser.add_argument("--socket", metavar="PATH", help="gRPC over a unix socket, without keys")
    parser.add_argument("--http", metavar="HOST:PORT", help="the HTTP listener with /api/v1 and /register")
    parser.add_argument("--control", metavar="HOST:PORT", default="127.0.0.1:0", help="the interface for tests")
    parser.add_argument("--api-key", action="append", default=[], metavar="KEY")
    parser.add_argument("--world", default="basic", help="empty, basic, demo or load:N")
    parser.add_argument("--login-url", metavar="URL", help="what registration links start with")


async def run(args):
    stop = serve.stop_signal()
    band = GENERATIONS[args.generation]
    world = worlds.make(args.world, band, args.api_key)
    service = make_service(world)
    calls = Calls(service)
    front = Front(band)
    grpc_at = args.grpc or (None if args.socket else "127.0.0.1:0")
    front.configure(serve.address(grpc_at) if grpc_at else None, args.socket, args.tls_cert, args.tls_key)
    http = serve.listen(args.http) if args.http else None
    control = serve.listen(args.control)
    login_url = (args.login_url or "http://" + serve.shown(http or control)).rstrip("/")
    devices = Devices(world, login_url)
    server = await rpc.start(service, calls, front)
    await front.start()
    apps = [serve.serve_asgi(control_app(world, service, calls, devices, front), control)]
    if http:
        apps.append(serve.serve_asgi(gateway_app(world, service, calls), http))
    tasks = [asyncio.ensure_future(a) for a in apps]
    first = next(iter(world.apikeys.values()))
    serve.ready(grpc=serve.shown(front.address) if front.address else None, socket=args.socket,
                http="http://" + serve.shown(http) if http else None, control="http://" + serve.shown(control),
                api_key=first.full, generation=args.generation, tls=bool(args.tls_cert), login_url=login_url)
    await asyncio.wait([asyncio.ensure_future(stop.wait()), *tasks], return_when=asyncio.FIRST_COMPLETED)
    await front.stop()
    await server.stop(0)
    for t in tasks:
        t.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await asyncio.gather(*tasks)
    for t in tasks:
        if t.done() and not t.cancelled() and t.exception():
            raise t.exception()


def main(args):
    asyncio.run(run(args))
    return 0
