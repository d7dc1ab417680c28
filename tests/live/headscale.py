"""A real Headscale server on the loopback, started from HEADSCALE_BIN, and what its own command line says about it."""
import datetime
import json
import os
import pathlib
import re
import secrets
import subprocess
import time

from harness.process import SLOWER, Failed, answers, free_port, plain_environment, wait_until

# Nothing is fetched from anywhere: the one relay does not exist and update checks are off.
RELAYS = """regions:
  900:
    regionid: 900
    regioncode: test
    regionname: Test
    nodes:
      - {name: 900a, regionid: 900, hostname: relay.invalid, ipv4: 127.0.0.1, stunport: -1, derpport: 1}
"""
CONFIG = """server_url: %(login_url)s
listen_addr: 127.0.0.1:%(http)d
metrics_listen_addr: 127.0.0.1:%(metrics)d
grpc_listen_addr: 127.0.0.1:%(grpc)d
grpc_allow_insecure: true
noise: {private_key_path: %(dir)s/noise.key}
prefixes: {v4: 100.64.0.0/10, v6: "fd7a:115c:a1e0::/48", allocation: sequential}
derp:
  server: {enabled: false}
  urls: []
  paths: [%(dir)s/relays.yaml]
  auto_update_enabled: false
disable_check_updates: true
database: {type: sqlite, sqlite: {path: %(dir)s/db.sqlite}}
log: {level: info, format: text}
policy: {mode: database}
dns:
  magic_dns: true
  base_domain: tail.example.net
  override_local_dns: false
  nameservers: {global: []}
unix_socket: %(dir)s/headscale.sock
unix_socket_permission: "0770"
"""


def binary():
    path = os.environ.get("HEADSCALE_BIN", "")
    if not path or not os.access(path, os.X_OK):
        raise Failed("HEADSCALE_BIN must name a headscale binary")
    return pathlib.Path(path).resolve()


def snake(value):
    """the two generations spell field names differently"""
    if isinstance(value, dict):
        return {re.sub(r"(?<=[a-z0-9])([A-Z])", r"_\1", k).lower(): snake(v) for k, v in value.items()}
    return [snake(v) for v in value] if isinstance(value, list) else value


def moment(value):
    """Unix seconds of a time as text or as {seconds, nanos}; None if not set"""
    if isinstance(value, dict):
        value = value.get("seconds")
    elif isinstance(value, str):
        whole = re.sub(r"\.\d+", "", value).replace("Z", "+00:00")
        value = datetime.datetime.fromisoformat(whole).timestamp() if not whole.startswith("0001") else None
    return value if value is not None and value > 0 else None


class RealHeadscale:
    """Which version it is, its own commands tell: a binary may be built without a version."""

    def __init__(self, workspace, login_url, users):
        self.workspace, self.binary = workspace, binary()
        self.environment_of_it = plain_environment(HOME=workspace.path)
        self.config = ""
        self.generation = self.generation_by_commands()
        self.ports = {"http": free_port(), "grpc": free_port(), "metrics": free_port()}
        self.config = workspace.file("headscale.yaml", CONFIG % {"dir": workspace.path, "login_url": login_url, **self.ports})
        workspace.file("relays.yaml", RELAYS)
        self.socket, self.grpc = str(workspace.path / "headscale.sock"), "127.0.0.1:%d" % self.ports["grpc"]
        self.start()
        for user in users:
            self.cli("users", "create", user)
        if self.generation == "0.24":
            # 0.25 has the same commands, but another form of keys
            try:
                self.create_node("probe", users[0], secrets.token_hex(12))
                self.generation = "0.25"
            except Failed:
                pass
        self.api_key = self.cli("apikeys", "create", "--expiration", "1d").split()[-1]

    def generation_by_commands(self):
        def there(word, *command):
            return re.search(r"^\s+(-\w, )?%s\b" % word, self.cli(*command, "--help", check=False), re.MULTILINE)
        for generation, question in (("0.30", ("oauth-clients",)), ("0.29", ("auth",)),
                                     ("0.28", ("delete", "preauthkeys")), ("0.27", ("health",)),
                                     ("0.26", ("approve-routes", "nodes")),
                                     ("0.24", ("--display-name", "users", "create"))):
            if there(*question):
                return generation
        return "0.23"

    @property
    def has_grpc(self):
        return self.generation != "0.30"

    @property
    def has_route_objects(self):
        """routes are things of connected clients, not lists on the node"""
        return self.generation in ("0.23", "0.24", "0.25")

    @property
    def forgets_last_withdrawal(self):
        """when it is restarted: 0.27.1 and 0.28"""
        return self.generation in ("0.27", "0.28")

    def start(self):
        self.process = self.workspace.start("headscale", [self.binary, "-c", self.config, "serve"],
                                            environment=self.environment_of_it, grace=30)
        ports = [self.ports["http"]] + ([self.ports["grpc"]] if self.has_grpc else [])
        wait_until(lambda: os.path.exists(self.socket) and all(answers(p) for p in ports), 40, "headscale answers")

    def restart(self, down=3):
        self.process.stop()
        time.sleep(down)
        self.start()

    def cli(self, *arguments, check=True):
        config = ["-c", self.config] if self.config else []
        done = subprocess.run([self.binary, *config, *arguments], capture_output=True, text=True,
                              timeout=60 * SLOWER, env=self.environment_of_it, cwd=self.workspace.path, stdin=subprocess.DEVNULL)
        if check and done.returncode:
            raise Failed("headscale %s: %s%s" % (" ".join(arguments), done.stdout, done.stderr))
        return done.stdout

    def listed(self, *command):
        return snake(json.loads(self.cli(*command, "-o", "json") or "[]") or [])

    def nodes(self):
        """the server's own list, in the words of the simulator's state"""
        made = []
        for n in self.listed("nodes", "list"):
            expiry = moment(n.get("expiry"))
            made.append({"id": int(n["id"]), "name": n.get("name", ""), "given_name": n.get("given_name", ""),
                         "user": (n.get("user") or {}).get("name"), "expiry": expiry, "online": bool(n.get("online")),
                         "expired": expiry is not None and expiry <= time.time() + 1,
                         "available": n.get("available_routes") or [], "approved": n.get("approved_routes") or [],
                         "serving": n.get("subnet_routes") or [], "tags": n.get("tags") or n.get("forced_tags") or []})
        return self.with_route_objects(made) if self.has_route_objects else made

    def with_route_objects(self, nodes):
        for route in self.listed("routes", "list"):
            for node in (n for n in nodes if n["id"] == int((route.get("node") or {}).get("id", 0))):
                for name, flag in (("available", "advertised"), ("approved", "enabled"), ("serving", "is_primary")):
                    if route.get(flag):
                        node[name].append(route["prefix"])
        return nodes

    def node(self, node_id):
        return next((n for n in self.nodes() if n["id"] == int(node_id)), None)

    def key(self):
        """one of the form that this version hands out"""
        forms = {"0.23": ("mkey:", 64), "0.24": ("mkey:", 64), "0.29": ("hskey-authreq-", 24), "0.30": ("hskey-authreq-", 24)}
        prefix, length = forms.get(self.generation, ("", 24))
        return prefix + secrets.token_hex(length // 2)

    def pending(self, name, user):
        """the path of a link for a device that waits, made by the server's own debugging command"""
        key = self.key()
        self.create_node(name, user, key)
        return "/register/" + key

    def create_node(self, name, user, key):
        self.cli("debug", "create-node", "--name", name, "--user", user, "--key", key)

    def ways(self):
        """every way in that this version has"""
        return {"socket": self.over_socket, "http": self.over_http, **({"grpc": self.over_grpc} if self.has_grpc else {})}

    def over_socket(self):
        return Way({"HS_SOCKET": self.socket})

    def over_grpc(self):
        return Way({"HS_IS_REMOTE": "true", "HS_ADDRESS": self.grpc, "HS_API_KEY": self.api_key, "HS_PLAINTEXT": "true"})

    def over_http(self):
        return Way({"HS_IS_REMOTE": "true", "HS_ADDRESS": "127.0.0.1:%d" % self.ports["http"], "HS_API_KEY": self.api_key,
                    "HS_PLAINTEXT": "true"})


class Way:
    """settings that point ouroboros-web at a server"""

    def __init__(self, settings):
        self.settings = settings

    def environment(self):
        return self.settings
