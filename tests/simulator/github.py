"""`python -m simulator github`: GitHub's web sign-in as an OAuth client sees it, with accounts to choose from."""
import asyncio
import base64
import hashlib
import html
import json
import secrets
import time
import urllib.parse

from . import serve

ACCOUNTS = [
    {"login": "mia", "id": 19270622, "name": "Mia Sink"},
    {"login": "jim", "id": 2147483649, "name": "Jim Østergård"},
    {"login": "zoe", "id": 77001234, "name": "Zoe Stranger"},
]
CODE_LIFE = 600
MODES = ("none", "500", "error", "html", "empty", "slow", "hang", "oversize", "dup_keys", "deep", "redirect", "down", "custom")
HTML = "text/html; charset=utf-8"
JSON = "application/json; charset=utf-8"

PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>%(title)s</title><style>
body { font: 16px/1.5 system-ui, sans-serif; max-width: 26rem; margin: 3rem auto; padding: 0 1rem; color: #1f2328; background: #fff }
button { font: inherit; display: block; width: 100%%; margin: .5rem 0; padding: .75rem; text-align: left; color: inherit;
  background: #f6f8fa; border: 1px solid #6e7781; border-radius: 6px; cursor: pointer }
button:focus-visible { outline: 3px solid #0969da; outline-offset: 2px } p.note { color: #57606a }
</style></head><body><main><h1>%(title)s</h1>%(body)s
<p class="note">This is a simulated GitHub. Nothing here is real.</p></main></body></html>
"""


def arguments(parser):
    parser.add_argument("--listen", metavar="HOST:PORT", default="127.0.0.1:0")
    parser.add_argument("--client-id", required=True)
    parser.add_argument("--client-secret", required=True)
    parser.add_argument("--callback", metavar="URL", help="the registered callback; redirect_uri must be it or below it")
    parser.add_argument("--accounts", metavar="JSON", help='[{"login": …, "id": …, "name": …}, …]')
    parser.add_argument("--auto", metavar="ACCOUNT", help="choose this account without asking")


def page(title, body):
    return PAGE % {"title": html.escape(title), "body": body}


def below(callback, uri):
    """whether uri is the registered callback or under its path; a loopback callback may use any port"""
    want, got = urllib.parse.urlsplit(callback), urllib.parse.urlsplit(uri)
    same_port = want.port == got.port or want.hostname in ("127.0.0.1", "::1")
    path = want.path.rstrip("/")
    return (want.scheme, want.hostname) == (got.scheme, got.hostname) and same_port and not got.fragment \
        and (got.path == want.path or got.path.startswith(path + "/")) and "/../" not in got.path + "/"


class GitHub:
    def __init__(self, args):
        self.client_id, self.client_secret, self.callback = args.client_id, args.client_secret, args.callback
        accounts = json.loads(args.accounts) if args.accounts else ACCOUNTS
        self.accounts = {a["login"]: dict(a) for a in accounts}
        self.auto = args.auto
        self.codes, self.tokens, self.counts, self.last = {}, {}, {}, {}
        self.faults = {}
        self.reset()

    def reset(self):
        self.counts = {"authorize": 0, "token": 0, "user": 0, "revoke": 0}
        self.last = {}

    # ---- the person's side

    def authorize_fault(self, q):
        """why the request is refused without going back to the application, None if it is good"""
        if q.get("client_id") != self.client_id:
            return 404, page("Page not found", "<p>No application has this client_id.</p>")
        uri = q.get("redirect_uri") or self.callback
        if not uri or (self.callback and not below(self.callback, uri)):
            return 400, page("Be careful!", "<p>The <code>redirect_uri</code> is not associated with this application.</p>")
        if "code_challenge" in q and (q.get("code_challenge_method") != "S256" or len(q["code_challenge"]) != 43):
            return 400, page("Bad request", "<p>Only an S256 <code>code_challenge</code> is accepted.</p>")
        return None

    def choices(self, q):
        hidden = "".join('<input type="hidden" name="%s" value="%s">' % (html.escape(k), html.escape(v))
                         for k, v in q.items() if k != "account")
        suggested = q.get("login")
        accounts = sorted(self.accounts.values(), key=lambda a: a["login"] != suggested)
        buttons = "".join('<button name="account" value="%s">Continue as <strong>%s</strong> – %s</button>'
                          % (html.escape(a["login"]), html.escape(a["login"]), html.escape(a.get("name") or ""))
                          for a in accounts)
        deny = '<button name="account" value="">Deny</button>'
        return page("Sign in to GitHub", '<p>Choose the account to continue with.</p><form method="post" '
                    'action="/login/oauth/authorize">%s%s%s</form>' % (hidden, buttons, deny))

    def decided(self, q, login):
        """where the browser is sent"""
        uri = q.get("redirect_uri") or self.callback
        back = {"state": q["state"]} if "state" in q else {}
        if login not in self.accounts:
            back = {"error": "access_denied", "error_description": "The user has denied your application access.",
                    "error_uri": "https://docs.github.com/apps/troubleshooting-authorization-request-errors", **back}
        else:
            code = secrets.token_hex(10)
            self.codes[code] = {"account": login, "uri": q.get("redirect_uri"), "challenge": q.get("code_challenge"),
                                "made": time.time()}
            back = {"code": code, **back}
        return uri + ("&" if "?" in uri else "?") + urllib.parse.urlencode(back)

    # ---- the application's side

    def token(self, form):
        """GitHub's answer to a code: always status 200, a refusal is an `error`"""
        def refuse(error, why):
            return {"error": error, "error_description": why,
                    "error_uri": "https://docs.github.com/apps/troubleshooting-oauth-app-access-token-request-errors"}
        id_ok = secrets.compare_digest(form.get("client_id", "").encode(), self.client_id.encode())
        secret_ok = secrets.compare_digest(form.get("client_secret", "").encode(), self.client_secret.encode())
        if not id_ok or not secret_ok:
            return refuse("incorrect_client_credentials", "The client_id and/or client_secret passed are incorrect.")
        code = self.codes.pop(form.get("code", ""), None)
        bad = refuse("bad_verification_code", "The code passed is incorrect or expired.")
        if code is None or time.time() - code["made"] > CODE_LIFE:
            return bad
        if code["uri"] is not None and form.get("redirect_uri", code["uri"]) != code["uri"]:
            return refuse("redirect_uri_mismatch",
                          "The redirect_uri MUST match the registered callback URL for this application.")
        if code["challenge"] is not None:
            digest = hashlib.sha256(form.get("code_verifier", "").encode()).digest()
            if base64.urlsafe_b64encode(digest).rstrip(b"=").decode() != code["challenge"]:
                return bad
        token = "ghu_" + secrets.token_urlsafe(27)
        self.tokens[token] = code["account"]
        return {"access_token": token, "token_type": "bearer", "scope": ""}

    def user(self, headers):
        """(status, body) of GET /user"""
        if not headers.get("user-agent"):
            return 403, {"message": "Request forbidden by administrative rules. Please make sure your request has a"
                                    " User-Agent header."}
        kind, _, token = headers.get("authorization", "").partition(" ")
        if kind.lower() not in ("bearer", "token") or token not in self.tokens:
            return 401, {"message": "Bad credentials", "documentation_url": "https://docs.github.com/rest", "status": "401"}
        a = self.accounts[self.tokens[token]]
        return 200, {"node_id": "U_" + base64.b64encode(str(a["id"]).encode()).decode(), "type": "User", "site_admin": False,
                     "avatar_url": "", "html_url": "https://github.com/" + a["login"], "name": None, "email": None, **a}

    def revoke(self, client_id, headers, body):
        """status of DELETE /applications/{client_id}/token"""
        want = "Basic " + base64.b64encode(("%s:%s" % (self.client_id, self.client_secret)).encode()).decode()
        if client_id != self.client_id or headers.get("authorization") != want:
            return 404
        try:
            token = json.loads(body)["access_token"]
        except (ValueError, KeyError, TypeError):
            return 422
        return 204 if self.tokens.pop(token, None) else 404

    # ---- faults

    def order(self, body):
        endpoint, mode = body.get("endpoint"), body.get("mode", "none")
        if endpoint not in ("token", "user", "revoke") or mode not in MODES:
            raise ValueError("endpoint is token, user or revoke; mode is one of " + ", ".join(MODES))
        self.faults.pop(endpoint, None)
        if mode != "none":
            self.faults[endpoint] = dict(body, left=body.get("count"))

    def take_fault(self, endpoint):
        f = self.faults.get(endpoint)
        if f and f["left"] is not None:
            f["left"] -= 1
            if f["left"] <= 0:
                del self.faults[endpoint]
        return f


def faulty(endpoint, f, good):
    """(status, headers, body) of the faults that are just an odd answer; good = the answer it would have been"""
    mode = f["mode"]
    as_text = json.dumps(good)
    refusal = {"error": f.get("body") or "bad_verification_code", "error_description": "simulated"}
    bodies = {
        "500": (500, JSON, '{"message": "Server Error"}'),
        "error": (200, JSON, json.dumps(refusal)) if endpoint == "token" else (401, JSON, '{"message": "Bad credentials"}'),
        "html": (200, HTML, page("Unicorn!", "<p>This page is taking too long to load.</p>")),
        "empty": (200, JSON, ""),
        "oversize": (200, JSON, as_text[:-1] + ', "padding": "' + "x" * 300 * 1024 + '"}'),
        "dup_keys": (200, JSON, as_text[:-1] + ", " + as_text[1:]),
        "deep": (200, JSON, as_text[:-1] + ', "deep": ' + "[" * 1000 + "]" * 1000 + "}"),
        "redirect": (302, HTML, ""),
        "custom": (f.get("status", 200), f.get("content_type", JSON), f.get("body", "")),
    }
    status, kind, body = bodies[mode]
    body = body if isinstance(body, str) else json.dumps(body)
    extra = {"location": f.get("location", "/login")} if mode == "redirect" else {}
    return status, {"content-type": kind, **extra}, body.encode()


def make_app(github):
    from starlette.applications import Starlette
    from starlette.responses import JSONResponse, RedirectResponse, Response, StreamingResponse
    from starlette.routing import Route

    async def answer(request, endpoint, status, good, kind=JSON):
        """the good answer, or what is ordered in its place"""
        f = github.take_fault(endpoint)
        text = good if isinstance(good, str) else json.dumps(good, ensure_ascii=False)
        if f is None:
            return Response(text, status, {"content-type": kind})
        if f["mode"] == "down":
            await serve.cut(request.scope)
        if f["mode"] == "hang":
            await asyncio.Event().wait()
        if f["mode"] == "slow":
            raw = text.encode()

            async def drip():
                for b in raw:
                    yield bytes((b,))
                    await asyncio.sleep(float(f.get("seconds", 20)) / len(raw))
            return StreamingResponse(drip(), status, {"content-type": kind})
        status, headers, body = faulty(endpoint, f, good)
        return Response(body, status, headers)

    def count(endpoint, request, **what):
        github.counts[endpoint] += 1
        github.last[endpoint] = {"headers": dict(request.headers), **what}

    async def authorize(request):
        if request.method == "POST":
            q = dict(urllib.parse.parse_qsl((await request.body()).decode(), keep_blank_values=True))
        else:
            q = dict(request.query_params)
            count("authorize", request, query=q)
        fault = github.authorize_fault(q)
        if fault:
            return Response(fault[1], fault[0], {"content-type": HTML})
        if request.method == "POST":
            return RedirectResponse(github.decided(q, q.get("account", "")), 302)
        if github.auto and q.get("prompt") != "select_account":
            return RedirectResponse(github.decided(q, github.auto), 302)
        return Response(github.choices(q), 200, {"content-type": HTML})

    async def token(request):
        raw = (await request.body()).decode("utf-8", "replace")
        form = dict(urllib.parse.parse_qsl(raw, keep_blank_values=True))
        count("token", request, fields=sorted(form))
        good = github.token(form)
        if "application/json" in request.headers.get("accept", ""):
            return await answer(request, "token", 200, good)
        return await answer(request, "token", 200, urllib.parse.urlencode(good), "application/x-www-form-urlencoded")

    async def user(request):
        count("user", request)
        status, body = github.user(request.headers)
        return await answer(request, "user", status, body)

    async def revoke(request):
        count("revoke", request)
        status = github.revoke(request.path_params["client_id"], request.headers, await request.body())
        return await answer(request, "revoke", status, "" if status == 204 else {"message": "Not Found"})

    async def requests(request):
        if request.method == "DELETE":
            github.reset()
        return JSONResponse({"counts": github.counts, "last": github.last, "tokens": len(github.tokens)})

    async def faults(request):
        try:
            github.order(await request.json())
        except (ValueError, AttributeError) as e:
            return JSONResponse({"error": str(e)}, 400)
        return JSONResponse({"faults": github.faults})

    async def accounts(request):
        """add or change accounts, or set which one is chosen without asking: {"accounts": […], "auto": …}"""
        if request.method == "POST":
            body = await request.json()
            for a in body.get("accounts", []):
                github.accounts[a["login"]] = dict(a)
            github.auto = body.get("auto", github.auto)
        return JSONResponse({"accounts": list(github.accounts.values()), "auto": github.auto})

    both = [Route(prefix + path, act, methods=[method]) for prefix in ("", "/api/v3") for method, path, act in
            (("GET", "/user", user), ("DELETE", "/applications/{client_id}/token", revoke))]
    return Starlette(routes=both + [
        Route("/login/oauth/authorize", authorize, methods=["GET", "POST"]),
        Route("/login/oauth/access_token", token, methods=["POST"]),
        Route("/_control/requests", requests, methods=["GET", "DELETE"]),
        Route("/_control/faults", faults, methods=["POST"]),
        Route("/_control/accounts", accounts, methods=["GET", "POST"])])


async def run(args):
    stop = serve.stop_signal()
    sock = serve.listen(args.listen)
    task = asyncio.ensure_future(serve.serve_asgi(make_app(GitHub(args)), sock))
    url = "http://" + serve.shown(sock)
    serve.ready(url=url, control=url + "/_control", api=url + "/api/v3")
    await asyncio.wait([asyncio.ensure_future(stop.wait()), task], return_when=asyncio.FIRST_COMPLETED)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


def main(args):
    asyncio.run(run(args))
    return 0
