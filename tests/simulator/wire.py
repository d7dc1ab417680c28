"""Messages of the Headscale gRPC API, built at run time from one table.

A field is `number name type`, `rep` before the type for lists and `@` for the bands of server versions that have it:
`@B` one band, `@B-D` a range, `@C+` from there on, nothing = all (see bands.py). Where a number changes its type between
bands it has one line for each. 0.30 has no gRPC; its JSON has the fields of 0.29, so it has the messages too.
"""
from google.protobuf import descriptor_pb2, descriptor_pool, message_factory, timestamp_pb2

from .bands import by_band, in_band

PACKAGE = "headscale.v1"
SERVICE = "headscale.v1.HeadscaleService"

REGISTER_METHODS = ("REGISTER_METHOD_UNSPECIFIED", "REGISTER_METHOD_AUTH_KEY", "REGISTER_METHOD_CLI",
                    "REGISTER_METHOD_OIDC")

MESSAGES = {
    "User": "1 id string @B; 1 id uint64 @C+; 2 name string; 3 created_at time; 4 display_name string @C+;"
            " 5 email string @C+; 6 provider_id string @C+; 7 provider string @C+; 8 profile_pic_url string @C+",
    "GetUserRequest": "1 name string",
    "GetUserResponse": "1 user User",
    "CreateUserRequest": "1 name string; 2 display_name string @C+; 3 email string @C+; 4 picture_url string @C+",
    "CreateUserResponse": "1 user User",
    "RenameUserRequest": "1 old_name string @B; 1 old_id uint64 @C+; 2 new_name string",
    "RenameUserResponse": "1 user User",
    "DeleteUserRequest": "1 name string @B; 1 id uint64 @C+",
    "DeleteUserResponse": "",
    "ListUsersRequest": "1 id uint64 @C+; 2 name string @C+; 3 email string @C+",
    "ListUsersResponse": "1 users rep User",
    "PreAuthKey": "1 user string @B-D; 1 user User @E+; 2 id string @B-D; 2 id uint64 @E+; 3 key string;"
                  " 4 reusable bool; 5 ephemeral bool; 6 used bool; 7 expiration time; 8 created_at time;"
                  " 9 acl_tags rep string",
    "CreatePreAuthKeyRequest": "1 user string @B-D; 1 user uint64 @E+; 2 reusable bool; 3 ephemeral bool;"
                               " 4 expiration time; 5 acl_tags rep string",
    "CreatePreAuthKeyResponse": "1 pre_auth_key PreAuthKey",
    "ExpirePreAuthKeyRequest": "1 user string @B-D; 1 user uint64 @E-F; 2 key string @B-F; 1 id uint64 @G+",
    "ExpirePreAuthKeyResponse": "",
    "DeletePreAuthKeyRequest": "1 id uint64",
    "DeletePreAuthKeyResponse": "",
    "ListPreAuthKeysRequest": "1 user string @B-D; 1 user uint64 @E-F",
    "ListPreAuthKeysResponse": "1 pre_auth_keys rep PreAuthKey",
    "Node": "1 id uint64; 2 machine_key string; 3 node_key string; 4 disco_key string; 5 ip_addresses rep string;"
            " 6 name string; 7 user User; 8 last_seen time; 10 expiry time; 11 pre_auth_key PreAuthKey;"
            " 12 created_at time; 13 register_method RegisterMethod; 18 forced_tags rep string @B-F;"
            " 19 invalid_tags rep string @B-F; 20 valid_tags rep string @B-F; 21 given_name string; 22 online bool;"
            " 23 approved_routes rep string @E+; 24 available_routes rep string @E+; 25 subnet_routes rep string @E+;"
            " 26 tags rep string @G+",
    "RegisterNodeRequest": "1 user string; 2 key string",
    "RegisterNodeResponse": "1 node Node",
    "GetNodeRequest": "1 node_id uint64",
    "GetNodeResponse": "1 node Node",
    "SetTagsRequest": "1 node_id uint64; 2 tags rep string",
    "SetTagsResponse": "1 node Node",
    "SetApprovedRoutesRequest": "1 node_id uint64; 2 routes rep string",
    "SetApprovedRoutesResponse": "1 node Node",
    "DeleteNodeRequest": "1 node_id uint64",
    "DeleteNodeResponse": "",
    "ExpireNodeRequest": "1 node_id uint64; 2 expiry time @F1+; 3 disable_expiry bool @H+",
    "ExpireNodeResponse": "1 node Node",
    "RenameNodeRequest": "1 node_id uint64; 2 new_name string",
    "RenameNodeResponse": "1 node Node",
    "ListNodesRequest": "1 user string",
    "ListNodesResponse": "1 nodes rep Node",
    "MoveNodeRequest": "1 node_id uint64; 2 user string @B-D; 2 user uint64 @E-F",
    "MoveNodeResponse": "1 node Node",
    "DebugCreateNodeRequest": "1 user string; 2 key string; 3 name string; 4 routes rep string",
    "DebugCreateNodeResponse": "1 node Node",
    "BackfillNodeIPsRequest": "1 confirmed bool",
    "BackfillNodeIPsResponse": "1 changes rep string",
    "Route": "1 id uint64; 2 node Node; 3 prefix string; 4 advertised bool; 5 enabled bool; 6 is_primary bool;"
             " 7 created_at time; 8 updated_at time; 9 deleted_at time",
    "GetRoutesRequest": "",
    "GetRoutesResponse": "1 routes rep Route",
    "EnableRouteRequest": "1 route_id uint64",
    "EnableRouteResponse": "",
    "DisableRouteRequest": "1 route_id uint64",
    "DisableRouteResponse": "",
    "DeleteRouteRequest": "1 route_id uint64",
    "DeleteRouteResponse": "",
    "GetNodeRoutesRequest": "1 node_id uint64",
    "GetNodeRoutesResponse": "1 routes rep Route",
    "ApiKey": "1 id uint64; 2 prefix string; 3 expiration time; 4 created_at time; 5 last_seen time",
    "CreateApiKeyRequest": "1 expiration time",
    "CreateApiKeyResponse": "1 api_key string",
    "ExpireApiKeyRequest": "1 prefix string; 2 id uint64 @G+",
    "ExpireApiKeyResponse": "",
    "ListApiKeysRequest": "",
    "ListApiKeysResponse": "1 api_keys rep ApiKey",
    "DeleteApiKeyRequest": "1 prefix string; 2 id uint64 @G+",
    "DeleteApiKeyResponse": "",
    "SetPolicyRequest": "1 policy string",
    "SetPolicyResponse": "1 policy string; 2 updated_at time",
    "GetPolicyRequest": "",
    "GetPolicyResponse": "1 policy string; 2 updated_at time",
    "CheckPolicyRequest": "1 policy string",
    "CheckPolicyResponse": "",
    "HealthRequest": "",
    "HealthResponse": "1 database_connectivity bool",
    "AuthRegisterRequest": "1 user string; 2 auth_id string",
    "AuthRegisterResponse": "1 node Node",
    "AuthApproveRequest": "1 auth_id string",
    "AuthApproveResponse": "",
    "AuthRejectRequest": "1 auth_id string",
    "AuthRejectResponse": "",
}

# method: (bands, HTTP method, path of the gateway, "body" or "query")
METHODS = {
    "GetUser": ("B", "GET", "/api/v1/user/{name}", "query"),
    "CreateUser": ("", "POST", "/api/v1/user", "body"),
    "RenameUser": ("", "POST", {"B": "/api/v1/user/{old_name}/rename/{new_name}",
                                "C+": "/api/v1/user/{old_id}/rename/{new_name}"}, "query"),
    "DeleteUser": ("", "DELETE", {"B": "/api/v1/user/{name}", "C+": "/api/v1/user/{id}"}, "query"),
    "ListUsers": ("", "GET", "/api/v1/user", "query"),
    "CreatePreAuthKey": ("", "POST", "/api/v1/preauthkey", "body"),
    "ExpirePreAuthKey": ("", "POST", "/api/v1/preauthkey/expire", "body"),
    "DeletePreAuthKey": ("G+", "DELETE", "/api/v1/preauthkey", "query"),
    "ListPreAuthKeys": ("", "GET", "/api/v1/preauthkey", "query"),
    "DebugCreateNode": ("", "POST", "/api/v1/debug/node", "body"),
    "GetNode": ("", "GET", "/api/v1/node/{node_id}", "query"),
    "SetTags": ("", "POST", "/api/v1/node/{node_id}/tags", "body"),
    "SetApprovedRoutes": ("E+", "POST", "/api/v1/node/{node_id}/approve_routes", "body"),
    "RegisterNode": ("", "POST", "/api/v1/node/register", "query"),
    "DeleteNode": ("", "DELETE", "/api/v1/node/{node_id}", "query"),
    "ExpireNode": ("", "POST", "/api/v1/node/{node_id}/expire", {"B-H": "query", "I": "body"}),
    "RenameNode": ("", "POST", "/api/v1/node/{node_id}/rename/{new_name}", "query"),
    "ListNodes": ("", "GET", "/api/v1/node", "query"),
    "MoveNode": ("B-F", "POST", "/api/v1/node/{node_id}/user", {"B": "query", "C+": "body"}),
    "BackfillNodeIPs": ("", "POST", "/api/v1/node/backfillips", "query"),
    "GetRoutes": ("B-D", "GET", "/api/v1/routes", "query"),
    "EnableRoute": ("B-D", "POST", "/api/v1/routes/{route_id}/enable", "query"),
    "DisableRoute": ("B-D", "POST", "/api/v1/routes/{route_id}/disable", "query"),
    "GetNodeRoutes": ("B-D", "GET", "/api/v1/node/{node_id}/routes", "query"),
    "DeleteRoute": ("B-D", "DELETE", "/api/v1/routes/{route_id}", "query"),
    "CreateApiKey": ("", "POST", "/api/v1/apikey", "body"),
    "ExpireApiKey": ("", "POST", "/api/v1/apikey/expire", "body"),
    "ListApiKeys": ("", "GET", "/api/v1/apikey", "query"),
    "DeleteApiKey": ("", "DELETE", "/api/v1/apikey/{prefix}", "query"),
    "GetPolicy": ("", "GET", "/api/v1/policy", "query"),
    "SetPolicy": ("", "PUT", "/api/v1/policy", "body"),
    "CheckPolicy": ("H+", "POST", "/api/v1/policy/check", "body"),
    "Health": ("F+", "GET", "/api/v1/health", "query"),
    "AuthRegister": ("H+", "POST", "/api/v1/auth/register", "body"),
    "AuthApprove": ("H+", "POST", "/api/v1/auth/approve", "body"),
    "AuthReject": ("H+", "POST", "/api/v1/auth/reject", "body"),
}

_F = descriptor_pb2.FieldDescriptorProto
_SCALARS = {"string": _F.TYPE_STRING, "uint64": _F.TYPE_UINT64, "bool": _F.TYPE_BOOL}


def _add_field(message, text):
    text, _, bands = text.partition("@")
    number, name, *kind = text.split()
    field = message.field.add(name=name, number=int(number), json_name=_camel(name))
    field.label = _F.LABEL_REPEATED if kind[0] == "rep" else _F.LABEL_OPTIONAL
    kind = kind[-1]
    if kind in _SCALARS:
        field.type = _SCALARS[kind]
    elif kind == "RegisterMethod":
        field.type, field.type_name = _F.TYPE_ENUM, "." + PACKAGE + ".RegisterMethod"
    elif kind == "time":
        field.type, field.type_name = _F.TYPE_MESSAGE, ".google.protobuf.Timestamp"
    else:
        field.type, field.type_name = _F.TYPE_MESSAGE, "." + PACKAGE + "." + kind


def _camel(name):
    first, *rest = name.split("_")
    return first + "".join(w.capitalize() for w in rest)


class Wire:
    """The message classes and the method list of one band: wire.User, wire["User"], wire.methods, wire.find()."""

    def __init__(self, band):
        self.band = band
        self.methods = {m: (verb, by_band(path, band), by_band(source, band))
                        for m, (bands, verb, path, source) in METHODS.items() if in_band(bands, band)}
        f = descriptor_pb2.FileDescriptorProto(name="headscale-%s.proto" % band, package=PACKAGE, syntax="proto3",
                                               dependency=[timestamp_pb2.DESCRIPTOR.name])
        e = f.enum_type.add(name="RegisterMethod")
        for number, name in enumerate(REGISTER_METHODS):
            e.value.add(name=name, number=number)
        for name, fields in MESSAGES.items():
            m = f.message_type.add(name=name)
            for text in filter(None, (x.strip() for x in fields.split(";"))):
                if in_band(text.partition("@")[2].strip(), band):
                    _add_field(m, text)
        pool = descriptor_pool.DescriptorPool()
        pool.AddSerializedFile(timestamp_pb2.DESCRIPTOR.serialized_pb)
        pool.AddSerializedFile(f.SerializeToString())
        self._classes = {name: message_factory.GetMessageClass(pool.FindMessageTypeByName(PACKAGE + "." + name))
                         for name in MESSAGES}

        # literal segments before parameters: /node/register is no node id
        self._paths = sorted(((m, verb, path.split("/")[1:]) for m, (verb, path, _) in self.methods.items()),
                             key=lambda r: [x.startswith("{") for x in r[2]])

    def find(self, verb, segments, fits):
        """(method, {parameter: raw segment}, verbs that this path has); method None when the path lacks the verb

        fits(parameter segment) says whether a segment of the path may be a parameter at all."""
        verbs = []
        for method, want, pattern in self._paths:
            if len(pattern) != len(segments) or not all(
                    fits(s) if p.startswith("{") else p == s for p, s in zip(pattern, segments)):
                continue
            if want == verb:
                return method, {p[1:-1]: s for p, s in zip(pattern, segments) if p.startswith("{")}, [verb]
            verbs.append(want)
        return None, {}, verbs

    def __getitem__(self, name):
        return self._classes[name]

    def __getattr__(self, name):
        try:
            return self.__dict__["_classes"][name]
        except KeyError:
            raise AttributeError(name) from None
