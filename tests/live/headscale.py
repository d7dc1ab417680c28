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
    def __init__(self, workspace, login_url, users):
        self.workspace, self.binary = workspace, binary()
        self.ports = {"http": free_port(), "grpc": free_port(), "metrics": free_port()}
        self.config = workspace.file("headscale.yaml", CONFIG % {"dir": workspace.path, "login_url": login_url, **self.ports})
        workspace.file("relays.yaml", RELAYS)
        self.socket, self.grpc = str(workspace.path / "headscale.sock"), "127.0.0.1:%d" % self.ports["grpc"]
        self.environment_of_it = plain_environment(HOME=workspace.path)
        self.start()
        for user in users:
            self.cli("users", "create", user)
        self.api_key = self.cli("apikeys", "create", "--expiration", "1d").split()[-1]
        # where there is `auth register`, keys have the form of 0.29
        self.new_keys = "auth register" in self.cli("auth", "register", "--help", check=False)

    def start(self):
        self.process = self.workspace.start("headscale", [self.binary, "-c", self.config, "serve"],
                                            environment=self.environment_of_it, grace=30)
        wait_until(lambda: os.path.exists(self.socket) and answers(self.ports["grpc"]) and answers(self.ports["http"]),
                   40, "headscale answers")

    def restart(self, down=3):
        self.process.stop()
        time.sleep(down)
        self.start()

    def cli(self, *arguments, check=True):
        done = subprocess.run([self.binary, "-c", self.config, *arguments], capture_output=True, text=True,
                              timeout=60 * SLOWER, env=self.environment_of_it, cwd=self.workspace.path, stdin=subprocess.DEVNULL)
        if check and done.returncode:
            raise Failed("headscale %s: %s%s" % (" ".join(arguments), done.stdout, done.stderr))
        return done.stdout

    def nodes(self):
        """the server's own list, in the words of the simulator's state"""
        made = []
        for n in snake(json.loads(self.cli("nodes", "list", "-o", "json") or "[]") or []):
            expiry = moment(n.get("expiry"))
            made.append({"id": int(n["id"]), "name": n.get("name", ""), "given_name": n.get("given_name", ""),
                         "user": (n.get("user") or {}).get("name"), "expiry": expiry,
                         "expired": expiry is not None and expiry <= time.time() + 1,
                         "available": n.get("available_routes") or [], "approved": n.get("approved_routes") or [],
                         "tags": n.get("tags") or n.get("forced_tags") or []})
        return made

    def node(self, node_id):
        return next((n for n in self.nodes() if n["id"] == int(node_id)), None)

    def pending(self, name, user, routes=()):
        """the path of a link for a device that waits, made by the server's own debugging command"""
        key = "hskey-authreq-" + secrets.token_urlsafe(18) if self.new_keys else "mkey:" + secrets.token_hex(32)
        more = [x for r in routes for x in ("--route", r)]
        self.cli("debug", "create-node", "--name", name, "--user", user, "--key", key, *more)
        return "/register/" + key

    def tag(self, node_id, tag):
        self.cli("nodes", "tag", "-i", str(node_id), "-t", tag)

    def over_socket(self):
        return Way({"HS_SOCKET": self.socket})

    def over_tcp(self):
        return Way({"HS_IS_REMOTE": "true", "HS_ADDRESS": self.grpc, "HS_API_KEY": self.api_key, "HS_PLAINTEXT": "true"})


class Way:
    """settings that point ouroboros-web at a server"""

    def __init__(self, settings):
        self.settings = settings

    def environment(self):
        return self.settings
