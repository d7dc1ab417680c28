"""A real client: its daemon without a network device, in a folder of its own, and its command line."""
import json
import os
import re
import subprocess

import pytest
from harness.process import SLOWER, Failed, free_port, plain_environment, wait_until

# Nothing of this leaves the machine: no logs, no port mapping, never the vendor's own servers.
QUIET = {"TS_NO_LOGS_NO_SUPPORT": "true", "TS_DISABLE_PORTMAPPER": "true", "TS_PANIC_IF_HIT_MAIN_CONTROL": "true",
         "TS_DEBUG_USE_DERP_HTTP": "true"}
LINK = re.compile(r"^\s+(https?://\S+)\s*$", re.MULTILINE)


class RealClient:
    @staticmethod
    def wanted_or_skip():
        for name in ("TAILSCALED_BIN", "TAILSCALE_BIN"):
            if not os.access(os.environ.get(name, ""), os.X_OK):
                pytest.skip("%s does not name a program" % name)

    def __init__(self, workspace, real, hostname):
        self.workspace, self.real, self.hostname = workspace, real, hostname
        self.command_line = os.environ["TAILSCALE_BIN"]
        self.folder = workspace.path / hostname
        self.folder.mkdir()
        self.socket = str(self.folder / "d.sock")
        self.environment = plain_environment(**{**QUIET, "HOME": self.folder, "XDG_CACHE_HOME": self.folder})
        self.process = workspace.start(hostname, [
            os.environ["TAILSCALED_BIN"], "--tun=userspace-networking", "--no-logs-no-support",
            "--statedir=%s" % (self.folder / "state"), "--socket=" + self.socket, "--port=%d" % free_port()],
            environment=self.environment, grace=30)
        wait_until(lambda: os.path.exists(self.socket) and self.status(), 30, "the client answers")

    def run(self, *arguments, seconds=60):
        done = subprocess.run([self.command_line, "--socket=" + self.socket, *arguments], capture_output=True, text=True,
                              timeout=seconds * SLOWER, env=self.environment, stdin=subprocess.DEVNULL)
        return done.stdout + done.stderr

    def status(self):
        try:
            return json.loads(self.run("status", "--json"))
        except ValueError:
            return None

    def state(self):
        return (self.status() or {}).get("BackendState")

    def up(self, *more):
        """ask to be let in; the path of the link that it prints"""
        self.asking = self.workspace.start(self.hostname + "-up", [
            self.command_line, "--socket=" + self.socket, "up", "--hostname=" + self.hostname,
            "--login-server=http://127.0.0.1:%d" % self.real.ports["http"], *more],
            environment=self.environment, clean=(0, 1, -15))
        return self.link()

    def link(self):
        found = self.asking.wait_log(LINK, 40)
        if not found:
            raise Failed("no link: " + self.asking.log())
        return "/register/" + found.group(1).rpartition("/register/")[2]

    def wait_in(self):
        """until both sides say so. The client's own `up` sometimes stays although the device is in (seen after a removal with
        several versions of the server), so it is not what is asked; it is ended."""
        wait_until(lambda: self.state() == "Running", 60, "the client is let in")
        wait_until(lambda: (self.node() or {}).get("online"), 60, "the server says that it is online")
        try:
            self.asking.child.wait(10 * SLOWER)
            self.asking.stopped = True
        except subprocess.TimeoutExpired:
            self.asking.stop()

    def node(self):
        """the server's record of it, None if there is none"""
        return next((n for n in self.real.nodes() if n["name"].lower() == self.hostname.lower()), None)
