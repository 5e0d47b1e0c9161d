#!/bin/sh
# What the house style leaves out, and machine paths: prints each place; exit 1 if there is any.
set -u
cd "$1" || exit 1
bad=0
report() { # TEXT: lines on standard input
    lines=$(cat)
    [ -z "$lines" ] && return
    printf '%s:\n%s\n' "$1" "$lines"
    bad=1
}
git grep -nE '\b(sprintf|strcpy|strcat|strtok|atoi|alloca)\(' -- '*.c' '*.h' | report "calls left out"
git grep -nIE '\b(TO[D]O|FIX[M]E|X[X]X)\b' -- core plugins include web/*.js web/*/*.js tests packaging ':!web/vendor' |
    report "unfinished places"
git grep -nIE '(^|[^a-zA-Z0-9_./-])/(wor[k]|roo[t]|farm)/' -- . ':!web/vendor' | report "paths of a machine"
git ls-files '*.c' | xargs wc -l | awk '$2 != "total" && $1 > 800 {print $2 " has " $1 " lines"}' |
    report "files over 800 lines"
exit $bad
