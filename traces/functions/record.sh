#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Records the functions of this folder, or those named, under valgrind: ../recorded/NAME.cxltrace, and what
# is to be known of it in NAME.yaml beside it. Minutes for most, some more for those that use PyTorch.
# Needs Debian's packages below, which are installed where that is allowed, and Node.js.
# Usage: record.sh [NAME...]
set -eu
here=$(cd "$(dirname "$0")" && pwd)
packages='valgrind gcc libc6-dev python3 python3-numpy python3-chameleon python3-torch libopenblas0-pthread'
# shellcheck disable=SC2086
if [ "$(id -u)" = 0 ] && ! dpkg -s $packages >/dev/null 2>&1; then
  apt-get install -y --no-install-recommends $packages
fi
cd "$here"
exec npx tsx "$here/record.ts" "$@"
