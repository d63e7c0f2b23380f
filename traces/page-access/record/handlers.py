# SPDX-License-Identifier: Apache-2.0
"""Small function handlers: three warm calls, then one between marks, as one invocation.

usage: handlers.py float|json|html MAPS
"""

import os
import sys

kind, maps = sys.argv[1:]
if kind == 'json':
    import json

    text = json.dumps(
        {
            str(i): {'name': 'user%d' % i, 'tags': ['a', 'b', str(i)], 'v': i * 0.5}
            for i in range(200)
        }
    )

    def handler(n):
        document = json.loads(text)
        document[str(n)] = n
        return len(json.dumps(document, indent=1))

elif kind == 'html':
    import html
    import string

    row = string.Template('<tr><td>$a</td><td>$b</td></tr>')

    def handler(n):
        cells = (row.substitute(a=html.escape('<%d>' % (i * n)), b=str(i)) for i in range(200))
        return len(''.join(cells))

elif kind == 'float':
    import math

    def handler(n):
        return sum(math.sin(i) * math.cos(i) + math.sqrt(i + n) for i in range(2000))

else:
    sys.exit('handlers.py: no handler %s; expected float, json or html' % kind)

for call in range(3):
    handler(call)
os.write(2, b'\nMARK begin\n')
handler(3)
os.write(2, b'\nMARK end\n')
with open('/proc/self/maps') as mapped, open(maps, 'w') as out:
    out.write(mapped.read())
os._exit(0)
