"""Caddy as administrators of Ouroboros 0.3.1 have it: one site, two path rules, gRPC on the same port."""
import shutil

from .process import TESTS, answers, free_port, plain_environment, wait_until

GLOBAL = """{
	admin off
	auto_https disable_redirects
	storage file_system %(storage)s
}
https://%(host)s:%(port)d {
	tls %(certificate)s %(key)s
%(rules)s
}
"""
# What 0.3.1 told people to use; only the addresses and the certificate are the test's.
SEED = """	@grpc protocol grpc

	handle @grpc {
		reverse_proxy h2c://%(grpc)s
	}

	reverse_proxy /ouroboros/* %(web)s
	reverse_proxy /register/* %(web)s

	reverse_proxy %(headscale)s
"""


def packaged():
    """the rules of the site that comes with the program"""
    text = (TESTS.parent / "packaging" / "Caddyfile").read_text(encoding="utf-8")
    rules = text[text.index("{$DOMAIN} {\n") + len("{$DOMAIN} {\n"):text.rindex("}")]
    for name, here in (("headscale:50443", "%(grpc)s"), ("ouroboros:8080", "%(web)s"), ("headscale:8080", "%(headscale)s")):
        assert name in rules
        rules = rules.replace(name, here)
    return rules


def find():
    return shutil.which("caddy")


class Caddy:
    """a site on https://host:port; addresses are host:port texts, rules has them as %(grpc)s, %(web)s and %(headscale)s"""

    def __init__(self, workspace, authority, host, grpc, web, headscale, port=None, rules=SEED, days=None):
        self.port = port or free_port()
        self.url = "https://%s:%d" % (host, self.port)
        certificate, key = authority.server(host, days=days)
        text = GLOBAL % {"storage": workspace.path / "caddy", "host": host, "port": self.port, "certificate": certificate,
                         "key": key, "rules": rules % {"grpc": grpc, "web": web, "headscale": headscale}}
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
