"""What pytest files of several folders share: servers that live as long as the run, a browser, fresh pages a test."""
import pytest

from . import stack
from .process import Workspace
from .visitor import Visitor, launch

__all__ = ["session_workspace", "github", "browser", "workspace", "visit"]


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
def visit(browser, request):
    """visit(web, …) makes a Visitor; complaints of the browser fail the test"""
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
