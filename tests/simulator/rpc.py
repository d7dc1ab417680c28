"""The gRPC side: grpcio with raw bytes in and out, so that we decide what an undecodable request is answered."""
import asyncio

import grpc
import grpc.aio
from google.protobuf.message import DecodeError

from .calls import HTML, for_ever
from .names import Refused
from .service import MAX_REQUEST
from .wire import SERVICE

CODES = {code.value[0]: code for code in grpc.StatusCode}


class GrpcHooks:
    """what a fault can do to the connection of one call"""

    def __init__(self, connection, stream):
        self.connection, self.stream = connection, stream

    async def hang(self, fault):
        await for_ever()

    hang_after = hang

    async def drop(self, fault):
        if self.connection:
            self.connection.close()
        await for_ever()

    drop_after = drop

    async def html(self, fault):
        if self.connection:
            self.connection.answer_html(self.stream, fault.status, HTML)
        await for_ever()

    async def goaway(self, fault):
        """this call was not begun: the client may try again elsewhere"""
        if self.connection:
            self.connection.goaway(max(self.stream - 2, 0))
            asyncio.get_running_loop().call_later(0.1, self.connection.close)
        await for_ever()

    async def goaway_after(self, fault):
        """this call is answered, but it was the last one on its connection"""
        if self.connection:
            self.connection.goaway(self.stream)
            asyncio.get_running_loop().call_later(0.5, self.connection.close)


async def perform(service, calls, path, authorization, payload, trusted, via, hooks):
    """one call: the message of the answer, or Refused. trusted: came by the socket, which asks for no key"""
    prefix, _, method = path.removeprefix("/").rpartition("/")

    def read():
        if prefix != SERVICE:
            raise Refused(12, "unknown service " + prefix)
        if method not in service.wire.methods:
            raise Refused(12, "unknown method %s for service %s" % (method, prefix))
        if len(payload) > MAX_REQUEST:
            raise Refused(8, "grpc: received message larger than max (%d vs. %d)" % (len(payload), MAX_REQUEST))
        try:
            return service.wire[method + "Request"].FromString(payload)
        except DecodeError as e:
            why = ("string field contains invalid UTF-8" if "utf-8" in str(e).lower() else
                   "proto:\xa0cannot parse invalid wire-format data")
            raise Refused(13, "grpc: error unmarshalling request: " + why) from None

    try:
        request, refusal = read(), None
    except Refused as e:
        refusal = e

    def act():
        if refusal:
            raise refusal
        if not trusted:
            service.check_key(authorization)
        return service.answer(method, request)
    return await calls.run(method, act, via, hooks, begun=not refusal)


class Handler(grpc.GenericRpcHandler):
    def __init__(self, service, calls, front):
        self.api, self.calls, self.front = service, calls, front

    def service(self, details):
        path, metadata = details.method, details.invocation_metadata

        async def answer(payload, context):
            return await self._answer(path, metadata, payload, context)
        return grpc.unary_unary_rpc_method_handler(answer)

    async def _answer(self, path, metadata, payload, context):
        values = {}
        for name, value in metadata or ():
            values.setdefault(name, value)
        connection = self.front.of_peer(context.peer())
        kind = connection.kind if connection else "tcp"
        hooks = GrpcHooks(connection, int(values.get("x-sim-stream", 0)))
        try:
            return await perform(self.api, self.calls, path, values.get("authorization"), payload, kind == "socket", kind,
                                 hooks)
        except Refused as e:
            await context.abort(CODES[e.code], e.text)


async def start(service, calls, front):
    """the gRPC server on a private loopback port, which the front is told"""
    server = grpc.aio.server(handlers=(Handler(service, calls, front),), options=(
        ("grpc.max_receive_message_length", -1), ("grpc.max_send_message_length", -1), ("grpc.so_reuseport", 0)))
    front.port = server.add_insecure_port("127.0.0.1:0")
    await server.start()
    return server
