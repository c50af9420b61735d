"""A model hub on this machine for tests: files, redirects to another host, checksums in headers, and every way to misbehave."""

from __future__ import annotations

import hashlib
import json
import re
import threading
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass
class MadeHub:
    """`files` maps "owner/repo/file" to bytes. What is in the lists is done once, to the next download."""

    files: dict[str, bytes] = field(default_factory=dict)
    cuts: list[int] = field(default_factory=list)
    """Close the connection after so many bytes of the answer."""
    statuses: list[int] = field(default_factory=list)
    """Answer with this status; 0: as it should."""
    ignores_ranges: bool = False
    tells_checksums: bool = True
    gated: bool = False
    other: dict[str, bytes] = field(default_factory=dict)
    """Bytes that are sent instead of the file's."""
    requests: list[tuple[str, str, str, str]] = field(default_factory=list)
    """Method, path, Range and Authorization of each request."""
    hold: threading.Event | None = None
    """Wait for it after the first piece of an answer."""
    address: str = ""
    port: int = 0

    def downloads(self) -> list[str]:
        """The Range of each request for bytes."""
        return [ranges for method, path, ranges, _ in self.requests if method == "GET" and path.startswith("/cdn/")]


class _Handler(BaseHTTPRequestHandler):
    hub: MadeHub

    def log_message(self, format: str, *args: Any) -> None:
        pass

    def do_HEAD(self) -> None:
        self._answer(body=False)

    def do_GET(self) -> None:
        self._answer(body=True)

    def _end(self, status: int, headers: dict[str, str] | None = None) -> None:
        self.send_response(status)
        for name, value in ({"Content-Length": "0"} | (headers or {})).items():
            self.send_header(name, value)
        self.end_headers()

    def _answer(self, body: bool) -> None:
        hub, path = self.hub, self.path.partition("?")[0]
        hub.requests.append((self.command, path, self.headers.get("Range", ""), self.headers.get("Authorization", "")))
        if hub.gated and not path.startswith("/cdn/") and self.headers.get("Authorization") != "Bearer secret":
            self._end(401, {"X-Error-Code": "GatedRepo"})
        elif match := re.fullmatch(r"/api/models/([^/]+/[^/]+)/tree/[^/]+", path):
            self._list(match[1])
        elif (match := re.fullmatch(r"/([^/]+/[^/]+)/resolve/[^/]+/(.+)", path)) and f"{match[1]}/{match[2]}" in hub.files:
            name = f"{match[1]}/{match[2]}"
            told = {"X-Linked-Size": str(len(hub.files[name])), "X-Linked-Etag": f'"{hashlib.sha256(hub.files[name]).hexdigest()}"'}
            self._end(302, {"Location": f"http://localhost:{hub.port}/cdn/{name}"} | (told if hub.tells_checksums else {}))
        elif path.startswith("/cdn/") and path[5:] in hub.files:
            self._send(hub.other.get(path[5:], hub.files[path[5:]]), body)
        else:
            self._end(404)

    def _list(self, repository: str) -> None:
        rows = [
            {
                "type": "file",
                "path": name.removeprefix(repository + "/"),
                "size": len(data),
                "lfs": {"oid": hashlib.sha256(data).hexdigest()},
            }
            for name, data in self.hub.files.items()
            if name.startswith(repository + "/")
        ]
        data = json.dumps(rows).encode()
        self._end(200 if rows else 404, {"Content-Length": str(len(data))})
        self.wfile.write(data)

    def _send(self, data: bytes, body: bool) -> None:
        hub = self.hub
        if body and hub.statuses and (status := hub.statuses.pop(0)):
            self._end(status)
            return
        start, status, headers = 0, 200, dict[str, str]()
        if (match := re.fullmatch(r"bytes=(\d+)-", self.headers.get("Range", ""))) and not hub.ignores_ranges:
            start = int(match[1])
            if start >= len(data):
                self._end(416)
                return
            status, headers = 206, {"Content-Range": f"bytes {start}-{len(data) - 1}/{len(data)}"}
        self._end(status, headers | {"Content-Length": str(len(data) - start)})
        if body:
            cut = hub.cuts.pop(0) if hub.cuts else len(data)
            if hub.hold is not None:
                self.wfile.write(data[start : start + 1000])
                hub.hold.wait(20)
                start += 1000
            self.wfile.write(data[start : start + cut])
            self.wfile.flush()
            if cut < len(data) - start:
                self.connection.close()


@contextmanager
def serving() -> Generator[MadeHub]:
    """A hub that answers at `address` until the end of the block."""
    hub = MadeHub()
    server = ThreadingHTTPServer(("127.0.0.1", 0), type("Handler", (_Handler,), {"hub": hub}))
    server.daemon_threads = True
    hub.port = server.server_address[1]
    hub.address = f"http://127.0.0.1:{hub.port}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield hub
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
