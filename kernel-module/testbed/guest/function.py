"""A serverless function with state, for moving while it waits.

usage: function.py json|html|numeric [MEBIBYTES]

Initialises, prints "ready" and a checksum of what one invocation gives, then waits for SIGTERM, wherever it is by
then. On SIGTERM it runs one invocation over the state from before, prints "done" and that checksum, and exits with 0
if they are equal. MEBIBYTES of state that an invocation does not touch can be added; they are checked too.
"""
import hashlib
import html
import json
import signal
import sys


def make_json():
    records = [{"id": i, "name": f"user {i}", "tags": [i % 7, i % 11]} for i in range(2000)]
    text = json.dumps(records)

    def invoke():
        return json.dumps([r for r in json.loads(text) if r["tags"][0] == 3], sort_keys=True)

    return invoke


def make_html():
    rows = [(f"<item {i}>", i * i % 97) for i in range(2000)]

    def invoke():
        cells = (f"<tr><td>{html.escape(name)}</td><td>{n}</td></tr>" for name, n in rows)
        return "<table>" + "".join(cells) + "</table>"

    return invoke


def make_numeric():
    size = 48
    a = [[(i * j + 1) % 101 / 7.0 for j in range(size)] for i in range(size)]
    b = [[(i + 3 * j) % 89 / 3.0 for j in range(size)] for i in range(size)]

    def invoke():
        columns = list(zip(*b))
        product = [[sum(x * y for x, y in zip(row, column)) for column in columns] for row in a]
        return repr(product)

    return invoke


def checksum(text, ballast):
    return hashlib.sha256(text.encode() + hashlib.sha256(ballast).digest()).hexdigest()[:16]


def main():
    makers = {"json": make_json, "html": make_html, "numeric": make_numeric}
    if len(sys.argv) not in (2, 3) or sys.argv[1] not in makers:
        sys.exit(__doc__)
    invoke = makers[sys.argv[1]]()
    mebibytes = int(sys.argv[2]) if len(sys.argv) == 3 else 0
    ballast = bytearray(i * 31 % 251 for i in range(4096)) * (256 * mebibytes)

    signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGTERM])
    before = checksum(invoke(), ballast)
    print("ready", before, flush=True)
    signal.sigwait([signal.SIGTERM])
    after = checksum(invoke(), ballast)
    print("done", after, flush=True)
    sys.exit(0 if after == before else 1)


main()
