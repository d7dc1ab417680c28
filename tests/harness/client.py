"""A browser in forty lines, without a browser: cookies, redirects and forms over urllib. For the demo's check and for
measurements; the tests of pages use a real one."""
import html.parser
import http.cookiejar
import urllib.error
import urllib.parse
import urllib.request


class Forms(html.parser.HTMLParser):
    """the forms of a page: [{action, method, fields, buttons}]; a button is (name, value, text)"""

    def __init__(self, text):
        super().__init__()
        self.forms, self._form, self._button = [], None, None
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        a = dict(attributes)
        if tag == "form":
            self._form = {"action": a.get("action", ""), "method": a.get("method", "get"), "fields": {}, "buttons": []}
            self.forms.append(self._form)
        elif self._form is not None and tag == "input" and a.get("name") and (a.get("type") != "checkbox" or "checked" in a):
            self._form["fields"][a["name"]] = a.get("value", "")
        elif self._form is not None and tag == "button":
            self._button = [a.get("name"), a.get("value", ""), ""]

    def handle_data(self, data):
        if self._button is not None:
            self._button[2] += data

    def handle_endtag(self, tag):
        if tag == "button" and self._button is not None and self._form is not None:
            self._form["buttons"].append(tuple(self._button))
            self._button = None
        elif tag == "form":
            self._form = None


class Client:
    """follows redirects; .url, .status and .text are of the last answer"""

    def __init__(self, jar=None):
        """jar: cookies that are shared with somebody"""
        self.jar = http.cookiejar.CookieJar() if jar is None else jar
        self.opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(self.jar))
        self.url, self.status, self.text = None, None, ""

    def get(self, url):
        return self._open(urllib.request.Request(urllib.parse.urljoin(self.url or "", url)))

    def _open(self, request):
        try:
            with self.opener.open(request, timeout=20) as answer:
                self.status, self.url, self.text = answer.status, answer.url, answer.read().decode()
        except urllib.error.HTTPError as e:
            self.status, self.url, self.text = e.code, e.url, e.read().decode("utf-8", "replace")
        return self

    def buttons(self):
        """[(form, name, value, text)] of the page"""
        return [(form, name, value, " ".join(text.split())) for form in Forms(self.text).forms
                for name, value, text in form["buttons"]]

    def press(self, words, **fields):
        """send the form whose button's text has these words"""
        for form, name, value, text in self.buttons():
            if words in text:
                return self.post(urllib.parse.urljoin(self.url, form["action"]),
                                 **{**form["fields"], **fields, **({name: value} if name else {})})
        raise AssertionError("no button %r on %s" % (words, self.url))

    def post(self, url, **fields):
        """send fields as a form of that site would"""
        where = urllib.parse.urlsplit(url)
        return self._open(urllib.request.Request(url, urllib.parse.urlencode(fields).encode(),
                                                 {"Origin": "%s://%s" % (where.scheme, where.netloc)}))

    def sign_in(self, base, account="mia"):
        self.get(base + "/")
        self.press("Sign in with GitHub")
        return self.press("Continue as " + account)
