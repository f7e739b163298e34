"""The HTTP server: werkzeug's reading of requests, with connections that stay open.

werkzeug closes the connection after each answer, and waits 10 ms for what it may not have
read. An SDK then opens a connection for each call, and now and then reads from one that is
closing. Here a request is read completely before the application sees it, so that the next
one can follow; and a client that stops in the middle of its request keeps nobody waiting.
"""

import io
import sys
import traceback
from socketserver import TCPServer, ThreadingMixIn

from werkzeug.serving import WSGIRequestHandler

WITHOUT_BODY = ("1", "204", "304")


class Handler(WSGIRequestHandler):
    protocol_version = "HTTP/1.1"
    wbufsize = -1  # headers and body leave together
    disable_nagle_algorithm = True

    def run_wsgi(self) -> None:
        environ = self.make_environ()
        body = self.read_body(environ)
        if body is None:
            self.close_connection = True
            return
        environ["wsgi.input"] = io.BytesIO(body)
        try:
            status, headers, body = self.answer(environ)
        except Exception:
            traceback.print_exc()
            status, headers, body = "500 Internal Server Error", [], b"Internal Server Error"
        if status.startswith("5"):
            print(self.log_date_time_string(), self.command, self.path, status, file=sys.stderr, flush=True)
        self.send(status, headers, body)

    def handle_expect_100(self) -> bool:
        super().handle_expect_100()
        self.wfile.flush()
        return True

    def read_body(self, environ) -> bytes | None:
        """The whole body, or None when the client is gone: half a request must do nothing."""
        if environ.get("wsgi.input_terminated"):
            body = environ["wsgi.input"].read()
            environ["CONTENT_LENGTH"] = str(len(body))
            return body
        length = int(environ.get("CONTENT_LENGTH") or 0)
        body = self.rfile.read(length)
        return body if len(body) == length else None

    def answer(self, environ) -> tuple[str, list[tuple[str, str]], bytes]:
        started = []
        parts = self.server.app(environ, lambda status, headers, exc_info=None: started.append((status, headers)))
        try:
            body = b"".join(parts)
        finally:
            if hasattr(parts, "close"):
                parts.close()
        return (*started[-1], body)

    def send(self, status: str, headers: list[tuple[str, str]], body: bytes) -> None:
        code, _, reason = status.partition(" ")
        self.send_response(int(code), reason)
        for name, value in headers:
            if name.lower() not in ("connection", "transfer-encoding"):
                self.send_header(name, value)
        if not code.startswith(WITHOUT_BODY) and not any(name.lower() == "content-length" for name, _ in headers):
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD" and not code.startswith(WITHOUT_BODY):
            self.wfile.write(body)
        self.wfile.flush()

    def log_request(self, code="-", size="-") -> None:
        """A line for each call would fill the disk; errors of the server are logged above."""


class Server(ThreadingMixIn, TCPServer):
    daemon_threads = True
    allow_reuse_address = True
    request_queue_size = 128
    # What werkzeug's handler asks of its server.
    ssl_context = None
    multithread = True
    multiprocess = False
    _server_version = "labctl"

    def __init__(self, app) -> None:
        self.app = app
        super().__init__(("127.0.0.1", 0), Handler)
        self.server_port = self.server_address[1]


def listen(app) -> Server:
    return Server(app)
