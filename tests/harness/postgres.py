"""A PostgreSQL of one's own: Debian's binaries, a temporary folder, a unix socket and nothing else. It refuses to run as root,
so it runs as postgres then."""
import os
import pathlib
import shutil
import signal
import subprocess
import tempfile

from .process import SLOWER, Failed, wait_until

USER, DATABASE = "ouro", "postgres"


def binaries():
    """the newest version's folder, None if there is none"""
    found = sorted(pathlib.Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda p: float(p.parents[1].name))
    return found[-1].parent if found else None


class Postgres:
    """one server; url is what store_url takes"""

    def __init__(self):
        self.bin = binaries()
        if not self.bin:
            raise Failed("PostgreSQL is not installed (the package postgresql-15)")
        self.path = pathlib.Path(tempfile.mkdtemp(prefix="ouro-pg-"))
        self.child = None
        self.as_user = {"user": "postgres", "group": "postgres", "extra_groups": []} if os.geteuid() == 0 else {}
        if self.as_user:
            shutil.chown(self.path, "postgres", "postgres")
        self.url = "postgresql://%s@/%s?host=%s" % (USER, DATABASE, str(self.path).replace("/", "%2F"))
        self._run("initdb", "-D", self.path / "data", "-A", "trust", "-U", USER, "--no-sync", "-E", "UTF8", "--locale=C")
        self.start()

    def _environment(self):
        return {"PATH": os.environ["PATH"], "HOME": str(self.path), "LC_ALL": "C",
                "PGOPTIONS": "-c default_transaction_read_only=off"}

    def _run(self, program, *arguments, check=True):
        done = subprocess.run([str(self.bin / program), *map(str, arguments)], capture_output=True, text=True, check=False,
                              timeout=120 * SLOWER, cwd=self.path, env=self._environment(), **self.as_user)
        if check and done.returncode:
            raise Failed("%s: %s%s" % (program, done.stdout, done.stderr))
        return done

    def start(self):
        with open(self.path / "log", "ab") as log:
            self.child = subprocess.Popen(
                [str(self.bin / "postgres"), "-D", str(self.path / "data"), "-k", str(self.path), "-c", "listen_addresses=",
                 "-c", "fsync=off", "-c", "max_connections=40", "-c", "shared_buffers=16MB"],
                stdin=subprocess.DEVNULL, stdout=log, stderr=log, cwd=self.path, env=self._environment(), **self.as_user)
        wait_until(self._ready, 60, "PostgreSQL answers")

    def _ready(self):
        if self.child.poll() is not None:
            raise Failed("PostgreSQL ended\n%s" % (self.path / "log").read_text())
        return self._run("pg_isready", "-q", "-h", self.path, check=False).returncode == 0

    def stop(self, how=signal.SIGINT):
        """SIGINT: it breaks off what runs; SIGQUIT: as if the power failed"""
        if self.child and self.child.poll() is None:
            os.kill(self.child.pid, how)
            try:
                self.child.wait(30 * SLOWER)
            except subprocess.TimeoutExpired:
                os.kill(self.child.pid, signal.SIGKILL)
                self.child.wait(10)
                raise Failed("PostgreSQL did not end") from None

    def sql(self, text):
        """the rows of a statement, fields apart by |"""
        return self._run("psql", "-h", self.path, "-U", USER, "-d", DATABASE, "-AtXq", "-v", "ON_ERROR_STOP=1", "-c",
                         text).stdout.split("\n")[:-1]

    def empty(self):
        self.sql("DROP TABLE IF EXISTS ouroboros_token, ouroboros_login, ouroboros_audit, ouroboros_check, ouroboros_schema")

    def processes(self):
        """ids of those that serve somebody but psql"""
        return [int(p) for p in self.sql("SELECT pid FROM pg_stat_activity WHERE application_name = 'ouroboros'")]

    def close(self):
        try:
            self.stop()
        finally:
            shutil.rmtree(self.path, ignore_errors=True)
