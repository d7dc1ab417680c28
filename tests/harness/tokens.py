"""Personal tokens for tests: put into the store as the server itself writes them, so that one can also be over already."""
import hashlib
import pathlib
import secrets
import sqlite3
import time

from .stack import USER_MAP

SCOPES = {"read": 1, "nodes": 2, "routes": 4, "keys": 8}
ALL = tuple(SCOPES)
# the simulated GitHub's people
ACCOUNTS = {"mia": 19270622, "jim": 2147483649}
assert {str(n) for n in ACCOUNTS.values()} == set(USER_MAP)
DAY = 86400


class Tokens:
    """of one ouroboros-web with a state_dir"""

    def __init__(self, state_dir):
        self.path = pathlib.Path(state_dir) / "ouroboros.db"

    def _run(self, sql, *values):
        store = sqlite3.connect(self.path, timeout=20)
        try:
            with store:
                return store.execute(sql, values).fetchall()
        finally:
            store.close()

    def make(self, account="mia", scopes=ALL, life=DAY, name="test"):
        token_id, secret, now = secrets.token_hex(6), secrets.token_hex(32), int(time.time())
        self._run("INSERT INTO ouroboros_token (id, digest, provider, identity, login, name, scopes, created, expires)"
                  " VALUES (?, ?, 'github', ?, ?, ?, ?, ?, ?)", token_id, hashlib.sha256(secret.encode()).hexdigest(),
                  ACCOUNTS.get(account, account), str(account), name, sum(SCOPES[s] for s in scopes) | 1, now - DAY, now + life)
        return "ouro_pat_%s_%s" % (token_id, secret)

    def revoke(self, token):
        self._run("DELETE FROM ouroboros_token WHERE id = ?", token.split("_")[2])
        assert not self._run("SELECT 1 FROM ouroboros_token WHERE id = ?", token.split("_")[2])

    def used(self, token):
        return self._run("SELECT used FROM ouroboros_token WHERE id = ?", token.split("_")[2])[0][0]
