# SPDX-License-Identifier: Apache-2.0
"""Renders a table through a Chameleon template; the input is how many rows it has."""

from chameleon import PageTemplate
from invocations import serve

template = PageTemplate(
    """<table xmlns:tal="http://xml.zope.org/namespaces/tal">
<tr tal:repeat="row rows"><td tal:repeat="cell row">${cell['name']}: ${cell['value']}</td></tr>
</table>"""
)


def handler(rows):
    cells = [[{'name': f'<{i}>', 'value': i * j} for j in range(10)] for i in range(rows)]
    return len(template(rows=cells))


serve(handler, range(100, 132, 2))
