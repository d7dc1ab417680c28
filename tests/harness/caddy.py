"""Caddy as administrators of Ouroboros 0.3.1 have it: one site, two path rules, gRPC on the same port."""
import shutil

from .process import answers, free_port, plain_environment, wait_until

# The site block is the one that 0.3.1 told people to use; only the addresses and the certificate are the test's.
CADDYFILE = """{
	admin off
	auto_https disable_redirects
	storage file_system %(storage)s
}
https://%(host)s:%(port)d {
	tls %(certificate)s %(key)s
	@grpc protocol grpc

	handle @grpc {
		reverse_proxy h2c://%(grpc)s
	}

	reverse_proxy /ouroboros/* %(web)s
	reverse_proxy /register/* %(web)s

	reverse_proxy %(headscale)s
}
"""


def find():
    return shutil.which("caddy")


class Caddy:
    """a site on https://host:port; addresses are host:port texts"""

    def __init__(self, workspace, authority, host, grpc, web, headscale, port=None):
        self.port = port or free_port()
        self.url = "https://%s:%d" % (host, self.port)
        certificate, key = authority.server(host)
        text = CADDYFILE % {"storage": workspace.path / "caddy", "host": host, "port": self.port, "grpc": grpc,
                            "certificate": certificate, "key": key, "web": web, "headscale": headscale}
        self.workspace, self.path = workspace, workspace.file("Caddyfile", text)
        self.start()

    def start(self):
        self.process = self.workspace.start(
            "caddy", [find(), "run", "--config", self.path, "--adapter", "caddyfile"],
            environment=plain_environment(XDG_CONFIG_HOME=self.workspace.path, XDG_DATA_HOME=self.workspace.path))
        wait_until(lambda: answers(self.port), 15, "caddy listens")

    def restart(self):
        self.process.stop()
        wait_until(lambda: not answers(self.port), 5, "caddy is gone")
        self.start()
