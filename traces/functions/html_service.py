# SPDX-License-Identifier: Apache-2.0
"""Serves pages of a site held in memory over HTTP requests; the input is the first page asked for."""

import html
import io
from http.server import BaseHTTPRequestHandler

from invocations import serve

PAGES = 4_000
site = {
    f'/page/{number}': [f'paragraph {i} of page {number}: a < b && c > {i * number}' for i in range(80)]
    for number in range(PAGES)
}


class Page(BaseHTTPRequestHandler):
    def __init__(self, request):
        self.rfile = io.BytesIO(request)
        self.wfile = io.BytesIO()
        self.client_address = ('127.0.0.1', 0)
        self.handle_one_request()

    def do_GET(self):
        paragraphs = site.get(self.path, [])
        body = ''.join(f'<p>{html.escape(text)}</p>\n' for text in paragraphs).encode()
        self.send_response(200 if paragraphs else 404)
        self.send_header('Content-Length', str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def date_time_string(self, timestamp=None):
        return 'Thu, 01 Jan 1970 00:00:00 GMT'

    def log_message(self, *_):
        pass


def handler(first):
    length = 0
    for i in range(40):
        path = f'/page/{(first + 97 * i) % PAGES}'
        length += len(Page(f'GET {path} HTTP/1.0\r\n\r\n'.encode()).wfile.getvalue())
    return length


serve(handler, range(0, 16 * 13, 13))
