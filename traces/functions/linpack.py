# SPDX-License-Identifier: Apache-2.0
"""Solves a dense system of linear equations; the input is how many."""

import numpy
from invocations import serve


def handler(size):
    random = numpy.random.default_rng(size)
    matrix = random.random((size, size))
    right = random.random(size)
    found = numpy.linalg.solve(matrix, right)
    return float(numpy.abs(matrix @ found - right).max())


serve(handler, range(240, 272, 2))
