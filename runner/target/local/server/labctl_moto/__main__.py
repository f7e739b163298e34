"""python -m labctl_moto INSTANCE SUPPORTED: serve until stdin is closed or TERM comes.

INSTANCE is the random name of this life of the server. SUPPORTED is a JSON list of
the versions of moto that the corrections are made for. Once the server listens, one
line of JSON with its port goes to stdout; everything else goes to stderr.
"""

import json
import os
import signal
import sys
import threading
import traceback


def end_with_supervisor() -> None:
    """The supervisor holds the other end of stdin: its end, however it came, closes it."""
    try:
        sys.stdin.buffer.read()
    finally:
        os._exit(0)


def load(app) -> None:
    """Loads what the first calls need, behind the open port: it takes most of a second."""
    try:
        app.load()
    except BaseException:
        traceback.print_exc()
        os._exit(1)  # a server that lies is worse than none


def main() -> None:
    instance, supported = sys.argv[1], json.loads(sys.argv[2])
    # All state is in memory: there is nothing to put in order.
    for signum in (signal.SIGTERM, signal.SIGINT):
        signal.signal(signum, lambda *_: os._exit(0))
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    threading.Thread(target=end_with_supervisor, daemon=True).start()

    from labctl_moto.app import Application
    from labctl_moto.listener import listen

    app = Application(instance, supported)
    server = listen(app)
    # Parts of moto call the server themselves and look for its port here.
    os.environ["MOTO_PORT"] = str(server.server_port)
    threading.Thread(target=load, args=(app,), daemon=True).start()
    print(json.dumps({"port": server.server_port}), flush=True)
    sys.stdout = sys.stderr  # nobody reads on, and moto prints about services that it does not know
    server.serve_forever()


main()
