#!/usr/bin/env python3
"""Make openapi.json of openapi.yaml.

usage: openapi.py openapi.yaml openapi.json

Understands a simple kind of YAML and refuses the rest with the number of the line: block mappings and sequences, comments on lines
of their own, flow values written as JSON, '…' and plain text on one line, and >- for folded text. tests/rest holds it against a
whole YAML parser. The output is rewritten only when it changes.
"""

import json
import pathlib
import re
import sys

KEY = re.compile(r'("(?:[^"\\]|\\.)*"|[\w$./+-]+):(?: (.*))?$')
PLAIN_WRONG = re.compile(r"""^[\[\]{}&*!|>'"%@`,?#-]|: |:$| #""")


class Reader:
    """The lines that count, one after the other."""

    def __init__(self, text):
        self.lines = []
        for number, line in enumerate(text.split("\n"), 1):
            bare = line.strip()
            if bare and not bare.startswith("#"):
                self.lines.append((number, len(line) - len(line.lstrip(" ")), bare))
        self.at = 0

    def fail(self, why):
        number = self.lines[min(self.at, len(self.lines) - 1)][0]
        raise SystemExit(f"openapi.yaml:{number}: {why}")

    def indent(self):
        return self.lines[self.at][1] if self.at < len(self.lines) else -1

    def scalar(self, text):
        if text in ("true", "false", "null") or re.fullmatch(r"-?(0|[1-9]\d*)", text) or text[0] in '"[{':
            try:
                return json.loads(text)
            except ValueError:
                self.fail("write flow values as JSON")
        if len(text) > 1 and text[0] == text[-1] == "'":
            return text[1:-1].replace("''", "'")
        if PLAIN_WRONG.search(text):
            self.fail("quote this text")
        return text

    def folded(self, outer):
        words = []
        while self.indent() > outer:
            words.append(self.lines[self.at][2])
            self.at += 1
        return " ".join(words)

    def value(self, text, outer):
        """What stands behind a key or a dash, on this line or below it; the line is done with."""
        self.at += 1
        if text == ">-":
            return self.folded(outer)
        if text:
            return self.scalar(text)
        if self.indent() <= outer:
            self.fail("a value is missing before this line")
        return self.block(self.indent())

    def block(self, indent):
        return self.sequence(indent) if self.lines[self.at][2].startswith("- ") else self.mapping(indent)

    def sequence(self, indent):
        made = []
        while self.indent() == indent and self.lines[self.at][2].startswith("- "):
            number, _, bare = self.lines[self.at]
            rest = bare[2:]
            if KEY.match(rest):
                self.lines[self.at] = (number, indent + 2, rest)
                made.append(self.mapping(indent + 2))
            else:
                made.append(self.value(rest, indent))
        return made

    def mapping(self, indent):
        made = {}
        while self.indent() == indent:
            found = KEY.match(self.lines[self.at][2])
            if not found:
                self.fail("a key is expected here")
            key = json.loads(found[1]) if found[1][0] == '"' else found[1]
            if key in made:
                self.fail(f"{key} is here twice")
            made[key] = self.value(found[2] or "", indent)
        if self.indent() > indent:
            self.fail("this is indented too far")
        return made


def read(text):
    reader = Reader(text)
    made = reader.mapping(0)
    if reader.at < len(reader.lines):
        reader.fail("this is indented too little")
    return made


def main():
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    text = json.dumps(read(pathlib.Path(sys.argv[1]).read_text()), ensure_ascii=False, separators=(",", ":")) + "\n"
    path = pathlib.Path(sys.argv[2])
    if not path.is_file() or path.read_text() != text:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)


if __name__ == "__main__":
    main()
