"""A command line that asks to be let in: what the person sees, yes, no, by link and by code."""
import pytest
from harness.program import Program


@pytest.fixture
def generation():
    return "0.29"


@pytest.fixture
def web(workspace, headscale, github, home):
    return home.web(workspace, headscale, github, STATE_DIR=str(workspace.path))


@pytest.fixture(params=(True, False), ids=("js", "nojs"))
def mia(request, visit, web, home):
    visitor = visit(web, javascript=request.param)
    home.enter(visitor, "mia", "/add")
    return visitor


@pytest.fixture
def program(web):
    made = []

    def start(**values):
        made.append(Program(web, **values))
        return made[-1]
    yield start
    for p in made:
        p.close()


def test_approve_by_link(mia, program):
    p = program()
    mia.open(p.path())
    text = mia.text()
    assert mia.heading() == "Let a command line in?"
    assert "calls itself mia’s <b>laptop</b> asks to act for you" in text and "nobody has checked it" in text
    assert "rename, log out, remove and add devices" in text and "make and revoke keys" not in text
    assert "30 days, or until you revoke it" in text
    assert "from 127.0.0.1, where you are too" in text
    assert "If somebody sent you this link, refuse" in text
    mia.page.get_by_role("button", name="Approve").click()
    mia.page.wait_for_url("http://127.0.0.1:%d/*" % p.server.server_port)
    came, = p.came
    assert came["id"] == p.login["id"] and set(came) == {"id", "grant"}
    # whoever has not the grant gets nothing
    assert p.redeem()[0] == p.redeem(grant="x" * 43)[0] == 404
    status, answer = p.redeem(grant=came["grant"])
    assert status == 200 and answer["token"].startswith("ouro_pat_")
    assert p.redeem(grant=came["grant"])[0] == 404
    mia.open("/tokens")
    row = " ".join(mia.page.locator("#tokens tr").text_content().split())
    assert "mia’s <b>laptop</b>" in row and "look, change devices" in row
    # answered is answered
    assert mia.open(p.path()).status == 404 and mia.heading() == "Nothing waits here"


def test_refuse(mia, program):
    p = program()
    mia.open(p.path())
    mia.press("Refuse")
    assert mia.heading() == "Refused" and p.came == []
    assert p.redeem()[0] == 403
    mia.open("/tokens")
    assert "None yet." in mia.text()


def test_by_code(mia, program):
    p = program(listens=False)
    assert p.redeem()[0] == 202
    mia.open("/cli")
    mia.page.get_by_label("Code").fill("BCDF-GHJK")
    mia.press("Go on")
    assert "No command line waits with this code." in mia.page.locator("#code-error").inner_text()
    mia.page.get_by_label("Code").fill(" %s " % p.login["code"].lower().replace("-", ""))
    mia.press("Go on")
    assert "If somebody sent you the code, refuse" in mia.text()
    mia.press("Approve")
    assert mia.heading() == "Approved" and "Go back to the terminal" in mia.text()
    status, answer = p.redeem()
    assert status == 200 and answer["token"].startswith("ouro_pat_")


def test_a_link_of_one_with_a_code_leads_nowhere(mia, program):
    """its id is the program's alone: a link made of it would spare the person the code"""
    p = program(listens=False)
    assert mia.open(p.path()).status == 404


def test_signing_in_leads_back(visit, web, program):
    p = program()
    v = visit(web)
    v.open(p.path())
    assert v.heading() == "Sign in to let a command line in"
    v.sign_in("mia", path=None)
    assert v.path() == "/ouroboros" + p.path() and v.heading() == "Let a command line in?"


def test_looking_grants_nothing(mia, program):
    p = program()
    for _ in range(3):
        mia.open(p.path())
    assert p.redeem()[0] in (202, 404) and p.came == []


def test_nothing_waits(mia):
    for path in ("/cli/" + "A" * 43, "/cli/x", "/cli/" + "0" * 63):
        assert mia.open(path).status == 404 and mia.heading() == "Nothing waits here", path


def test_forms_lead_to_that_program_and_nowhere_else(visit, web, home, program):
    p, other = program(), program()
    v = visit(web)
    home.enter(v, "mia", "/add")
    policy = v.context.request.get(web.url(p.path())).headers["content-security-policy"]
    target = "http://127.0.0.1:%d" % p.server.server_port
    assert "form-action 'self' http://127.0.0.1" in policy and policy.count(target) == 1
    assert str(other.server.server_port) not in policy
    assert target not in v.context.request.get(web.url("/cli")).headers["content-security-policy"]


def test_longer_than_the_rules_allow(visit, web, home, program):
    """the rule became shorter while it waited"""
    p = program()
    web.restart(RULES='{"tokens": "7d"}')
    v = visit(web)
    home.enter(v, "mia", p.path())
    v.press("Approve")
    assert v.heading() == "The command line was not let in" and "The rules of this network do not allow that." in v.text()
    assert p.came == []


def test_no_room_for_one_more(visit, web, home, program):
    v = visit(web, javascript=False)
    home.enter(v, "mia", "/tokens")
    p = program()
    for i in range(50):
        v.page.get_by_label("What is it for?").fill("number %d" % i)
        v.press("Make a token")
    assert v.page.locator("#tokens tr").count() == 50
    v.page.get_by_label("What is it for?").fill("one more")
    v.press("Make a token")
    assert v.note() == "You have as many tokens as one person may have. Revoke one first."
    v.open(p.path())
    v.press("Approve")
    assert v.heading() == "The command line was not let in" and "Revoke one first." in v.text()
    assert p.came == []
