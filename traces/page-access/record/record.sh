#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Records NAME.invocation.csv for float, json, html and bfs in the current directory; needs valgrind,
# python3 and a C compiler, and some minutes for each Python handler.
set -eu
here=$(dirname "$0")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cc -O2 -o "$work/invocation-pages" "$here/invocation-pages.c"
cc -O2 -o "$work/bfs" "$here/bfs.c"
python=$(python3 -c 'import sys; print(sys.executable)')

record() {
  name=$1
  shift
  valgrind --tool=lackey --trace-mem=yes --log-fd=2 "$@" "$work/maps" 2>&1 >/dev/null |
    "$work/invocation-pages" "$work/maps" >"$name.invocation.csv"
}

record bfs "$work/bfs"
for handler in float json html; do
  record "$handler" "$python" "$here/handlers.py" "$handler"
done
