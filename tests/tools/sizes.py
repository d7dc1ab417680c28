#!/usr/bin/env python3
"""Files of at most 600 lines, C functions of at most 100 lines and of complexity at most 15.

Complexity is one more than the number of if, for, while, switch, &&, || and ?: in the body: a
switch counts once, for a table of cases is not hard to follow. Prints one line a breach; exit
status 1 if there is any. ALLOWED may only shrink.
"""

import re
import sys

import csource

FILE_LINES = 600
FUNCTION_LINES = 100
COMPLEXITY = 15

# path or "path:function" -> why
ALLOWED = {}

BRANCH = re.compile(r"\b(?:if|for|while|switch)\b|&&|\|\||\?")


def main():
    breaches, seen, used = [], 0, set()

    def report(key, text):
        if key in ALLOWED:
            used.add(key)
        else:
            breaches.append(f"{key}: {text}")

    for path in csource.project_files(".c", ".h", ".py"):
        text = csource.read(path)
        lines = text.count("\n")
        seen += 1
        if lines > FILE_LINES:
            report(str(path), f"{lines} lines, at most {FILE_LINES}")
        if path.suffix != ".c":
            continue
        for name, first, last, body in csource.functions(text):
            length = last - first + 1
            complexity = 1 + len(BRANCH.findall(body))
            key = f"{path}:{name}"
            if length > FUNCTION_LINES:
                report(key, f"line {first}: {length} lines, at most {FUNCTION_LINES}")
            if complexity > COMPLEXITY:
                report(key, f"line {first}: complexity {complexity}, at most {COMPLEXITY}")
    for key in sorted(set(ALLOWED) - used):
        breaches.append(f"{key}: is in ALLOWED of sizes.py and need not be")
    if not seen:
        breaches.append("no sources found: nothing was checked")
    print("\n".join(breaches), end="\n" if breaches else "")
    return 1 if breaches else 0


if __name__ == "__main__":
    sys.exit(main())
