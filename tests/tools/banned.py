#!/usr/bin/env python3
"""No call of a banned function in C, and no unfinished work marked anywhere.

Prints one line a find; exit status 1 if there is any.
"""

import re
import sys

import csource

# name -> what to use
FUNCTIONS = {
    "strcpy": "memcpy with a checked length",
    "strcat": "ouro__buf",
    "strncpy": "memcpy with a checked length",
    "strncat": "ouro__buf",
    "sprintf": "snprintf",
    "vsprintf": "vsnprintf",
    "strtok": "a loop over the text",
    "atoi": "a checked reader",
    "atol": "a checked reader",
    "atoll": "a checked reader",
    "atof": "a checked reader",
    "gets": "fgets",
    "system": "nothing: no shell is ever run",
    "popen": "nothing: no shell is ever run",
    "localtime": "gmtime_r",
    "gmtime": "gmtime_r",
    "tmpnam": "mkstemp",
    "mktemp": "mkstemp",
    "alloca": "malloc",
    "rand": "the room base's random bytes",
    "srand": "the room base's random bytes",
}

CALL = re.compile(r"\b(" + "|".join(FUNCTIONS) + r")\s*\(")
# Built from parts, so that this file does not find itself.
MARK = re.compile(r"\b(" + "|".join(("TO" + "DO", "FIX" + "ME", "XX" + "X", "HA" + "CK")) + r")\b")


def main():
    finds, seen = [], 0
    for path in csource.project_files(".c", ".h", ".cc", ".cpp", ".hpp"):
        seen += 1
        clean = csource.blank(csource.read(path))
        for match in CALL.finditer(clean):
            name = match.group(1)
            where = f"{path}:{csource.line_of(clean, match.start())}"
            finds.append(f"{where}: {name}() is banned; use {FUNCTIONS[name]}")
    for path in csource.project_files(
        ".c", ".h", ".py", ".sh", ".js", ".css", ".mustache", ".md", ".txt", ".cmake"
    ):
        text = csource.read(path)
        for match in MARK.finditer(text):
            finds.append(f"{path}:{csource.line_of(text, match.start())}: {match.group(1)}")
    if not seen:
        finds.append("no sources found: nothing was checked")
    print("\n".join(finds), end="\n" if finds else "")
    return 1 if finds else 0


if __name__ == "__main__":
    sys.exit(main())
