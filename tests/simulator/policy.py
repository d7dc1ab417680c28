"""Just enough of HuJSON and of the policy rules to accept good policies and refuse bad ones with the server's texts."""
import json

from .bands import by_band
from .names import Refused, go_quote

KNOWN_FIELDS = ("groups", "hosts", "tagOwners", "acls", "autoApprovers", "ssh", "tests", "sshTests", "randomizeClientPort",
                "grants", "nodeAttrs", "postures")


class _Reader:
    def __init__(self, text):
        self.text, self.at = text, 0

    def fault(self, what, at=None):
        at = self.at if at is None else at
        line = self.text.count("\n", 0, at) + 1
        column = at - (self.text.rfind("\n", 0, at) + 1) + 1
        return Refused(2, "hujson: line %d, column %d: %s" % (line, column, what))

    def skip(self):
        t = self.text
        while self.at < len(t):
            if t[self.at] in " \t\r\n":
                self.at += 1
            elif t.startswith("//", self.at):
                end = t.find("\n", self.at)
                self.at = len(t) if end < 0 else end + 1
            elif t.startswith("/*", self.at):
                end = t.find("*/", self.at)
                if end < 0:
                    raise self.fault("unexpected EOF", len(t))
                self.at = end + 2
            else:
                return

    def value(self):
        self.skip()
        if self.at >= len(self.text):
            raise self.fault("unexpected EOF")
        c = self.text[self.at]
        if c == "{":
            return self.members("}", lambda: (self.name(), self.value()), dict)
        if c == "[":
            return self.members("]", self.value, list)
        if c == '"':
            return self.string()
        return self.literal()

    def name(self):
        self.skip()
        if self.at < len(self.text) and self.text[self.at] == '"':
            key = self.string()
        else:
            self.literal()
            raise self.fault("object member name must be a string")
        self.skip()
        if not self.text.startswith(":", self.at):
            raise self.fault("invalid character after object name (expecting ':')")
        self.at += 1
        return key

    def members(self, close, one, kind):
        self.at += 1
        out = []
        while True:
            self.skip()
            if self.text.startswith(close, self.at):
                self.at += 1
                return kind(out)
            out.append(one())
            self.skip()
            if self.text.startswith(",", self.at):
                self.at += 1
            elif not self.text.startswith(close, self.at):
                raise self.fault("unexpected EOF" if self.at >= len(self.text) else
                                 "invalid character '%s' after value" % self.text[self.at])

    def string(self):
        start = self.at
        self.at += 1
        while self.at < len(self.text) and self.text[self.at] != '"':
            self.at += 2 if self.text[self.at] == "\\" else 1
        if self.at >= len(self.text):
            raise self.fault("unexpected EOF")
        self.at += 1

        try:
            return json.loads(self.text[start:self.at])
        except ValueError:
            raise self.fault("invalid string", start) from None

    def literal(self):
        start = self.at
        while self.at < len(self.text) and (self.text[self.at].isalnum() or self.text[self.at] in "+-._"):
            self.at += 1
        word = self.text[start:self.at]
        values = {"true": True, "false": False, "null": None}
        if word in values:
            return values[word]
        try:
            return float(word)
        except ValueError:
            if not word:
                raise self.fault("invalid character '%s'" % self.text[start], start) from None
            raise self.fault("invalid literal: %s" % word, start) from None


def parse(text):
    r = _Reader(text)
    v = r.value()
    r.skip()
    if r.at < len(text):
        raise r.fault("invalid character '%s' after top-level value" % text[r.at])
    return v


def _aliases(rule):
    for side in ("src", "dst"):
        for alias in rule.get(side, []):
            yield alias


def check(text, band):
    """the parsed policy, or Refused with the text of SetPolicy (CheckPolicy: without the first words)"""
    if not text and band >= "E":
        return {}
    try:
        p = parse(text)
    except Refused as e:
        raise Refused(2, by_band({"B": "loading ACL policy file: parsing hujson, err: ",
                                  "C-D": "setting policy: parsing policy: parsing hujson, err: ",
                                  "E+": "setting policy: parsing policy: parsing HuJSON: "}, band) + e.text) from None
    head = "loading ACL policy file: " if band < "C" else "setting policy: parsing policy: "
    known = isinstance(p, dict) and any(p.get(k) for k in KNOWN_FIELDS)
    if band < "E" and not known:
        raise Refused(2, head + "empty policy")
    if not isinstance(p, dict):
        raise Refused(2, head + "not an object")
    unknown = next((k for k in p if k not in KNOWN_FIELDS), None)
    if unknown is not None and band >= "F":
        raise Refused(2, head + ("unknown field: " if band >= "H" else "unknown field ") + go_quote(unknown))
    for i, rule in enumerate(p.get("acls") or []):
        for j, alias in enumerate(_aliases(rule)):
            group = alias.rsplit(":", 1)[0] if alias.count(":") > 1 else alias
            if group.startswith("group:") and group not in (p.get("groups") or {}):
                raise Refused(2, _no_group(group, i, j, band))
    return p


def _no_group(group, i, j, band):
    if band < "E":
        return ("%s: parsing policy, acl index: %d->%d: group %s isn't registered. invalid group"
                % ("verifying policy rules" if band < "C" else "setting policy: compiling filter rules", i, j, group))
    if band < "H":
        return ("setting policy: parsing policy: Group %s is not defined in the Policy, please define or remove the"
                " reference to it" % go_quote(group))
    return "setting policy: parsing policy: group not defined in policy: " + go_quote(group)
