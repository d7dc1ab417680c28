#!/usr/bin/env python3
"""The man pages against the program: scdoc and groff take them without a word; every setting, rule, option, status, function
and every text that an operator can meet is in its page, and nothing is in a page that the program does not have."""

import re
import shutil
import subprocess
import sys

import csource

MAN = "packaging/man/"
WEB, SETTINGS, LIBRARY = MAN + "ouroboros-web.8.scd", MAN + "ouroboros.json.5.scd", MAN + "libouroboros.3.scd"

KINDS = {"TEXT": "text", "SWITCH": "switch", "NUMBER": "number", "LIST": "list", "OBJECT": "object"}

# Where texts come from that reach the log, standard error or /readyz.
SPEAKERS = (
    "libouroboros/access/policy*.c", "libouroboros/access/prefix.c", "libouroboros/settings/*.c",
    "libouroboros/headscale/detect*.c", "libouroboros/headscale/read.c", "libouroboros/identity/*.c",
    "libouroboros/net/*.c", "libouroboros/rpc/*.c", "libouroboros/tailnet/*.c", "libouroboros/tailnet/state.h",
    "libouroboros/base/error.c",
    "libouroboros/api/portal.c", "frontends/web/app.c", "frontends/web/asset.c", "frontends/web/auth.c",
    "frontends/web/call.c", "frontends/web/health.c", "frontends/web/log.c", "frontends/web/main.c",
    "frontends/web/mustache.c", "frontends/web/options.c", "frontends/web/reload.c", "frontends/web/request.c",
    "frontends/web/router.c", "frontends/web/server.c", "frontends/web/session.c",
)  # fmt: skip

# Literals of those files that no operator meets. One that fits nothing any more is a fault.
SILENT = (
    # headers, cookies and requests
    r"[A-Z][A-Za-z-]+: ", r"; Max-Age=", r"%s=%s; Path=", r"GET, HEAD", r"text/\w+; charset=",
    # a program's mistakes: libouroboros(3) has them under OURO_ERR_INVALID
    r".*(no place for|(is|are) missing(, or| *$)|none given|size of the status|a (portal|person) needs|no tailnet)",
    r"GitHub: the (state|purpose) is", r"session: not an identity", r"neither an address nor a socket",
    r"too many header fields", r"a header field holds", r"%s is not valid UTF-8",
    r"a plaintext of %zu", r"a seal of %zu", r"sessions: the audience", r"transport %d is", r"the address of Headscale is",
    r"an address needs an API key", r"a time of more than", r"there is no such key",
    # the people's own pages
    r"the form does not belong to this session", r"the session (was|reached|comes)", r"session: sealed by another",
    r"not sealed here", r"This page could not be made", r"There is no such", r"The form ", r"This address does not answer",
    # what the summary of --check-config calls its lines
    r"login server$", r"callback URL$", r"%-18s ",
    # a test's stream, and names inside
    r"the script refuses", r"the connection broke: by script", r"ouroboros stream$",
    r"%s is too long for a method's name", r'"%\.\d+s" is no path', r"%s: the path names a field",
    r"%s: Headscale's HTTP API does not have it", r"%s cannot be sent over HTTP", r"%s has no form as", r"%s is not a time between",
    # compared with what a server says, never said
    r"wrong version number$", r"invalid token$", r"Not Found$", r"404 page not found$", r"HTTP request to an HTTPS server$",
    r"plain HTTP request was sent to HTTPS port$",
    r"capability version$",
    r"failed to validate token$", r"validating token$", r"grpc: received message",
)  # fmt: skip

STRING = re.compile(r'"((?:[^"\\\n]|\\.)*)"')
DIRECTIVE = re.compile(r"%[-+ #0]*(?:\d+|\*)?(?:\.(?:\d+|\*))?(?:hh|h|ll|l|z|j)?[diouxXcsp]")


class Faults:
    """counts and prints"""

    def __init__(self):
        self.count = 0

    def say(self, where, text):
        self.count += 1
        print(f"{where}: {text}")

    def both_ways(self, page, what, there, here):
        """what the program has and what its page has"""
        for name in sorted(set(there) - set(here)):
            self.say(page, f"{what} {name} is missing")
        for name in sorted(set(here) - set(there)):
            self.say(page, f"there is no {what} {name}")
        if not there:
            self.say(page, f"no {what} found in the program")


def uncommented(path):
    text = csource.read(path)
    return csource.TOKEN.sub(lambda m: " " if m.group()[0] == "/" else m.group(), text)


def literals(path):
    """the string literals of a C file, adjacent ones joined"""
    text = re.sub(r"'(?:\\.|[^'\\\n])'", " ", uncommented(path))
    found, end = [], None
    for match in STRING.finditer(text):
        if end is not None and not text[end : match.start()].strip():
            found[-1] += match.group(1)
        else:
            found.append(match.group(1))
        end = match.end()
    return [re.sub(r"\\(.)", lambda m: "\n" if m.group(1) == "n" else m.group(1), text) for text in found]


def section(page, name):
    """the lines of a page below a heading"""
    match = re.search(rf"^# {name}\n(.*?)(?=^# |\Z)", page, re.MULTILINE | re.DOTALL)
    return match.group(1) if match else ""


def check_settings(faults):
    path = "libouroboros/settings/table.c"
    source = uncommented(path)
    rows = re.findall(r'\{"(\w+)",\s*(\w+),\s*([01]),\s*(NULL|"(?:[^"\\]|\\.)*")', source)
    if len(rows) != source.count("] = {\""):
        faults.say(path, "the table is not read in full; look at tests/tools/manpages.py")
    page = csource.read(SETTINGS)
    shown = dict(re.findall(r"^\*([a-z_]+)\*, _[A-Z_]+_\n\t(.*)$", page, re.MULTILINE))
    faults.both_ways(SETTINGS, "setting", [row[0] for row in rows], shown)
    for key, variable in re.findall(r"^\*([a-z_]+)\*, _([A-Z_]+)_$", page, re.MULTILINE):
        if variable != key.upper():
            faults.say(SETTINGS, f"{key}: the variable is {key.upper()}")
    for key, shape, secret, fallback in rows:
        kind = KINDS[shape.rpartition("_")[2]]
        value = fallback.strip('"')
        if kind == "switch":
            value = {"0": "false", "1": "true"}.get(value, value)
        wanted = r"(none|from )" if fallback == "NULL" else re.escape(value) + r"[.;]"
        line = shown.get(key, "")
        if line and not re.match(rf"Kind: {kind}\. Default: {wanted}", line):
            faults.say(SETTINGS, f"{key}: is a {kind} with the default {value}")
        if line and ("Secret." in line) != (secret == "1"):
            faults.say(SETTINGS, f"{key}: is {'' if secret == '1' else 'not '}a secret")


def check_rules(faults):
    rules = re.findall(r'^\t\{"(\w+)", read_', csource.read("libouroboros/access/policy_rules.c"), re.MULTILINE)
    shown = re.findall(r"^\*([a-z_]+)\*$", section(csource.read(SETTINGS), "RULES"), re.MULTILINE)
    faults.both_ways(SETTINGS, "rule", rules, shown)


def check_options(faults):
    source = uncommented("frontends/web/options.c")
    options = {
        f"--{name}" + (" ARGUMENT" if needs == "required" else "")
        for name, needs in re.findall(r'\{"([a-z-]+)", (required|no)_argument', source)
    }
    letters = re.search(r'getopt_long\(argc, argv, "([^"]*)"', source).group(1)
    options |= {
        f"-{letter}" + (" ARGUMENT" if argument else "") for letter, argument in re.findall(r"(\w)(:?)", letters)
    }
    heads = re.findall(r"^\*-.*$", section(csource.read(WEB), "OPTIONS"), re.MULTILINE)
    shown = {
        name + (" ARGUMENT" if argument else "")
        for head in heads
        for name, argument in re.findall(r"\*(-[a-z-]+)\*( _[A-Z]+_)?", head)
    }
    faults.both_ways(WEB, "option", options, shown)


def check_library(faults):
    page = csource.read(LIBRARY)
    symbols = csource.read("tests/api/symbols.txt").split()
    faults.both_ways(LIBRARY, "function", symbols, re.findall(r"\b(ouro_\w+)(?=\()", page))
    table = re.findall(r'X\((\w+), -?\d+, "([^"]+)",\s*(?:\\\n\s*)?"([^"]+)"\)',
                       csource.read("include/ouroboros/error.h"))
    faults.both_ways(
        LIBRARY,
        "status",
        [f"OURO_{name} ({token}): {text}" for name, token, text in table],
        [" ".join(row) for row in re.findall(r"^\*(OURO_(?:OK|ERR_\w+))\* (\(.*)$", page, re.MULTILINE)],
    )


def is_text(literal):
    words = re.findall(r"[A-Za-z]{2,}", DIRECTIVE.sub(" ", literal))
    return len(words) >= 2 and " " in literal.strip() and "\n" not in literal.strip("\n")


def is_said(literal, lines):
    """whether a line has the literal, with anything in the place of its directives"""
    parts = [part.replace("*", "") for part in DIRECTIVE.split(literal.strip())]
    longest, wanted = max(parts, key=len), re.compile(".{1,120}?".join(map(re.escape, parts)))
    return any(longest in line and wanted.search(line) for line in lines)


def check_texts(faults):
    page = csource.read(WEB).replace("\\", "").replace("*", "")
    lines = page.splitlines()
    silent = {pattern: 0 for pattern in SILENT}
    files = [path for speaker in SPEAKERS for path in sorted(csource.ROOT.glob(speaker))]
    seen = 0
    for path in files:
        name = path.relative_to(csource.ROOT).as_posix()
        for literal in dict.fromkeys(filter(is_text, literals(name))):
            fits = [pattern for pattern in SILENT if re.match(pattern, literal)]
            for pattern in fits:
                silent[pattern] += 1
            seen += 1
            if not fits and not is_said(literal, lines):
                faults.say(name, f"not in ouroboros-web(8): {literal.strip()}")
    for pattern, count in silent.items():
        if not count:
            faults.say("tests/tools/manpages.py", f"nothing fits {pattern}")
    for speaker in SPEAKERS:
        if not list(csource.ROOT.glob(speaker)):
            faults.say("tests/tools/manpages.py", f"there is no {speaker}")
    served = re.search(r'OURO__GENERATIONS_SERVED "([^"]+)"', csource.read("libouroboros/headscale/generation.h"))
    if not served or f"Headscale {served.group(1)}" not in page:
        faults.say(WEB, "does not say which versions of Headscale are served")
    return seen


def check_typesetting(faults, page):
    made = subprocess.run(["scdoc"], input=csource.read(page), capture_output=True, text=True, check=False)
    if made.returncode != 0:
        faults.say(page, f"scdoc: {made.stderr.strip()}")
        return
    # What man --warnings runs.
    set_ = subprocess.run(["groff", "-t", "-man", "-Tutf8", "-Kutf8", "-ww", "-z"], input=made.stdout,
                          capture_output=True, text=True, check=False)
    for line in set_.stderr.splitlines():
        faults.say(page, line)
    if set_.returncode != 0 and not set_.stderr:
        faults.say(page, "groff fails")
    name = page.rpartition("/")[2]
    if not csource.read(page).startswith("{}({})\n".format(*name[: -len(".scd")].rsplit(".", 1))):
        faults.say(page, "the first line is not the page's name and section")


def main():
    faults = Faults()
    for program in ("scdoc", "groff"):
        if not shutil.which(program):
            faults.say(program, "not installed")
            return 1
    for page in (WEB, SETTINGS, LIBRARY):
        if not (csource.ROOT / page).is_file():
            faults.say(page, "missing")
            return 1
    for path in sorted((csource.ROOT / MAN).glob("*.scd")):
        check_typesetting(faults, path.relative_to(csource.ROOT).as_posix())
    check_settings(faults)
    check_rules(faults)
    check_options(faults)
    check_library(faults)
    seen = check_texts(faults)
    if not faults.count:
        print(f"the man pages agree with the program ({seen} texts)")
    return 1 if faults.count else 0


if __name__ == "__main__":
    sys.exit(main())
