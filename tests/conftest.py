"""For every pytest file below tests/: the packages beside it, what a test's own fixtures want to know about its end, which
processes were gone when it failed, and how the tests are spread over the workers of a run (-n)."""
import pathlib
import sys

import pytest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
from harness.process import casualties  # noqa: E402

# Files whose tests share nothing that belongs to their file: each goes to the next worker that is free. The tests of any
# other file run on one worker, one after the other.
SCATTERED = {"e2e/test_%s.py" % name for name in ("access", "devices", "node", "pages", "register", "signin", "trouble")}
SCATTERED |= {"live/test_live.py", "live/test_clients.py"}
SCATTERED |= {"simulator_tests/test_%s.py" % name for name in ("github", "headscale", "replay")}
SCATTERED |= {"upgrades/test_upgrades.py", "versions/test_versions_pages.py"}
# Files whose tests share what their parameters name: those with the same stay together.
BY_PARAMETERS = {"versions/test_versions.py"}


def pytest_configure(config):
    config.addinivalue_line("markers", "long: takes a quarter of a minute or more; begun first")
    config.addinivalue_line("markers", "breadth: the same code with many inputs; left out where a sanitizer looks on")


def unit(nodeid):
    """the tests that stay together, by the name of what they share"""
    path = nodeid.partition("::")[0]
    if path in BY_PARAMETERS:
        return path + nodeid[nodeid.find("["):]
    return nodeid if path in SCATTERED else path


def pytest_collection_modifyitems(items):
    """what takes long first, so that no worker is left alone with it in the end; then whole files, then single tests"""
    items.sort(key=lambda i: 0 if i.get_closest_marker("long") else 1 if unit(i.nodeid) != i.nodeid else 2)


def pytest_xdist_make_scheduler(config, log):
    from xdist.scheduler import LoadScopeScheduling

    class Scheduler(LoadScopeScheduling):
        def _split_scope(self, nodeid):
            return unit(nodeid)
    config.option.loadscopereorder = False  # the order is ours
    return Scheduler(config, log)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item, call):
    report = yield
    setattr(item, "report_" + report.when, report)
    gone = report.failed and casualties()
    if gone:
        # Whichever file's server it was: a test may fail because of one that ended before it began.
        report.sections.append(("processes that ended without being told to", gone))
    return report
