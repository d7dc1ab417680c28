"""ouroboros-web as a process whose Headscale and GitHub are away, and raw HTTP towards it."""

import json
import os
import pathlib
import re
import signal
import socket
import subprocess
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]


def find_program():
    """ouroboros-web of OURO_BUILD_DIR, or of the build made last."""
    build = os.environ.get("OURO_BUILD_DIR")
    if build:
        return pathlib.Path(build) / "frontends/web/ouroboros-web"
    found = sorted(ROOT.glob("build/*/frontends/web/ouroboros-web"), key=lambda path: path.stat().st_mtime)
    if not found:
        raise RuntimeError("ouroboros-web is not built; set OURO_BUILD_DIR")
    return found[-1]


def free_port():
    """A port that is free now. Connects fail there until somebody listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def settings(**changes):
    """A complete set of settings for a server on a free port."""
    port = free_port()
    values = {
        "hs_is_remote": True,
        "hs_address": f"127.0.0.1:{free_port()}",
        "hs_plaintext": True,
        "hs_api_key": "canary-api-key-5d1f",
        "hs_login_url": "https://vpn.example.org",
        "gh_client_id": "Iv1.0123456789abcdef",
        "gh_client_secret": "canary-client-secret-77aa",
        "user_map": {"7": "mia"},
        "base_url": f"http://127.0.0.1:{port}/ouroboros",
        "listen": f"127.0.0.1:{port}",
        "log_level": "debug",
    }
    values.update(changes)
    return {key: value for key, value in values.items() if value is not None}


class Server:
    """One ouroboros-web process."""

    def __init__(self, folder, **changes):
        self.values = None
        self.config = folder / "cfg.json"
        self.write(**changes)
        self.log_path = folder / "log"
        environment = {name: value for name, value in os.environ.items() if name == "PATH" or name.endswith("SAN_OPTIONS")}
        with open(self.log_path, "wb") as log:
            self.process = subprocess.Popen(
                [str(find_program()), "--config", str(self.config)], stderr=log, env=environment
            )
        deadline = time.monotonic() + 20
        while not (match := re.search(r"listening on http://[\d.]+:(\d+)\n", self.log())):
            if self.process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"ouroboros-web did not start (return code {self.process.returncode}): {self.log()}")
            time.sleep(0.02)
        self.port = int(match[1])

    def write(self, **changes):
        """Write the settings file; what is not said stays as it was."""
        self.values = {**(self.values or settings()), **changes}
        self.config.write_text(json.dumps(self.values))
        self.config.chmod(0o600)

    @property
    def host(self):
        """What the Host header must say."""
        return self.values["base_url"].split("/")[2]

    @property
    def origin(self):
        """What the Origin header of own pages says."""
        return "/".join(self.values["base_url"].split("/")[:3])

    def log(self):
        """Everything on its standard error so far."""
        return self.log_path.read_text(errors="replace")

    def connect(self, timeout=10):
        """A raw connection."""
        return socket.create_connection(("127.0.0.1", self.port), timeout=timeout)

    def raw(self, data, timeout=10):
        """Send bytes, return everything that comes back until the connection ends."""
        with self.connect(timeout) as connection:
            connection.sendall(data)
            return read_all(connection)

    def request(self, method, path, headers=(), body=b"", host=None):
        """A request of well-behaved form; answers (status, headers, body)."""
        lines = [f"{method} {path} HTTP/1.1", f"Host: {host or self.host}"]
        lines += [f"{name}: {value}" for name, value in headers]
        if body or method == "POST":
            lines.append(f"Content-Length: {len(body)}")
        return split(self.raw("\r\n".join(lines).encode() + b"\r\n\r\n" + body))

    def get(self, path, *headers):
        """GET."""
        return self.request("GET", path, headers)

    def post(self, path, body, *headers, origin=None):
        """POST of a form from a page of our own."""
        own = [("Content-Type", "application/x-www-form-urlencoded"), ("Origin", origin or self.origin)]
        return self.request("POST", path, own + list(headers), body.encode())

    def stop(self):
        """Ask it to stop; the exit code."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        return self.process.wait(20)


def read_all(connection):
    """Bytes until the other side closes."""
    data = b""
    try:
        while piece := connection.recv(65536):
            data += piece
    except ConnectionResetError:
        pass
    return data


def split(data):
    """(status, {lower-case name: value}, body) of one answer; several values are joined by a newline."""
    head, _, body = data.partition(b"\r\n\r\n")
    lines = head.decode().split("\r\n")
    headers = {}
    for line in lines[1:]:
        name, _, value = line.partition(": ")
        key = name.lower()
        headers[key] = headers[key] + "\n" + value if key in headers else value
    return int(lines[0].split()[1]) if lines[0] else 0, headers, body
