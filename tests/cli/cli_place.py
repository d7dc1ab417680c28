"""`ouroboros` in both ways: as a person through ouroboros-web, with a token in a file, and as the operator at Headscale's unix socket,
in the shoes of the same Headscale user."""
import dataclasses
import json
import os
import pathlib
import subprocess

from harness import stack
from harness.process import build_directory, plain_environment
from harness.tokens import ALL, Tokens

VERSIONS = ("0.23", "0.30")
WAYS = ("person", "operator")
RULES = {"keys": {"longest": "7d", "reusable": True, "ephemeral": True, "alive": 100},
         "extend_expiry": {"longest": "365d", "never": True}}
PROGRAM = pathlib.Path(build_directory()).resolve() / "frontends" / "cli" / "ouroboros"


@dataclasses.dataclass
class Done:
    """how a run ended"""

    code: int
    out: str
    err: str

    def json(self):
        return json.loads(self.out)


class Cli:
    """the program with an environment of its own"""

    def __init__(self, home, *options, **environment):
        self.home, self.options, self.environment = pathlib.Path(home), list(options), environment
        self.home.mkdir(exist_ok=True)

    def with_options(self, *options, **environment):
        return Cli(self.home, *options, **{**self.environment, **environment})

    def environ(self, **more):
        return plain_environment(**{"HOME": self.home, "XDG_CONFIG_HOME": self.home / "config", "TERM": "xterm",
                                    **self.environment, **more})

    def command(self, *words):
        return [str(PROGRAM), *words, *self.options]

    def run(self, *words, input=None, **more):
        done = subprocess.run(self.command(*words), env=self.environ(**more), input=input, capture_output=True, text=True,
                              timeout=60, check=False)
        return Done(done.returncode, done.stdout, done.stderr)

    def ok(self, *words, **more):
        done = self.run(*words, **more)
        assert done.code == 0, done
        return done

    def json(self, *words):
        return self.ok(*words, "-o", "json").json()

    @property
    def token_file(self):
        return self.home / "config" / "ouroboros" / "token.json"

    def keep_token(self, server, token, **more):
        """as ouroboros login leaves it"""
        self.token_file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        self.token_file.write_text(json.dumps({"server": server, "token": token, "name": "test", **more}))
        self.token_file.chmod(0o600)


class Site:
    """a Headscale, and an ouroboros-web in front of it"""

    def __init__(self, where, github, version, world="demo", rules=None):
        self.where, self.version = where, version
        self.headscale = stack.Headscale(where, version, world=world, ways=("socket",))
        state = where.path / ("state-%s" % id(self))
        self.web = stack.Web(where, self.headscale.by("socket"), github, STATE_DIR=str(state),
                             RULES=json.dumps(RULES if rules is None else rules))
        self.tokens, self._count = Tokens(state), 0

    def home(self):
        self._count += 1
        return self.where.path / ("home-%s-%d" % (id(self), self._count))

    def person(self, account="mia", scopes=ALL):
        cli = Cli(self.home())
        cli.keep_token(self.web.base, self.tokens.make(account, scopes))
        return cli

    def operator(self, *options):
        return Cli(self.home(), "--socket", self.headscale.socket, *options)

    def by(self, way, user="sink"):
        return self.person() if way == "person" else self.operator("--as", user)


class Place:
    """one way into a site"""

    def __init__(self, site, way):
        self.site, self.way, self.version = site, way, site.version
        self.cli, self.headscale, self._made = site.by(way), site.headscale, []

    def device(self, name, user="sink", **values):
        """a device that the next look shows; as a person the server's own list may be two seconds old"""
        return self.devices({name: dict(user=user, **values)})[name]

    def devices(self, wanted):
        made = {name: self.headscale.add_node(name, **{"user": "sink", **values}) for name, values in wanted.items()}
        self._made += made.values()
        if self.way == "person":
            stack.settle()
        return made

    def close(self):
        """what was made is taken away: the other way's tests call theirs the same"""
        for node in self._made:
            if self.now(node):
                self.headscale.remove(node["id"])

    def now(self, node):
        return self.headscale.node(node["id"])


def is_root():
    return os.geteuid() == 0
