"""A private PostgreSQL for a run, and the program that works on stores."""
import os
import pathlib
import queue
import shutil
import signal
import subprocess
import tempfile
import threading

import pytest
from harness.postgres import Postgres
from harness.process import SLOWER, Failed, build_directory, plain_environment


class Tool:
    """store_tool on a place, as a conversation"""

    def __init__(self, place, *arguments):
        self.child = subprocess.Popen([str(build_directory() / "tests/store/store_tool"), str(place), *map(str, arguments)],
                                      stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                                      env=plain_environment())
        self.lines = queue.Queue()
        threading.Thread(target=self._pump, daemon=True).start()

    def _pump(self):
        for line in self.child.stdout:
            self.lines.put(line.rstrip("\n"))
        self.lines.put(None)

    def line(self, seconds=20):
        """the next line, None at the end"""
        try:
            return self.lines.get(timeout=seconds * SLOWER)
        except queue.Empty:
            raise Failed("store_tool said nothing for %g s" % (seconds * SLOWER)) from None

    def ask(self, command):
        self.child.stdin.write(command + "\n")
        self.child.stdin.flush()
        return self.line()

    def rest(self):
        """the lines up to the end"""
        lines = []
        while (line := self.line()) is not None:
            lines.append(line)
        self.child.wait(20 * SLOWER)
        return lines

    def close(self):
        """its exit status"""
        self.child.stdin.close()
        try:
            return self.child.wait(20 * SLOWER)
        except subprocess.TimeoutExpired:
            os.kill(self.child.pid, signal.SIGKILL)
            self.child.wait(10)
            raise Failed("store_tool did not end") from None


@pytest.fixture(scope="session")
def server():
    postgres = Postgres()
    yield postgres
    postgres.close()


@pytest.fixture
def postgres(server):
    """without tables"""
    if server.child.poll() is not None:
        server.start()
    server.empty()
    return server


@pytest.fixture
def folder():
    path = pathlib.Path(tempfile.mkdtemp(prefix="ouro-store-"))
    yield path
    shutil.rmtree(path, ignore_errors=True)


@pytest.fixture
def tool():
    """starts tools, which are open when they are handed over; closes them at the end"""
    started = []

    def start(place, *arguments):
        started.append(Tool(place, *arguments))
        first = started[-1].line()
        assert first == "open", first
        return started[-1]
    yield start
    for one in started:
        assert one.close() == 0
