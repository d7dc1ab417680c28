"""The deployment: simulated Headscale, simulated GitHub, the real ouroboros-web."""
import base64
import json
import os
import pathlib
import re
import secrets
import signal
import sys
import time
import urllib.request

from .process import TESTS, Failed, answers, build_directory, free_port, plain_environment, wait_until

CLIENT_ID, CLIENT_SECRET = "Iv1.0123456789abcdef", "0123456789abcdef0123456789abcdef01234567"
USER_MAP = {"19270622": "sink", "2147483649": "jim"}
LISTENING = re.compile(r"listening on http://127\.0\.0\.1:(\d+)")


def web_binary(build=None):
    return pathlib.Path(build or build_directory()).resolve() / "frontends" / "web" / "ouroboros-web"


def settle():
    """wait until ouroboros-web asks Headscale anew: it shows a list that is up to 2 s old without asking"""
    time.sleep(2.1)


def new_session_key():
    return "k1:" + base64.b64encode(secrets.token_bytes(32)).decode()


def ask(url, body=None, method=None, timeout=15):
    """a JSON request to a control interface"""
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(url, data, {"Content-Type": "application/json"}, method=method)
    with urllib.request.urlopen(request, timeout=timeout) as answer:
        return json.load(answer)


def simulator(workspace, name, *arguments):
    cached = "PYTHONPYCACHEPREFIX" in os.environ  # a place for compiled files outside the sources
    environment = plain_environment(PYTHONPATH=TESTS, PYTHONDONTWRITEBYTECODE=None if cached else "1")
    process = workspace.start(name, [sys.executable, "-m", "simulator", *arguments], environment=environment)
    return process, process.json_line(30)


class Settings:
    """settings of Ouroboros"""

    def __init__(self, values):
        self.values = values

    def environment(self):
        return self.values


class Headscale:
    """a simulated Headscale and its control interface"""

    def __init__(self, workspace, generation, world="demo", login_url=None, unix_socket=False, http=False, tls=None,
                 api_key=None, ways=None):
        """ways: some of grpc, http, socket, port (both behind one proxy); else unix_socket says whether socket or grpc"""
        arguments = ["headscale", "--generation", generation, "--world", world]
        if login_url:
            arguments += ["--login-url", login_url]
        if api_key:
            arguments += ["--api-key", api_key]
        ways = tuple(ways or (("socket",) if unix_socket else ("grpc",))) + (("http",) if http else ())
        self.way = ways[0]
        if "socket" in ways:
            arguments += ["--socket", workspace.file("headscale-%s.sock" % secrets.token_hex(3))]
        if "grpc" in ways:
            arguments += ["--grpc", "127.0.0.1:0"]
        if "http" in ways:
            arguments += ["--http", "127.0.0.1:0"]
        if "port" in ways:
            arguments += ["--one-port", "127.0.0.1:0"]
        if tls:
            arguments += ["--tls-cert", tls[0], "--tls-key", tls[1]]
        self.generation = generation
        self.process, self.facts = simulator(workspace, "headscale", *arguments)
        self.grpc, self.socket, self.http, self.port = (self.facts[k] for k in ("grpc", "socket", "http", "one_port"))
        self.control, self.api_key = self.facts["control"].rstrip("/"), self.facts["api_key"]

    @property
    def can_forget(self):
        return self.generation in ("0.23", "0.24", "0.25")

    @property
    def shown(self):
        """what pages call this version: over gRPC alone two are like their neighbours"""
        either = {"0.25": "0.24 or 0.25", "0.27": "0.27 or 0.27.1"}
        return either.get(self.generation, self.generation) if self.way != "http" else self.generation

    @property
    def forgets_last_withdrawal(self):
        """when it is restarted; pages warn of it"""
        return self.generation in ("0.27", "0.28")

    def environment(self):
        """settings that point Ouroboros here"""
        return self.by(self.way).environment()

    def by(self, way):
        """the same server by one way in"""
        if way == "socket":
            return Settings({"HS_SOCKET": self.socket})
        address = {"grpc": self.grpc, "http": self.http, "port": self.port}[way].rpartition("/")[2]
        return Settings({"HS_IS_REMOTE": "true", "HS_ADDRESS": address, "HS_API_KEY": self.api_key, "HS_PLAINTEXT": "true"})

    def nodes(self):
        return ask(self.control + "/state")["nodes"]

    def node(self, node_id):
        """a node as the server has it, None if it is gone"""
        return next((n for n in self.nodes() if n["id"] == int(node_id)), None)

    def named(self, given_name):
        return next(n for n in self.nodes() if n["given_name"] == given_name)

    def keys(self, user="sink", over=False):
        """pre-auth keys as the server has them, with their secrets"""
        keys = ask(self.control + "/state")["pre_auth_keys"]
        return [k for k in keys if k["user"] == user and (over or not k["expired"])]

    def add_key(self, user="sink", **values):
        return ask(self.control + "/pre_auth_keys", {"user": user, **values})

    def change_key(self, key_id, **values):
        return ask("%s/pre_auth_keys/%d" % (self.control, key_id), values)

    def add_node(self, name, user="sink", **values):
        return ask(self.control + "/nodes", {"name": name, "user": user, **values})

    def change(self, node_id, **values):
        return ask("%s/nodes/%d" % (self.control, node_id), values)

    def remove(self, node_id):
        return ask("%s/nodes/%d" % (self.control, node_id), method="DELETE")

    def announce(self, hostname, **values):
        return ask(self.control + "/announce", {"hostname": hostname, **values})

    def device(self, announced):
        return ask("%s/announce/%s" % (self.control, announced["id"]))

    def fault(self, mode, **values):
        return ask(self.control + "/faults", {"mode": mode, **values})

    def calm(self):
        """no faults, listening"""
        ask(self.control + "/faults", {"mode": "none"})
        ask(self.control + "/start_api", {})

    def stop_api(self):
        ask(self.control + "/stop_api", {})

    def start_api(self):
        ask(self.control + "/start_api", {})

    def calls(self):
        """how often each method was called since reset_calls()"""
        return ask(self.control + "/calls")["counts"]

    def reset_calls(self):
        ask(self.control + "/calls/reset", {})

    def writes(self):
        """the calls that change something, since reset_calls(); a probe for what the server knows (answered 12 or 13
        before anything is looked at) is none"""
        log = ask(self.control + "/calls")["calls"]
        return sorted(c["method"] for c in log if not c["method"].startswith(("List", "Get", "Health", "Check"))
                      and c["status"] not in (12, 13))


class GitHub:
    """a simulated GitHub"""

    def __init__(self, workspace, callback=None):
        """callback: the only one that the app has"""
        self.process, self.facts = simulator(workspace, "github", "github", "--client-id", CLIENT_ID, "--client-secret",
                                             CLIENT_SECRET, *(["--callback", callback] if callback else []))
        self.url, self.api = self.facts["url"], self.facts["api"]

    def environment(self):
        return {"GITHUB_URL": self.url, "GITHUB_API_URL": self.api}

    def requests(self):
        return ask(self.url + "/_control/requests")

    def fault(self, endpoint, mode, **values):
        return ask(self.url + "/_control/faults", {"endpoint": endpoint, "mode": mode, **values})


class Web:
    """the real ouroboros-web. environment: its settings beyond those of both servers; {origin} in a value is its own.

    A test is quicker than any person, the more so on a quick machine: the limits are far away here. Who tests them says
    RATE_LIMIT_PERCENT."""

    def __init__(self, workspace, headscale, github, build=None, port=None, arguments=(), **environment):
        self.workspace, self.binary = workspace, web_binary(build)
        if not self.binary.exists():
            raise Failed("%s is not built" % self.binary)
        self.port = port or free_port()
        self.origin = "http://127.0.0.1:%d" % self.port
        self.base = self.origin + "/ouroboros"
        settings = {"HS_LOGIN_URL": self.origin, "GH_CLIENT_ID": CLIENT_ID, "GH_CLIENT_SECRET": CLIENT_SECRET,
                    "USER_MAP": json.dumps(USER_MAP), "BASE_URL": self.base, "LISTEN": "127.0.0.1:%d" % self.port,
                    "SESSION_KEY": new_session_key(), "AUDIT_LOG": str(workspace.path / "audit.jsonl"),
                    "LOG_LEVEL": "info", "RATE_LIMIT_PERCENT": "1000000"}
        settings.update(headscale.environment() if headscale else {})
        settings.update(github.environment() if github else {})
        settings.update(environment)
        self.settings = {k: v for k, v in settings.items() if v is not None}
        self.audit_path = self.settings.get("AUDIT_LOG")
        self.arguments = list(arguments)
        self.start()

    def start(self, **environment):
        self.settings.update(environment)
        self.process = self.workspace.start("ouroboros-web", [self.binary, *self.arguments], clean=(0,),
                                            environment=plain_environment(**self.settings))
        self.process.wait_log(LISTENING, 15)
        wait_until(lambda: answers(self.port), 5, "ouroboros-web accepts connections")

    def restart(self, **environment):
        self.process.stop()
        self.start(**environment)

    def reload(self):
        self.process.signal(signal.SIGHUP)

    def url(self, path="/"):
        """a path below the base path; /register/… and /admin are the host's"""
        return (self.origin if path.startswith(("/register/", "/admin", "/oidc/")) else self.base) + path

    def audit(self):
        try:
            with open(self.audit_path, encoding="utf-8") as f:
                return [json.loads(line) for line in f]
        except FileNotFoundError:
            return []
