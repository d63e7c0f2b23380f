# SPDX-License-Identifier: Apache-2.0
"""Sines, cosines and square roots; the input is how many."""

import math

from invocations import serve


def handler(count):
    return sum(math.sin(i) * math.cos(i) + math.sqrt(i) for i in range(count))


serve(handler, range(20_000, 28_000, 500))
