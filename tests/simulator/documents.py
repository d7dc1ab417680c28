"""The descriptions that servers give of themselves: swagger (0.23-0.29) and OpenAPI 3.1 (0.30), made from the table of
calls and messages, with the paths and parameters that the generation has."""
import json

from google.protobuf.descriptor import FieldDescriptor

from .wire import REGISTER_METHODS, _camel


def _schema(field):
    kinds = {FieldDescriptor.TYPE_UINT64: {"type": "string", "format": "uint64"},
             FieldDescriptor.TYPE_BOOL: {"type": "boolean"}, FieldDescriptor.TYPE_STRING: {"type": "string"}}
    if field.type == FieldDescriptor.TYPE_MESSAGE:
        if field.message_type.full_name == "google.protobuf.Timestamp":
            return {"type": "string", "format": "date-time"}
        return {"message": field.message_type.name}
    if field.type == FieldDescriptor.TYPE_ENUM:
        return {"type": "string", "enum": list(REGISTER_METHODS)}
    return dict(kinds[field.type])


def _operations(wire):
    """(method, verb, path in camelCase, fields of the path, query fields, body fields)"""
    for method, (verb, path, source) in wire.methods.items():
        fields = wire[method + "Request"].DESCRIPTOR.fields
        in_path = [f for f in fields if "{%s}" % f.name in path]
        for f in in_path:
            path = path.replace("{%s}" % f.name, "{%s}" % _camel(f.name))
        rest = [f for f in fields if f not in in_path]
        yield method, verb.lower(), path, in_path, rest if source == "query" else [], rest if source == "body" else None


def _properties(fields, reference):
    out = {}
    for f in fields:
        one = _schema(f)
        if "message" in one:
            one = {"$ref": reference + one["message"]}
        out[f.json_name] = {"type": "array", "items": one} if f.is_repeated else one
    return out


def swagger(wire):
    reference = "#/definitions/v1"
    paths = {}
    wanted = {"Node", "User", "PreAuthKey", "ApiKey"} | ({"Route"} if "GetRoutes" in wire.methods else set())
    for method, verb, path, in_path, query, body in _operations(wire):
        parameters = [{"name": _camel(f.name), "in": "path", "required": True, **_schema(f)} for f in in_path]
        parameters += [{"name": f.json_name, "in": "query", "required": False, **_schema(f)} for f in query]
        if body is not None:
            wanted.add(method + "Request")
            parameters.append({"name": "body", "in": "body", "required": True,
                               "schema": {"$ref": reference + method + "Request"}})
        wanted.add(method + "Response")
        paths.setdefault(path, {})[verb] = {
            "operationId": "HeadscaleService_" + method,
            "responses": {"200": {"description": "A successful response.",
                                  "schema": {"$ref": reference + method + "Response"}}},
            **({"parameters": parameters} if parameters else {}), "tags": ["HeadscaleService"]}
    return {"swagger": "2.0", "info": {"title": "headscale/v1/headscale.proto", "version": "version not set"},
            "tags": [{"name": "HeadscaleService"}], "consumes": ["application/json"], "produces": ["application/json"],
            "paths": paths,
            "definitions": {"v1" + name: {"type": "object",
                                          "properties": _properties(wire[name].DESCRIPTOR.fields, reference)}
                            for name in sorted(wanted)}}


def openapi(wire):
    reference = "#/components/schemas/"
    paths, wanted = {}, {"Node", "User", "PreAuthKey", "ApiKey"}
    for method, verb, path, in_path, query, body in _operations(wire):
        one = {"operationId": method[0].lower() + method[1:], "responses": {
            "200": {"description": "OK",
                    "content": {"application/json": {"schema": {"$ref": reference + method + "Response"}}}}},
            "security": [{"bearer": []}]}
        wanted.add(method + "Response")
        parameters = [{"in": "path", "name": f.json_name, "required": True, "schema": _schema(f)} for f in in_path]
        parameters += [{"in": "query", "name": f.json_name, "schema": _schema(f)} for f in query]
        if parameters:
            one["parameters"] = parameters
        if body is not None:
            wanted.add(method + "Request")
            one["requestBody"] = {"content": {"application/json": {"schema": {"$ref": reference + method + "Request"}}}}
        paths.setdefault(path, {})[verb] = one
    return {"components": {"schemas": {
        name: {"type": "object", "additionalProperties": False,
               "properties": _properties(wire[name].DESCRIPTOR.fields, reference)} for name in sorted(wanted)},
        "securitySchemes": {"bearer": {"scheme": "bearer", "type": "http"}}},
        "info": {"title": "Headscale API", "version": "v1"}, "openapi": "3.1.0", "paths": paths}


def yaml(value, indent=0):
    """block style, every text quoted as in JSON"""
    pad = "  " * indent
    if isinstance(value, dict) and value:
        return "".join("%s%s:%s" % (pad, json.dumps(k), _nested(v, indent)) for k, v in value.items())
    return "".join("%s-%s" % (pad, _nested(v, indent)) for v in value)


def _nested(value, indent):
    if isinstance(value, (dict, list)) and value:
        return "\n" + yaml(value, indent + 1)
    return " " + json.dumps(value) + "\n"
