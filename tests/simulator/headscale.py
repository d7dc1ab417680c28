"""`python -m simulator headscale`: one server process with its gRPC, HTTP and control listeners."""
import asyncio
import contextlib

from . import rpc, serve, worlds
from .bands import GENERATIONS
from .calls import Calls
from .control import control_app
from .devices import Devices
from .front import Front
from .lifecycle import Life
from .proxy import Proxy
from .service import Service
from .web import Web


def arguments(parser):
    parser.add_argument("--generation", choices=sorted(GENERATIONS), required=True)
    parser.add_argument("--grpc", metavar="HOST:PORT",
                        help="gRPC over TCP (in 0.30 nobody listens there); default 127.0.0.1:0 when no socket is given")
    parser.add_argument("--tls-cert", metavar="FILE", help="TLS on gRPC, HTTP and the one port")
    parser.add_argument("--tls-key", metavar="FILE")
    parser.add_argument("--socket", metavar="PATH", help="the unix socket, without keys: gRPC, in 0.30 HTTP")
    parser.add_argument("--http", metavar="HOST:PORT", help="the HTTP listener with /api/v1 and /register")
    parser.add_argument("--one-port", metavar="HOST:PORT", help="a proxy in front: gRPC and HTTP on one port")
    parser.add_argument("--control", metavar="HOST:PORT", default="127.0.0.1:0", help="the interface for tests")
    parser.add_argument("--api-key", action="append", default=[], metavar="KEY")
    parser.add_argument("--world", default="basic", help="empty, basic, demo or load:N")
    parser.add_argument("--login-url", metavar="URL", help="what registration links start with")
    parser.add_argument("--latency", type=float, default=0, metavar="S", help="of a change to a node (since 0.27)")


def at(text):
    return serve.address(text) if text else None


async def run(args):
    stop = serve.stop_signal()
    world = worlds.make(args.world, GENERATIONS[args.generation], args.api_key)
    service = Service(world)
    calls = Calls(service, args.latency)
    front = Front(service)
    grpc_at = args.grpc or (None if args.socket else "127.0.0.1:0")
    front.configure(at(grpc_at), args.socket, at(args.http), at(args.one_port), args.tls_cert, args.tls_key)
    front.web = Web(service, calls)
    front.proxy = Proxy(service, calls, front.web, lambda: front.open)
    server = await rpc.start(service, calls, front)
    await front.start()
    control = serve.listen(args.control)
    scheme = "https://" if args.tls_cert else "http://"
    http, one_port = (scheme + serve.shown(a) if a else None for a in (front.http, front.one_port))
    login_url = (args.login_url or one_port or http or "http://" + serve.shown(control)).rstrip("/")
    devices = Devices(world, login_url)
    life = Life(service, calls, devices, front)
    calls.on_crash = life.crash
    serving = asyncio.ensure_future(serve.serve_asgi(control_app(world, service, calls, devices, front, life), control))
    first = next(iter(world.apikeys.values()))
    serve.ready(grpc=serve.shown(front.grpc) if front.grpc else None, socket=args.socket, http=http, one_port=one_port,
                control="http://" + serve.shown(control), api_key=first.full, generation=args.generation,
                tls=bool(args.tls_cert), login_url=login_url)
    await asyncio.wait([asyncio.ensure_future(stop.wait()), serving], return_when=asyncio.FIRST_COMPLETED)
    await front.close()
    await server.stop(0)
    serving.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await serving


def main(args):
    asyncio.run(run(args))
    return 0
