"""Headscale's own command line, 0.30 or newer, as a person uses it: pointed at Ouroboros, with a personal token for a key."""
import functools
import json
import os
import subprocess

from .process import SLOWER, plain_environment


@functools.cache
def speaks_http(binary):
    """whether a headscale binary is of the generation without gRPC"""
    done = subprocess.run([binary, "oauth-clients", "--help"], capture_output=True, text=True, timeout=60,
                          env=plain_environment(HOME="/nonexistent"))
    return done.returncode == 0 and "list" in done.stdout


def find():
    """HEADSCALE_CLIENT, else HEADSCALE_BIN if it is new enough; None if there is none"""
    for name in ("HEADSCALE_CLIENT", "HEADSCALE_BIN"):
        path = os.environ.get(name, "")
        if os.access(path, os.X_OK) and speaks_http(path):
            return path
    return None


class CommandLine:
    """runs it. base: what Ouroboros is called by (…/ouroboros), or anybody else whom it shall talk to"""

    def __init__(self, binary, folder, base, token):
        self.binary, self.folder = binary, folder
        self.environment = plain_environment(HOME=folder, HEADSCALE_CLI_ADDRESS=base, HEADSCALE_CLI_API_KEY=token)

    def run(self, *arguments):
        """(exit status, output, what it complains about)"""
        done = subprocess.run([self.binary, *arguments], capture_output=True, text=True, timeout=60 * SLOWER,
                              stdin=subprocess.DEVNULL, env=self.environment, cwd=self.folder)
        return done.returncode, done.stdout, done.stderr

    def json(self, *arguments):
        status, out, complaint = self.run(*arguments, "-o", "json")
        assert status == 0, (arguments, out, complaint)
        return json.loads(out)

    def fails(self, *arguments):
        """what it complains about"""
        status, out, complaint = self.run(*arguments)
        assert status != 0, (arguments, out)
        return complaint
