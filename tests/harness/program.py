"""A program that asks to be let in by a person, as the command line does: it may listen on 127.0.0.1 for the answer."""
import base64
import hashlib
import http.server
import json
import secrets
import threading
import urllib.error
import urllib.parse
import urllib.request


class Program:
    """listens: it has a browser at hand; else the person types .login["code"]"""

    def __init__(self, web, listens=True, machine="mia’s <b>laptop</b>", **wish):
        self.web, self.came, self.verifier = web, [], secrets.token_urlsafe(48)
        program = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                if self.path.startswith("/?"):
                    program.came.append(dict(urllib.parse.parse_qsl(self.path[2:])))
                self.send_response(200)
                self.end_headers()
                self.wfile.write(b"You can go back to the terminal.")

            def log_message(self, *arguments):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) if listens else None
        if listens:
            threading.Thread(target=self.server.serve_forever, daemon=True).start()
        digest = hashlib.sha256(self.verifier.encode()).digest()
        challenge = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
        status, self.login = self.ask("/login", {
            "machine": machine, "challenge": challenge, "scopes": ["read", "nodes"], "lifetime": "30d", **wish,
            **({"port": self.server.server_port} if listens else {})})
        assert status == 200, self.login

    def ask(self, path, body):
        request = urllib.request.Request(self.web.base + "/api/v1" + path, json.dumps(body).encode(),
                                         {"Content-Type": "application/json"})
        try:
            with urllib.request.urlopen(request, timeout=20) as answer:
                return answer.status, json.load(answer)
        except urllib.error.HTTPError as e:
            return e.code, json.load(e)

    def redeem(self, **more):
        return self.ask("/login/redeem", {"id": self.login["id"], "verifier": self.verifier, **more})

    def path(self):
        return "/cli/" + self.login["id"]

    def close(self):
        if self.server:
            self.server.shutdown()
            self.server.server_close()

    def __enter__(self):
        return self

    def __exit__(self, *error):
        self.close()
