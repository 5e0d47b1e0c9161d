#!/usr/bin/env python3
"""Holds the layers: base < conf < metric, object, event, command < store < plugin < api, testing, worker < conformance < main.

A file under core includes only its own layer or one below; plugins include only <gnswatch/*.h>,
their own folder and system headers. Prints each breach as file:line; exit 1 if there is any.
"""
import pathlib
import re
import sys

RANK = {"base": 0, "conf": 1, "metric": 2, "object": 2, "event": 2, "command": 2,
        "store": 3, "plugin": 4, "api": 5, "testing": 5, "worker": 5,
        "conformance": 6}
INCLUDE = re.compile(r'^\s*#\s*include\s+([<"])([^>"]+)[>"]')


def core_breach(own, quote, path):
    folder = path.split("/")[0]
    if quote == "<":
        return None
    if folder not in RANK:
        return None if own == "main" else f"includes {path}, which is no layer"
    if own == "main" or folder == own:
        return None
    if RANK[folder] < RANK[own]:
        return None
    return f"layer {own} includes {path} of layer {folder}"


def plugin_breach(file, quote, path):
    if quote == "<":
        return None
    return None if (file.parent / path).exists() else f"includes {path} from outside its folder"


def includes(file):
    for number, line in enumerate(file.read_text().splitlines(), 1):
        found = INCLUDE.match(line)
        if found:
            yield number, found[1], found[2]


def main():
    root = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else ".")
    breaches = 0
    for file in sorted(p for d in ("core", "plugins") for p in (root / d).rglob("*.[ch]")):
        parts = file.relative_to(root).parts
        own = parts[1] if parts[0] == "core" and len(parts) > 2 else "main"
        for number, quote, path in includes(file):
            text = (core_breach(own, quote, path) if parts[0] == "core"
                    else plugin_breach(file, quote, path))
            if text:
                print(f"{file}:{number}: {text}")
                breaches += 1
    return 1 if breaches else 0


if __name__ == "__main__":
    sys.exit(main())
