#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Builds the recorder into FOLDER, which then serves as VALGRIND_LIB: the tool, and links to what the
# installed valgrind ships. Usage: build.sh FOLDER
set -eu
here=$(dirname "$0")
folder=$1

fail() {
  echo "recorder: $1; $2" >&2
  exit 3
}

case $(uname -m) in
  x86_64) arch=amd64 load=0x58000000 ;;
  aarch64) arch=arm64 load=0x58000000 ;;
  *) fail "no recorder for $(uname -m)" "expected x86_64 or aarch64" ;;
esac
for shipped in /usr/libexec/valgrind /usr/lib/valgrind /usr/lib/"$(uname -m)"-linux-gnu/valgrind; do
  [ -e "$shipped/default.supp" ] && break
done
[ -e "$shipped/default.supp" ] || fail "valgrind is not installed" "expected valgrind: apt-get install valgrind"
for libraries in /usr/lib/"$(uname -m)"-linux-gnu/valgrind /usr/lib/valgrind /usr/lib64/valgrind; do
  [ -e "$libraries/libcoregrind-$arch-linux.a" ] && break
done
[ -e "$libraries/libcoregrind-$arch-linux.a" ] ||
  fail "valgrind's libcoregrind-$arch-linux.a is not installed" "Debian's package valgrind has it"
command -v "${CC:-cc}" >/dev/null || fail "no C compiler" "expected one: apt-get install gcc libc6-dev"

mkdir -p "$folder"
ln -sf "$shipped"/* "$folder"/
"${CC:-cc}" -std=gnu11 -O2 -fno-builtin -fno-stack-protector -fno-strict-aliasing \
  -fomit-frame-pointer -fno-pie -no-pie -Wall \
  -DVGO_linux=1 -DVGA_$arch=1 -DVGP_${arch}_linux=1 -DVGPV_${arch}_linux_vanilla=1 \
  -I/usr/include/valgrind -I"$here" \
  -static -nodefaultlibs -nostartfiles -u _start -Wl,--build-id=none -Wl,-Ttext-segment=$load \
  -o "$folder/cxltrace-$arch-linux" \
  "$here"/tool.c "$here"/instrument.c "$here"/segment.c "$here"/count.c "$here"/window.c \
  "$here"/cache.c "$here"/regions.c "$here"/marks.c "$here"/stream.c \
  "$libraries/libcoregrind-$arch-linux.a" "$libraries/libvex-$arch-linux.a" -lgcc
