#!/usr/bin/env python3
"""Is the interface still what was released?

  abi.py exports HEADERS FILE...          the files export what the headers say, and no other gw_
  abi.py compare CC HEADERS KEPT          the headers against the dump KEPT/abi.xml (abidiff)
  abi.py dump CC HEADERS OUT              makes such a dump, for a release
  abi.py uses HEADERS PLUGIN              the plugin calls every function of the headers
  abi.py breaks CC HEADERS                proves `compare`: each way to break the headers is found,
                                          and each way to add to them passes

What is compared is a library made of the headers alone: each function with an empty body, and each
type, also those that only GW_PLUGIN and flags lead to. That the program's own functions are these
is the compiler's business (they include the headers) and that of `exports`.
"""
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
FUNCTION = re.compile(r"\bGW_API\s+((?!extern)[^;{]*?\b(gwt?_\w+)\([^;{]*\))\s*;")
PRINTF = re.compile(r"\s*GW_PRINTF\(\d, \d\)")
TYPE = re.compile(r"^(struct|enum) (gw_\w+) \{", re.M)
DIFFERENT, BROKEN = 4, 8  # of abidiff's exit code; 1 and 2 are mistakes in using it


def header_text(headers):
    files = sorted(pathlib.Path(headers, "gnswatch").glob("*.h"))
    assert files, f"no headers below {headers}"
    comments = re.compile(r"/\*.*?\*/", re.S)
    return [f.name for f in files], "\n".join(comments.sub(" ", f.read_text()) for f in files)


def functions(headers):
    """{name: its declaration}; of testing.h they begin with gwt_."""
    text = re.sub(r"^#define.*(\\\n.*)*", "", PRINTF.sub("", header_text(headers)[1]), flags=re.M)
    return {name: " ".join(declaration.split()) for declaration, name in FUNCTION.findall(text)}


def stub(cc, headers, folder):
    """A library of the headers alone, with what the debugger knows of it."""
    names, text = header_text(headers)
    lines = [f"#include <gnswatch/{name}>" for name in names]
    lines += [f"{declaration} {{ __builtin_trap(); }}"
              for declaration in functions(headers).values()]
    lines += [f"GW_API {kind} {name} *type_{name}(void) {{ return 0; }}"
              for kind, name in TYPE.findall(text)]
    source, library = pathlib.Path(folder, "stub.c"), pathlib.Path(folder, "libstub.so")
    source.write_text("\n".join(lines) + "\n")
    run([*cc.split(), "-std=gnu11", "-w", "-g", "-O0", "-shared", "-fPIC", "-fvisibility=hidden",
         "-fno-eliminate-unused-debug-types", f"-I{headers}", source, "-o", library])
    return library


def run(command, good=(0,)):
    done = subprocess.run([str(word) for word in command], capture_output=True, text=True)
    if done.returncode not in good:
        sys.exit(f"{' '.join(map(str, command))}: {done.returncode}\n{done.stdout}{done.stderr}")
    return done


def dump(cc, headers, out):
    with tempfile.TemporaryDirectory() as folder:
        library = stub(cc, headers, folder)
        run(["abidw", "--no-corpus-path", "--no-comp-dir-path", "--no-show-locs",
             "--short-locs", library, "--out-file", out])


def difference(cc, headers, kept, additions=True):
    """abidiff's exit code and words; additions do not count unless asked for."""
    fine = ["--suppressions", HERE / "growing.abignore", "--no-added-syms"] if additions else []
    with tempfile.TemporaryDirectory() as folder:
        library = stub(cc, headers, folder)
        done = run(["abidiff", "--no-show-locs", *fine, pathlib.Path(kept, "abi.xml"), library],
                   good=(0, DIFFERENT, DIFFERENT | BROKEN))
        return done.returncode, done.stdout


def version(headers):
    text = pathlib.Path(headers, "gnswatch", "plugin.h").read_text()
    return ".".join(re.search(rf"GW_ABI_{part} (\d+)", text)[1] for part in ("MAJOR", "MINOR"))


def compare(cc, headers, kept):
    name = pathlib.Path(kept).name
    assert version(kept) == name, f"{kept} holds the headers of {version(kept)}"
    same = version(headers) == name
    code, text = difference(cc, headers, kept, additions=not same)
    if code:
        print(text)
        sys.exit(f"{name} has been released and is no longer so: raise GW_ABI_MINOR" if same and
                 not difference(cc, headers, kept)[0] else
                 f"plugins built for {name} no longer fit; see above and tests/abi/README.md")
    was, now = functions(kept), functions(headers)
    print(f"{name}: {len(was)} functions as they were, {len(now) - len(was)} new")


def exported(file):
    """Names that begin with gw_ or gwt_ and can be linked against."""
    dynamic = [] if file.endswith(".a") else ["-D"]
    lines = run(["nm", *dynamic, "--defined-only", "--extern-only", file]).stdout.splitlines()
    names = {line.split()[-1].split("@")[0] for line in lines if len(line.split()) == 3}
    return {name for name in names if re.match(r"gwt?_", name)}


def exports(headers, *files):
    bad = False
    for file in files:
        archive = file.endswith(".a")
        wanted = {n for n in functions(headers) if archive or not n.startswith("gwt_")}
        there = exported(file)
        if not archive and not there and not file.endswith(".so"):
            continue  # the program: its library exports them
        for name in sorted(wanted - there):
            print(f"{file}: {name} is in the headers and is not exported")
        for name in sorted(n for n in there - wanted if not (archive and n.startswith("gwt_"))):
            print(f"{file}: {name} is exported and in no header")
            bad = True
        bad = bad or bool(wanted - there)
    sys.exit(1 if bad else 0)


def uses(headers, plugin):
    needed = run(["nm", "-D", "--undefined-only", plugin]).stdout.split()
    left = sorted(n for n in functions(headers) if n.startswith("gw_") and n not in needed)
    sys.exit(f"{plugin} does not use {', '.join(left)}" if left else 0)


# What breaks a plugin that is there, and what does not: file, what stands in it, what instead.
BREAKS = {
    "a function is gone": ("plugin.h", "GW_API void gw_free(char *text);", ""),
    "a function is renamed": ("cron.h", "gw_cron_last(", "gw_cron_latest("),
    "a parameter has another type":
        ("plugin.h", "gw_set_at(struct gw_series *series, int64_t time_ms",
         "gw_set_at(struct gw_series *series, double time_ms"),
    "a parameter more": ("plugin.h", "gw_timer_stop(struct gw_timer *timer)",
                         "gw_timer_stop(struct gw_timer *timer, int now)"),
    "another answer": ("plugin.h", "GW_API int gw_emit(", "GW_API bool gw_emit("),
    "members change places":
        ("plugin.h", "    const char *plural;\n    const char *help;\n    const struct gw_row *fields;",
         "    const char *plural;\n    const struct gw_row *fields;\n    const char *help;"),
    "a member is gone": ("plugin.h", "    unsigned flags;            /* enum gw_row_flag */", ""),
    "a member in the middle": ("http.h", "    const char *ca_file;", "    int x;\n    const char *ca_file;"),
    "what plugins lay in arrays grows": ("plugin.h", "    const char *unit;\n    const char *help;\n};",
                                         "    const char *unit;\n    const char *help;\n    int x;\n};"),
    "what plugins lend without its size grows":
        ("http.h", "    gw_http_done_fn *on_done;", "    int x;\n    gw_http_done_fn *on_done;"),
    "a word gets another number": ("plugin.h", "    GW_BOOL = 1,\n    GW_INT,", "    GW_INT = 1,\n    GW_BOOL,"),
    "a word is gone": ("plugin.h", "    GW_STRINGS,", ""),
    "a flag gets another bit": ("plugin.h", "GW_UNIQUE = 1 << 1", "GW_UNIQUE = 1 << 2"),
    "a callback gets another type":
        ("plugin.h", "typedef void gw_timer_fn(struct gw_plugin *self, void *data);",
         "typedef int gw_timer_fn(struct gw_plugin *self, void *data);"),
    "the descriptor loses a callback": ("plugin.h", "    int64_t deadline_ms;               /* of one", "/*"),
}
ADDITIONS = {
    "nothing": ("plugin.h", "", ""),
    "a function more": ("plugin.h", "GW_API void gw_free(char *text);",
                        "GW_API void gw_free(char *text);\nGW_API int gw_new_thing(int x);"),
    "the descriptor grows at its end": ("plugin.h", "    const struct gw_page *pages;",
                                        "    const struct gw_page *pages;\n    int (*more)(int x);"),
    "options with a size grow": ("http.h", "    size_t answer_max_bytes;",
                                 "    size_t answer_max_bytes;\n    int64_t more_ms;"),
    "what the host lends grows": ("http.h", "    int64_t retry_after_ms;",
                                  "    int64_t retry_after_ms;\n    int64_t more_ms;"),
    "one more type of option": ("plugin.h", "    GW_ZONE,", "    GW_ZONE,\n    GW_COLOUR,"),
    "one more type": ("series.h", "struct gw_follow;", "struct gw_follow;\nstruct gw_more { int x; };"),
}


def changed(headers, folder, file, old, new):
    target = pathlib.Path(folder, "changed")
    shutil.rmtree(target, ignore_errors=True)
    shutil.copytree(headers, target)
    path = target / "gnswatch" / file
    text = path.read_text()
    assert old in text, f"{file} has no more: {old}"
    path.write_text(text.replace(old, new, 1))
    return target


def breaks(cc, headers):
    wrong = []
    with tempfile.TemporaryDirectory() as folder:
        dump(cc, headers, os.path.join(folder, "abi.xml"))
        for cases, broken in ((BREAKS, True), (ADDITIONS, False)):
            for what, case in cases.items():
                code, text = difference(cc, changed(headers, folder, *case), folder)
                if bool(code) != broken:
                    wrong.append(f"{what}: {'not found' if broken else 'refused'}\n{text}")
    sys.exit("\n".join(wrong) or 0)


def main():
    what = {f.__name__: f for f in (exports, compare, dump, uses, breaks)}
    if len(sys.argv) < 3 or sys.argv[1] not in what:
        sys.exit(__doc__)
    tool = "nm" if sys.argv[1] in ("exports", "uses") else "abidiff"
    if not shutil.which(tool):
        print(f"skipped: there is no {tool} (Debian: abigail-tools, binutils)")
        sys.exit(77)
    what[sys.argv[1]](*sys.argv[2:])


if __name__ == "__main__":
    main()
