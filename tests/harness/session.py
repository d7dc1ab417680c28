"""What pytest files of several folders share: servers that live as long as the run, a browser, fresh pages a test."""
import time

import pytest

from . import stack
from .process import ReservedPort, Workspace
from .visitor import Visitor, launch

__all__ = ["session_workspace", "github", "browser", "workspace", "visit", "home"]

# A session is renewed after five minutes; younger cookies are taken over as they are.
YOUNG = 240


@pytest.fixture(scope="session")
def session_workspace():
    with Workspace() as workspace:
        yield workspace


@pytest.fixture(scope="session")
def github(session_workspace):
    return stack.GitHub(session_workspace)


@pytest.fixture(scope="session")
def browser():
    from playwright.sync_api import sync_playwright
    with sync_playwright() as playwright:
        chromium = launch(playwright)
        yield chromium
        chromium.close()


class Home:
    """where each test's own ouroboros-web stands: always the same address and session key, so that the cookies of a real
    sign-in open the next test's server too"""

    def __init__(self):
        self.port, self.session_key, self._kept = ReservedPort(), stack.new_session_key(), {}

    def web(self, workspace, headscale, github, **environment):
        return stack.Web(workspace, headscale, github, port=self.port.number, SESSION_KEY=self.session_key, **environment)

    def enter(self, visitor, account, path):
        """open a page signed in, by cookies if there are any; tests of the sign-in itself use Visitor.sign_in()"""
        cookies, since = self._kept.get(account, (None, 0))
        if time.monotonic() - since > YOUNG:
            since = time.monotonic()
            visitor.sign_in(account, path)
            self._kept[account] = visitor.context.cookies(), since
        else:
            visitor.context.add_cookies(cookies)
            visitor.open(path)
        assert visitor.page.url == visitor.web.url(path), visitor.text()


@pytest.fixture(scope="session")
def home():
    place = Home()
    yield place
    place.port.close()


@pytest.fixture
def workspace(request):
    """a folder and processes of one test; their logs are shown if the test fails"""
    workspace = Workspace()
    yield workspace
    report = getattr(request.node, "report_call", None)
    logs = workspace.logs() if report is not None and report.failed else None
    try:
        workspace.close()
    finally:
        if logs:
            print(logs)


@pytest.fixture
def visit(browser, request, workspace):
    """visit(web, …) makes a Visitor; complaints of the browser fail the test. It needs the workspace only so that pages are
    closed before the servers behind them end: a connection that a browser opened in advance is waited for a second."""
    made = []

    def make(web, **options):
        visitor = Visitor(browser, web, **options)
        made.append(visitor)
        return visitor
    yield make
    report = getattr(request.node, "report_call", None)
    complaints = []
    for v in made:
        if report is not None and report.failed and not v.page.is_closed():
            print("---- page %s\n%s" % (v.page.url, v.page.locator("body").inner_text()[:3000]))
        complaints += v.complaints
        v.close()
    assert not complaints, "\n".join(map(str, complaints))
