"""How 0.30 words a refusal: an HTTP status, what it was doing (detail) and why that failed (errors)."""
import http
import json

from .http1 import Answer

# what a call was doing when it failed
DOING = {
    "ListUsers": "listing users", "RenameUser": "renaming user", "DeleteUser": "deleting user",
    "CreatePreAuthKey": "creating pre-auth key", "ExpirePreAuthKey": "expiring pre-auth key",
    "DeletePreAuthKey": "deleting pre-auth key", "ListNodes": "listing nodes", "DebugCreateNode": "debug creating node",
    "RegisterNode": "registering node", "AuthRegister": "registering node", "SetTags": "setting tags",
    "SetApprovedRoutes": "setting approved routes", "ExpireNode": "expiring node", "RenameNode": "renaming node",
    "BackfillNodeIPs": "backfilling node IPs", "ExpireApiKey": "getting api key", "DeleteApiKey": "getting api key",
    "GetPolicy": "loading ACL from database", "SetPolicy": "setting policy",
}
# the words of our own refusals that begin with what the server was doing
SAID = ("looking up user", "renaming node", "parsing route", "setting policy", "invalid auth_id",
        "loading ACL from database")
# refusals without a cause
BARE = ("node not found", "user already exists", "no pending auth session", "provide either", "must provide",
        "cannot set both", "cannot remove all tags")
MISSING = ("user not found", "not found in registration cache", "no longer exists", "record not found", "node not found",
           "no pending auth session")
ID_NAMES = {("ListUsers", "id"): "invalid id", ("ExpirePreAuthKey", "id"): "invalid pre-auth key id",
            ("DeletePreAuthKey", "id"): "invalid pre-auth key id", ("ExpireApiKey", "id"): "invalid api key id",
            ("DeleteApiKey", "id"): "invalid api key id"}


def problem(status, detail, errors=()):
    body = {"title": http.HTTPStatus(status).phrase, "status": status, "detail": detail}
    if errors:
        body["errors"] = list(errors)
    text = json.dumps(body, ensure_ascii=False, separators=(",", ":")) + "\n"
    return Answer(status, text.encode(), "application/problem+json")


def of_refusal(method, refused):
    """the Answer for what a call refused in the words of gRPC"""
    text = refused.text
    if refused.code in (14, 16):
        # ordered by a test
        return problem(503 if refused.code == 14 else 401, "Unauthorized" if refused.code == 16 else text)
    if method == "CreateUser":
        return problem(409, "user already exists")
    if method == "CheckPolicy":
        return problem(400, text, [{"message": text}])
    status = 404 if any(m in text for m in MISSING) else 400
    if method == "GetPolicy" or method == "RenameUser" and status == 400 or "expected exactly one user" in text:
        status = 500
    if text.startswith(BARE) and not (method == "RegisterNode" or method == "AuthRegister"):
        return problem(status, text)
    detail = next((s for s in SAID if text.startswith(s + ": ")), None)
    cause = text if detail is None else text[len(detail) + 2:]
    if method == "CreatePreAuthKey" and refused.code == 3:
        detail = "invalid tag"
    elif method == "DebugCreateNode" and "user" in text:
        detail = "looking up user"
    elif method == "DebugCreateNode" and "ParsePrefix" in text:
        detail = "parsing routes"
    return problem(status, detail or DOING.get(method, method), [{"message": cause}])
