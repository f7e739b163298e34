"""The HTTP server: werkzeug's, on a free port of the loopback interface."""

from werkzeug.serving import BaseWSGIServer, WSGIRequestHandler, make_server


class Handler(WSGIRequestHandler):
    def log_request(self, code="-", size="-") -> None:
        """Logs what went wrong in the server; a line for each call would fill the disk."""
        if str(code).startswith("5"):
            super().log_request(code, size)


def listen(app) -> BaseWSGIServer:
    return make_server("127.0.0.1", 0, app, threaded=True, request_handler=Handler)
