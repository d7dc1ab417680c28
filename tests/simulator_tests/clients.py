"""Clients of a simulated Headscale for tests: the same calls over gRPC and over its HTTP APIs."""
import json
import urllib.parse

import grpc
import httpx
from google.protobuf import json_format

from simulator.bands import GENERATIONS
from simulator.wire import SERVICE, Wire


# one for all plain HTTP: each httpx.Client of its own would read the system's certificates anew, which takes longer than
# most tests. No connection is kept: the servers here come and go.
WEB = httpx.Client(verify=False, trust_env=False, timeout=15, limits=httpx.Limits(max_keepalive_connections=0))


class Failure(Exception):
    """code: of gRPC, or what stands in a gateway's body, or the HTTP status"""

    def __init__(self, code, text):
        super().__init__(code, text)
        self.code, self.text = code, text


class Client:
    def __init__(self, facts, generation, key=None):
        self.facts, self.generation, self.band = facts, generation, GENERATIONS[generation]
        self.wire = Wire(self.band)
        self.key = key or facts["api_key"]

    def refused(self, method, timeout=5, **fields):
        """(code, text) of a call that must fail"""
        try:
            answer = self(method, timeout, **fields)
        except Failure as e:
            return e.code, e.text
        raise AssertionError("%s was not refused: %s" % (method, answer))


class GrpcClient(Client):
    def __init__(self, facts, generation, key=None, target=None, credentials=None):
        super().__init__(facts, generation, key)
        # A connection of its own: grpcio lends that of another channel to the same address, and a reset of the simulator has just
        # cut it.
        options = (("grpc.enable_retries", 0), ("grpc.max_receive_message_length", -1), ("grpc.use_local_subchannel_pool", 1))
        target = target or facts["grpc"]
        self.channel = (grpc.secure_channel(target, credentials, options) if credentials else
                        grpc.insecure_channel(target, options))

    def __call__(self, method, timeout=5, **fields):
        call = self.channel.unary_unary("/%s/%s" % (SERVICE, method),
                                        request_serializer=self.wire[method + "Request"].SerializeToString,
                                        response_deserializer=self.wire[method + "Response"].FromString)
        try:
            return call(self.wire[method + "Request"](**fields), timeout=timeout,
                        metadata=[("authorization", "Bearer " + self.key)])
        except grpc.RpcError as e:
            raise Failure(e.code().value[0], e.details()) from None

    def close(self):
        self.channel.close()


class HttpClient(Client):
    """to the HTTP port; socket: path of the unix socket instead"""

    def __init__(self, facts, generation, key=None, socket=None):
        super().__init__(facts, generation, key)
        transport = httpx.HTTPTransport(uds=socket, verify=False) if socket else None
        self.http = httpx.Client(base_url="http://socket" if socket else facts["http"], transport=transport, verify=False,
                                 trust_env=False, headers={} if socket else {"authorization": "Bearer " + self.key})

    def __call__(self, method, timeout=5, **fields):
        verb, path, source = self.wire.methods[method]
        request = json_format.MessageToDict(self.wire[method + "Request"](**fields), preserving_proto_field_name=True)
        for name in list(request):
            if "{%s}" % name in path:
                path = path.replace("{%s}" % name, urllib.parse.quote(str(request.pop(name)), safe=""))
        for name in [f.name for f in self.wire[method + "Request"].DESCRIPTOR.fields if "{%s}" % f.name in path]:
            path = path.replace("{%s}" % name, "0")
        camel = {self.wire[method + "Request"].DESCRIPTOR.fields_by_name[n].json_name: v for n, v in request.items()}
        query, body = (camel, {}) if source == "query" else ({}, camel)
        try:
            answer = self.http.request(verb, path, timeout=timeout, params={k: _text(v) for k, v in query.items()},
                                       json=body if verb in ("POST", "PUT") else None)
        except httpx.TimeoutException as e:
            raise Failure(4, str(e)) from None
        except httpx.TransportError as e:
            raise Failure(14, str(e)) from None
        if answer.status_code == 200:
            try:
                return json_format.ParseDict(answer.json(), self.wire[method + "Response"]())
            except ValueError as e:
                raise Failure(13, str(e)) from None
        try:
            told = answer.json()
        except ValueError:
            raise Failure(answer.status_code, answer.text) from None
        if "code" in told:
            raise Failure(told["code"], told["message"])
        raise Failure(told["status"], ": ".join([told["detail"], *(e["message"] for e in told.get("errors", []))]))

    def close(self):
        self.http.close()


def _text(value):
    return value if isinstance(value, str) else json.dumps(value)


def client_of(facts, generation):
    """over gRPC where there is gRPC"""
    return (GrpcClient if generation != "0.30" else HttpClient)(facts, generation)
