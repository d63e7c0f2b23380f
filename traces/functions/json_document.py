# SPDX-License-Identifier: Apache-2.0
"""Parses a JSON document, changes it and writes it out again; the input is the user to change."""

import json

from invocations import serve

document = json.dumps(
    {
        f'user{i}': {'id': i, 'tags': [f'tag{i % 7}', f'tag{i % 11}'], 'score': i * 0.5}
        for i in range(2_000)
    }
)


def handler(number):
    users = json.loads(document)
    users[f'user{number * 100}']['tags'].append('found')
    adults = [name for name, user in users.items() if user['id'] % 16 > number]
    return len(json.dumps({'users': users, 'adults': adults}, indent=1))


serve(handler, range(16))
