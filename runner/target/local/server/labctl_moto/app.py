"""The WSGI application: moto's dispatcher behind a gate, and labctl's identity."""

import json
import os
import platform
import threading

import moto
from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app

from labctl_moto import control, corrections, members, speed

# Imported and built before the first call, in the order in which a lab calls them.
# Their calls are answered one at a time: moto shares plain dictionaries between threads,
# and what takes the next free address must not meet another one that does. A service
# whose calls wait (ReceiveMessage of SQS) must not be in this list.
SERVICES = (
    *("sts", "ec2", "iam", "s3", "logs", "kms", "resourcegroupstaggingapi", "route53"),
    *("cloudtrail", "cloudwatch", "s3control", "elbv2", "autoscaling"),
    *("backup", "dynamodb", "events", "xray"),
)
# Built beforehand too, but not in turn: Publish of SNS waits for subscribers.
OUT_OF_TURN = ("sns",)


class NotEmulated:
    """Stands in for the services that moto does not know: it says so, in a form that SDKs read."""

    service = None

    def __call__(self, _environ, start_response):
        body = json.dumps({"__type": "NotImplemented", "message": "The local AWS does not emulate this service."})
        headers = [("Content-Type", "application/json"), ("x-amzn-ErrorType", "NotImplemented")]
        start_response("501 Not Implemented", headers)
        return [body.encode()]


def build(service: str | None):
    return create_backend_app(service) if service else NotEmulated()


class Application(DomainDispatcherApplication):
    def __init__(self, instance: str, supported: list[str]) -> None:
        super().__init__(build)
        self.instance = instance
        self.corrections = corrections.ALL if moto.__version__ in supported else []
        self.identity = json.dumps(
            {
                "instance": instance,
                "pid": os.getpid(),
                "moto": moto.__version__,
                "python": platform.python_version(),
                "corrections": [c._asdict() for c in self.corrections],
            }
        ).encode()
        self.loaded = threading.Event()
        self.turn = threading.RLock()

    def load(self) -> None:
        """Corrects and builds the services; calls wait for it behind the open port."""
        if self.corrections:
            members.apply()
            corrections.apply_all()
            speed.apply()
        for service in SERVICES + OUT_OF_TURN:
            self.app_instances[service] = build(service)
        self.loaded.set()

    def __call__(self, environ, start_response):
        path = environ.get("PATH_INFO", "")
        if path == "/labctl/identity":
            start_response("200 OK", [("Content-Type", "application/json"), ("Content-Length", str(len(self.identity)))])
            return [self.identity]
        if path.startswith(control.PREFIX) and self.corrections:
            return self.control(environ, start_response)
        if not path.startswith("/moto-api"):
            self.loaded.wait()
        service = self.get_application(environ)
        if service.service not in SERVICES:
            return service(environ, start_response)
        with self.turn:
            return service(environ, start_response)

    def control(self, environ, start_response):
        """Answers the control loop, in turn with the services whose state it reads and writes."""
        self.loaded.wait()
        with self.turn:
            status, answer = control.answer(environ, self.instance)
        start_response(f"{status.value} {status.phrase}", [("Content-Type", "application/json")])
        return [json.dumps(answer).encode()]
