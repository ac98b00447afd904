"""An object store on this computer for tests: the S3 protocol over HTTP, by moto, with faults to choose from.

What it proves: that requests are what the protocol asks for, that `If-None-Match: *` is sent wherever a name must be
new, and that everything built on it holds when requests fail, race or stop. What it does not: how a real cloud behaves
under load, its permissions, its limits, or that it keeps what it has acknowledged. Signatures are not checked.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any
from urllib.request import Request, urlopen

import obstore
from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app
from obstore.store import from_url
from werkzeug.serving import WSGIRequestHandler, make_server

Environ = dict[str, Any]
Reply = Iterable[bytes]
Fault = Callable[["Door", Environ, Callable[..., Any]], Reply | None]
KEY, SECRET = "AKIAEXAMPLEEXAMPLE00", "secretsecretsecretsecretsecretsecret0000"
BUCKET = "releases"


class Door:
    """Stands before moto: lets one conditional write in at a time, as a store must, and has the faults of a test.

    A fault is asked about each request, and answers in the place of the store or lets it pass.
    """

    def __init__(self) -> None:
        """A store without faults."""
        self.store = DomainDispatcherApplication(create_backend_app)
        self.fault: Fault | None = None
        self.one_at_a_time = threading.Lock()

    def __call__(self, environ: Environ, start: Callable[..., Any]) -> Reply:
        """One request."""
        with self.one_at_a_time:
            answer = self.fault(self, environ, start) if self.fault else None
            return self.pass_on(environ, start) if answer is None else answer

    def pass_on(self, environ: Environ, start: Callable[..., Any]) -> Reply:
        """What moto answers, read to its end."""
        environ["is_read"] = True
        return list(self.store(environ, start))


class Quiet(WSGIRequestHandler):
    """Says nothing of each request."""

    def log(self, *_: object) -> None:
        """Nothing."""


def reply(environ: Environ, start: Callable[..., Any], status: str, xml: str) -> Reply:
    """An answer in the words of S3; the body of the request is read first, or the connection would break."""
    if not environ.get("is_read"):
        environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
    start(status, [("Content-Type", "application/xml"), ("Content-Length", str(len(xml))), ("ETag", '"x"')])
    return [xml.encode()]


@contextmanager
def object_store() -> Iterator[tuple[Door, dict[str, str]]]:
    """A running store with one empty bucket, and the environment in which it is found."""
    door = Door()
    server = make_server("127.0.0.1", 0, door, threaded=True, request_handler=Quiet)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    endpoint = f"http://127.0.0.1:{server.server_port}"
    try:
        urlopen(Request(f"{endpoint}/{BUCKET}", method="PUT")).close()  # noqa: S310  (this computer)
        yield door, environment(endpoint)
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def environment(endpoint: str) -> dict[str, str]:
    """What a person sets to publish there."""
    return {
        "AWS_ACCESS_KEY_ID": KEY,
        "AWS_SECRET_ACCESS_KEY": SECRET,
        "AWS_REGION": "us-east-1",
        "AWS_ENDPOINT_URL": endpoint,
        "AWS_ALLOW_HTTP": "true",
    }


def objects(url: str) -> dict[str, bytes]:
    """Every object below a URL, by name."""
    store = from_url(url)
    return {entry["path"]: bytes(obstore.get(store, entry["path"]).bytes()) for entry in obstore.list(store).collect()}


def put(url: str, name: str, data: bytes) -> None:
    """Writes an object over whatever is there."""
    obstore.put(from_url(url), name, data)


def delete(url: str, name: str) -> None:
    """Takes an object away."""
    obstore.delete(from_url(url), name)
