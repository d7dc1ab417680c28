"""A person with a browser: what they read and press, in the words of the pages. Works with and without JavaScript."""
import os
import re
import shutil

from .process import SLOWER

# Longer than ouroboros-web waits for a write that is not answered.
PATIENCE = 25000 * SLOWER
# What the browser itself says about an answer that is not 200; the tests ask for such answers.
# What a browser says of answers that a test asks for: refusals, and a server that is being restarted while a page looks for news.
EXPECTED = re.compile(r"Failed to load resource: (the server responded with a status of|"
                      r"net::ERR_(CONNECTION_REFUSED|CONNECTION_RESET|EMPTY_RESPONSE))")


def launch(playwright, *arguments):
    """the system's Chromium; nothing is downloaded. The headless shell is the same engine without the rest of a browser:
    a page costs it half as much, a new context a third. The limit keeps it from starting a second process in advance for
    each context; contexts never share one."""
    names = ("chromium-headless-shell", "chromium", "chromium-browser")
    path = os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, names)), None)
    sandbox = [] if os.getuid() else ["--no-sandbox"]
    return playwright.chromium.launch(executable_path=path, args=[*sandbox, "--disable-gpu", "--in-process-gpu",
                                                                  "--renderer-process-limit=1",
                                                                  "--disable-dev-shm-usage", *arguments])


class Visitor:
    """web: something with .url(path). Complaints of the browser (CSP, script errors, dialogs) collect in .complaints."""

    def __init__(self, browser, web, javascript=True, width=1280, dark=False, **options):
        self.web = web
        self.context = browser.new_context(java_script_enabled=javascript, viewport={"width": width, "height": 900},
                                           color_scheme="dark" if dark else "light", locale="en-GB",
                                           timezone_id="UTC", **options)
        self.context.set_default_timeout(PATIENCE)
        self.javascript, self.complaints, self.requests = javascript, [], []
        self.page = self.context.new_page()
        self.page.on("console", self._console)
        self.page.on("pageerror", lambda e: self.complaints.append("script: %s" % e))
        self.page.on("dialog", self._dialog)
        self.page.on("request", lambda r: self.requests.append(r.url))

    def _console(self, message):
        if message.type in ("error", "warning") and not EXPECTED.search(message.text):
            self.complaints.append("console: " + message.text)

    def _dialog(self, dialog):
        self.complaints.append("dialog: " + dialog.message)
        dialog.dismiss()

    def close(self):
        self.context.close()

    # ---- reading

    def open(self, path="/"):
        """the answer to a path of the site"""
        return self.page.goto(self.web.url(path))

    def heading(self):
        return " ".join(self.page.get_by_role("heading", level=1).inner_text().split())

    def text(self):
        return " ".join(self.page.locator("main").inner_text().split())

    def note(self):
        """the result message above the page"""
        return " ".join(self.page.locator("main .note").first.inner_text().split())

    def noted_withdrawal(self, headscale, words):
        """whether the note says that a device's last approval is taken back, with a warning where the server may forget that"""
        note = self.note()
        warned = note.startswith(words) and "when it is restarted" in note
        return warned if headscale.forgets_last_withdrawal else note == words

    def path(self):
        return re.sub(r"^[a-z]+://[^/]+", "", self.page.url).partition("?")[0]

    def rows(self, part="mine"):
        """the rows of a list by the device's name: {name: text}"""
        found = {}
        for row in self.page.locator("#%s tr" % part).all():
            name = row.locator("th a").first.text_content().strip()
            found[name] = found.get(name, "") + " ".join(row.text_content().split())
        return found

    def button(self, name):
        """a button by its name: a text is the whole name"""
        return self.page.get_by_role("button", name=name, exact=isinstance(name, str))

    def press(self, name):
        self.button(name).click()
        self.page.wait_for_load_state()

    def follow(self, name):
        self.page.get_by_role("link", name=name).first.click()
        self.page.wait_for_load_state()

    # ---- doing

    def sign_in(self, account="mia", path="/"):
        """from any page that wants a person; ends where GitHub's answer leads"""
        if path is not None:
            self.open(path)
        self.press("Sign in with GitHub")
        self.page.get_by_role("button", name=re.compile("^Continue as %s" % account)).click()
        self.page.wait_for_url(re.compile("^" + re.escape(self.web.url("/").rsplit("/", 2)[0])))
        self.page.wait_for_load_state()

    def sign_out(self):
        self.press("Sign out")

    def open_node(self, node_id):
        return self.open("/nodes/%d" % node_id)

    def rename(self, node_id, name):
        self.open_node(node_id)
        self.page.get_by_role("textbox", name="Name").fill(name)
        self.press("Rename")

    def name_error(self):
        return " ".join(self.page.locator("#name-error").inner_text().split())

    def exit_node(self, node_id, on):
        self.open_node(node_id)
        self.press("Switch on" if on else "Switch off")

    def route(self, node_id, word, prefix):
        """word: Approve, Withdraw or Forget"""
        self.open_node(node_id)
        self.press(re.compile(r"^%s %s on " % (word, re.escape(prefix).replace("/", r"\/"))))

    def log_out_node(self, node_id, name):
        self.open_node(node_id)
        self.follow("Log out…")
        assert self.heading() == "Log %s out?" % name
        self.press("Log %s out" % name)

    def remove_node(self, node_id, name, typed=None):
        """typed: what is typed where the page wants the name; default the name"""
        self.open_node(node_id)
        self.follow("Remove…")
        assert self.heading() == "Remove %s?" % name
        box = self.page.get_by_role("textbox", name=re.compile("^Type its name"))
        if box.count():
            box.fill(name if typed is None else typed)
        self.press("Remove %s" % name)

    def add_device(self):
        """on the register page"""
        self.press("Add device")
