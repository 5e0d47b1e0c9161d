#!/usr/bin/env python3
"""clang has no warning on any file that gcc compiles, by compile_commands.json of BUILD."""
import concurrent.futures
import json
import os
import shlex
import shutil
import subprocess
import sys


def check(entry):
    words = [word for word in shlex.split(entry["command"]) if not word.endswith("ccache")]
    out = words.index("-o")
    del words[out:out + 2]
    words = ["clang", *[word for word in words[1:] if word != "-c"], "-fsyntax-only"]
    result = subprocess.run(words, cwd=entry["directory"], capture_output=True, text=True)
    return result.stderr if result.returncode else ""


def main():
    if not shutil.which("clang"):
        print("skipped: clang is not installed")
        sys.exit(77)
    with open(os.path.join(sys.argv[1], "compile_commands.json")) as file:
        entries = {entry["file"]: entry for entry in json.load(file)}
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        wrong = [words for words in pool.map(check, entries.values()) if words]
    print("\n".join(wrong) or f"{len(entries)} files")
    sys.exit(bool(wrong))


if __name__ == "__main__":
    main()
