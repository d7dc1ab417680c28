"""Processes on the loopback: started here, watched here, ended here by their own process id.

Every process writes its errors to a file of the Workspace, so that a failing test can show them. Every wait has a bound.
"""
import json
import os
import pathlib
import queue
import shutil
import signal
import socket
import subprocess
import tempfile
import threading
import time
import weakref

TESTS = pathlib.Path(__file__).resolve().parent.parent


def build_directory():
    """where the binaries are: OURO_BUILD_DIR, else build/debug"""
    return pathlib.Path(os.environ.get("OURO_BUILD_DIR") or TESTS.parent / "build" / "debug").resolve()


def _slower():
    """how much longer to wait: instrumented builds take their time"""
    if "OURO_SLOWER" in os.environ:
        return float(os.environ["OURO_SLOWER"])
    try:
        cache = (build_directory() / "CMakeCache.txt").read_text()
    except OSError:
        return 1.0
    return 3.0 if any(x.startswith("OURO_SANITIZE:") and x.partition("=")[2] for x in cache.splitlines()) else 1.0


SLOWER = _slower()


class Failed(Exception):
    """a process or a wait did not do what it should; the text carries the log"""


def free_port():
    """a TCP port that was free a moment ago"""
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def wait_until(ask, seconds, what):
    """the first true answer of ask(), or Failed after so many seconds"""
    end = time.monotonic() + seconds * SLOWER
    while True:
        answer = ask()
        if answer:
            return answer
        if time.monotonic() > end:
            raise Failed("%s: not within %g s" % (what, seconds * SLOWER))
        time.sleep(0.02)


def kept_waiting():
    """seconds that this process and its children could have run, had there been a processor: what a busy machine adds to
    a measured time. 0 where the kernel does not count it, so that bounds are then as strict as they look."""
    total = 0
    try:
        children = pathlib.Path("/proc/self/task/%d/children" % os.getpid()).read_text().split()
    except OSError:
        return 0.0
    for pid in ["self", *children]:
        for stat in pathlib.Path("/proc/%s/task" % pid).glob("*/schedstat"):
            try:
                total += int(stat.read_text().split()[1])
            except (OSError, IndexError):
                pass  # the thread has ended
    return total / 1e9


class ReservedPort:
    """a TCP port that nobody else gets: bound here without listening, which lets servers with SO_REUSEADDR listen on it"""

    def __init__(self):
        self._socket = socket.socket()
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self._socket.bind(("127.0.0.1", 0))
        self.number = self._socket.getsockname()[1]

    def close(self):
        self._socket.close()


def answers(port):
    with socket.socket() as s:
        s.settimeout(1)
        return s.connect_ex(("127.0.0.1", port)) == 0


class Workspace:
    """a temporary folder and the processes that live in it; closing ends them in reverse order"""

    def __init__(self):
        self.path = pathlib.Path(tempfile.mkdtemp(prefix="ouro-"))
        self.processes = []

    def file(self, name, text=None, mode=0o600):
        path = self.path / name
        if text is not None:
            path.write_text(text)
            path.chmod(mode)
        return str(path)

    def start(self, name, command, **options):
        process = Process(self, name, command, **options)
        self.processes.append(process)
        return process

    def logs(self, last=4000):
        parts = []
        for p in self.processes:
            parts.append("---- %s (pid %d, %s)\n%s" % (p.name, p.pid, p.fate(), p.log()[-last:]))
        return "\n".join(parts)

    def close(self):
        faults = []
        for p in reversed(self.processes):
            try:
                p.stop()
            except Failed as e:
                faults.append(str(e))
        self.processes = []
        shutil.rmtree(self.path, ignore_errors=True)
        if faults:
            raise Failed("\n".join(faults))

    def __enter__(self):
        return self

    def __exit__(self, *exc):
        self.close()


def wording(status):
    """a return code in words; a signal by its name"""
    if status >= 0:
        return "exit status %d" % status
    try:
        return "ended by %s" % signal.Signals(-status).name
    except ValueError:
        return "ended by signal %d" % -status


class Process:
    """one child. clean: exit statuses that are fine after SIGTERM."""
    started = weakref.WeakSet()

    def __init__(self, workspace, name, command, environment=None, clean=(0, -signal.SIGTERM), grace=12, cwd=None):
        self.name, self.clean, self.grace, self.gone = name, clean, grace, None
        count = sum(p.name == name for p in workspace.processes)
        self.log_path = workspace.path / ("%s-%d.log" % (name, count))
        self._log = open(self.log_path, "wb")
        self._lines = queue.Queue()
        self.stopped = False
        self.child = subprocess.Popen([str(c) for c in command], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                      stderr=self._log, env=environment, cwd=cwd or workspace.path,
                                      start_new_session=True)
        self.pid = self.child.pid
        self.started.add(self)
        threading.Thread(target=self._pump, daemon=True).start()

    def _pump(self):
        for line in self.child.stdout:
            self._lines.put(line.decode("utf-8", "replace"))
        self.gone = time.time()
        self._lines.put(None)

    def line(self, seconds=20):
        """the next line of its standard output"""
        try:
            line = self._lines.get(timeout=seconds * SLOWER)
        except queue.Empty:
            raise Failed("%s said nothing for %g s\n%s" % (self.name, seconds * SLOWER, self.log())) from None
        if line is None:
            raise Failed("%s ended (%s)\n%s" % (self.name, self.fate(), self.log()))
        return line

    def json_line(self, seconds=20):
        return json.loads(self.line(seconds))

    def log(self):
        return self.log_path.read_text(errors="replace")

    def wait_log(self, find, seconds=10):
        """the match of a compiled expression in its log"""
        def look():
            found = find.search(self.log())
            if not found and self.child.poll() is not None:
                raise Failed("%s ended (%s)\n%s" % (self.name, self.fate(), self.log()))
            return found
        try:
            return wait_until(look, seconds, "%s: %s in its log" % (self.name, find.pattern))
        except Failed as e:
            raise Failed("%s\n%s" % (e, self.log())) from None

    def alive(self):
        return self.child.poll() is None

    def fate(self):
        if self.alive():
            return "running"
        # When it closed its output is when it went, to within a moment: what else happened then may say why.
        at = time.gmtime(self.gone) if self.gone else None
        return wording(self.child.returncode) + (time.strftime(" at %Y-%m-%dT%H:%M:%SZ", at) if at else "")

    def signal(self, number):
        self.child.send_signal(number)  # to nobody else: not if it has ended

    def stop(self):
        """SIGTERM, then wait; Failed if it had ended before, does not end in time, or ends badly"""
        if self.stopped:
            return None
        self.stopped = True
        early = not self.alive()
        self.signal(signal.SIGTERM)
        try:
            self.child.wait(self.grace * SLOWER)
        except subprocess.TimeoutExpired:
            self.signal(signal.SIGKILL)
            self.child.wait(5)
            raise Failed("%s did not end within %g s\n%s" % (self.name, self.grace * SLOWER, self.log())) from None
        finally:
            self._log.close()
        status = self.child.returncode
        if early or status not in self.clean:
            raise Failed("%s: %s%s\n%s" % (self.name, self.fate(), ", before it was told to" if early else "", self.log()))
        return status


def casualties():
    """what has ended without being told to, of any Workspace, with the end of its log"""
    gone = sorted((p for p in list(Process.started) if not p.stopped and not p.alive()), key=lambda p: p.gone or time.time())
    return "\n".join("%s (pid %d): %s\n%s" % (p.name, p.pid, p.fate(), p.log()[-2000:]) for p in gone if p.log_path.exists())


def plain_environment(**more):
    """an environment without anything that could reach a server by accident"""
    keep = {k: v for k, v in os.environ.items()
            if k in ("PATH", "HOME", "LANG", "TMPDIR", "PYTHONPYCACHEPREFIX") or k.startswith(("ASAN_", "UBSAN_", "TSAN_", "LSAN_"))}
    keep.update({k: str(v) for k, v in more.items() if v is not None})
    return keep
