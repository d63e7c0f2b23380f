# SPDX-License-Identifier: Apache-2.0
"""Breadth-first search over a random graph in compressed rows; the input is the first vertex."""

import numpy
from invocations import serve

VERTICES, DEGREE = 200_000, 8
random = numpy.random.default_rng(1)
sources = random.integers(0, VERTICES, VERTICES * DEGREE)
sources.sort()
targets = random.integers(0, VERTICES, VERTICES * DEGREE)
rows = numpy.searchsorted(sources, numpy.arange(VERTICES + 1))
del sources


def handler(first):
    distance = numpy.full(VERTICES, -1, dtype=numpy.int32)
    distance[first] = 0
    frontier = numpy.array([first])
    steps = 0
    while frontier.size:
        steps += 1
        begins, ends = rows[frontier], rows[frontier + 1]
        lengths = ends - begins
        offsets = numpy.repeat(ends - lengths.cumsum(), lengths)
        reached = targets[offsets + numpy.arange(lengths.sum())]
        frontier = numpy.unique(reached[distance[reached] < 0])
        distance[frontier] = steps
    return steps


serve(handler, range(0, 8 * 1_000, 1_000))
