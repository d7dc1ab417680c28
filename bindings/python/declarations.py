#!/usr/bin/env python3
"""The public headers as cffi takes them: makes ouroboros/_declarations.py.

usage: declarations.py [--write]

Without --write it prints nothing and ends with 1 if the file is not what the headers say. The
tests run it so, and hold each structure's layout against what a C compiler says besides.
"""

import argparse
import pathlib
import re
import sys

HERE = pathlib.Path(__file__).resolve().parent
HEADERS = HERE.parents[1] / "include"
TARGET = HERE / "ouroboros" / "_declarations.py"

HEAD = '''"""The public headers, as made by declarations.py. Do not edit: run declarations.py --write."""

# (name, value, token, meaning) of each status
STATUSES = (
%s)

CONSTANTS = {
%s}

DECLARATIONS = """
%s"""
'''

NUMBER = re.compile(r"^#define (OURO_\w+) +(0x[0-9a-f]+|\d+)u?$", re.MULTILINE)
ROW = re.compile(r'X\((\w+), (-?\d+), "([^"]*)",\s*"([^"]*)"\)')
ENUM = re.compile(r"^enum (\w+) \{(.*?)\};", re.MULTILINE | re.DOTALL)
INCLUDE = re.compile(r"^#include <(ouroboros/\w+\.h)>", re.MULTILINE)


def in_order(name, seen):
    """The text of a header after those that it includes, each once."""
    if name in seen:
        return ""
    seen.add(name)
    text = (HEADERS / name).read_text(encoding="utf-8")
    return "".join(in_order(other, seen) for other in INCLUDE.findall(text)) + text


def plain(text):
    """Without comments and with continued lines joined."""
    text = re.sub(r"/\*.*?\*/", "", text, flags=re.DOTALL)
    return re.sub(r"[ \t]*\\\n[ \t]*", " ", text)


def constants_of(text):
    """{name: value} of what is defined as a number, and of the enumerations."""
    found = {name: int(value, 0) for name, value in NUMBER.findall(text)}
    for enum, body in ENUM.findall(text):
        if enum == "ouro_status_value":
            continue  # made of the table of statuses
        for item in filter(None, (part.strip() for part in body.split(","))):
            name, _, value = item.partition(" = ")
            found[name] = int(value, 0)
    if "#define OURO_TIME_NEVER INT64_MAX" in text:
        found["OURO_TIME_NEVER"] = 2**63 - 1
    return found


def declarations_of(text, constants):
    """Types and functions alone, each function on a line."""
    text = re.sub(r"^#.*\n", "", text, flags=re.MULTILINE)
    text = ENUM.sub("", text)
    text = re.sub(r"\bOURO_(API|NODISCARD|BEGIN_DECLS|END_DECLS)\b *", "", text)
    text = re.sub(r"\[(OURO_\w+)\]", lambda match: f"[{constants[match.group(1)]}]", text)
    text = re.sub(r"\(\s+", "(", text)
    text = re.sub(r",\n\s*", ", ", text)
    text = re.sub(r"[ \t]+\n", "\n", text)
    text = re.sub(r"char\n\s*\*", "char *", text)
    text = re.sub(r"\*\n\s*(\w)", r"*\1", text)
    text = re.sub(r"(\w)\n\t\t+(\w)", r"\1 \2", text)
    text = re.sub(r"\n{2,}", "\n", text).replace("\t", "    ")
    return text.strip() + "\n"


def made():
    """The whole text of ouroboros/_declarations.py."""
    text = plain(in_order("ouroboros/ouroboros.h", set()))
    rows = ROW.findall(text)
    constants = constants_of(text)
    if not rows or not constants:
        sys.exit(f"{HEADERS}: neither statuses nor constants were found")
    return HEAD % (
        "".join(f'    ("{n}", {v}, "{t}", "{m}"),\n' for n, v, t, m in rows),
        "".join(f'    "{name}": {value},\n' for name, value in constants.items()),
        declarations_of(text, constants),
    )


def main():
    parser = argparse.ArgumentParser(description="the public headers as cffi takes them")
    parser.add_argument("--write", action="store_true", help="make ouroboros/_declarations.py")
    arguments = parser.parse_args()
    text = made()
    if arguments.write:
        TARGET.write_text(text, encoding="utf-8")
    elif not TARGET.exists() or TARGET.read_text(encoding="utf-8") != text:
        print(f"{TARGET.name} is not what the headers say: run {pathlib.Path(__file__).name} --write")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
