"""Where the embedder is looked for, what is refused, and the download against a local server."""

from __future__ import annotations

import hashlib
import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from memento_desktop.errors import MementoError
from memento_desktop.inference import embedder_source
from memento_desktop.inference.embedder_download import download_embedder
from memento_desktop.inference.embedder_source import FILES, MODEL, WEIGHTS, EmbedderSource, NoEmbedder, file_sha256, find_embedder

DATA = bytes(range(256)) * 4000
GOOD = hashlib.sha256(DATA).hexdigest()


def model_folder(path: Path, weights: bytes = DATA) -> Path:
    for name in FILES:
        (path / name).parent.mkdir(parents=True, exist_ok=True)
        (path / name).write_text(json.dumps({"hidden_size": 8}))
    (path / WEIGHTS).write_bytes(weights)
    return path


@pytest.fixture(autouse=True)
def bare_machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_HOME", str(tmp_path / "hf"))
    monkeypatch.delenv("HF_HUB_CACHE", raising=False)
    monkeypatch.setattr(embedder_source, "PACKAGE", "no_such_package_of_ours")
    monkeypatch.setattr(embedder_source, "WEIGHTS_SHA256", GOOD)


def hub(tmp_path: Path, weights: bytes = DATA) -> Path:
    repository = tmp_path / "hf" / "hub" / ("models--" + MODEL.replace("/", "--"))
    (repository / "refs").mkdir(parents=True)
    (repository / "refs" / "main").write_text("abc123")
    return model_folder(repository / "snapshots" / "abc123", weights)


def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, weights: bytes = DATA) -> Path:
    root = tmp_path / "site" / "made_embedder"
    folder = model_folder(root / "model", weights)
    (root / "__init__.py").write_text("raise RuntimeError('imported')")
    monkeypatch.syspath_prepend(str(root.parent))
    monkeypatch.setattr(embedder_source, "PACKAGE", "made_embedder")
    return folder


def test_the_order(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    cache = tmp_path / "cache"
    nothing = find_embedder(None, cache)
    assert isinstance(nothing, NoEmbedder)
    assert "--get-embedder" in nothing.reason
    downloaded = model_folder(tmp_path / "downloaded")
    assert find_embedder(None, cache, downloaded) == EmbedderSource(downloaded, MODEL, GOOD, 8)
    in_hub = hub(tmp_path)
    assert find_embedder(None, cache, downloaded) == EmbedderSource(in_hub, MODEL, GOOD, 8)
    in_package = package(tmp_path, monkeypatch)
    assert find_embedder(None, cache) == EmbedderSource(in_package, MODEL, GOOD, 8)
    own = model_folder(tmp_path / "mine", b"other weights")
    assert find_embedder(own, cache) == EmbedderSource(own, "mine", hashlib.sha256(b"other weights").hexdigest(), 8)


def test_a_mismatch_is_told_and_the_next_one_is_taken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    package(tmp_path, monkeypatch, b"tampered")
    refused = find_embedder(None, tmp_path / "cache")
    assert isinstance(refused, NoEmbedder)
    assert "made_embedder" in refused.reason
    assert "SHA-256" in refused.reason
    in_hub = hub(tmp_path)
    assert find_embedder(None, tmp_path / "cache") == EmbedderSource(in_hub, MODEL, GOOD, 8)


@pytest.mark.parametrize("name", ["config.json", "tokenizer.json", WEIGHTS])
def test_a_setting_that_is_no_model(tmp_path: Path, name: str) -> None:
    folder = model_folder(tmp_path / "mine")
    (folder / name).unlink()
    found = find_embedder(folder, tmp_path / "cache")
    assert isinstance(found, NoEmbedder)
    assert name in found.reason
    assert isinstance(find_embedder(tmp_path / "nowhere", tmp_path / "cache"), NoEmbedder)
    (folder / name).write_text("{")
    assert isinstance(find_embedder(folder, tmp_path / "cache"), NoEmbedder if name == "config.json" else EmbedderSource)


def test_the_hash_is_remembered_until_the_file_changes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path, cache = tmp_path / "w", tmp_path / "cache"
    path.write_bytes(b"one")
    first = file_sha256(path, cache)
    with monkeypatch.context() as patch:
        patch.setattr(hashlib, "sha256", None)
        assert file_sha256(path, cache) == first
    path.write_bytes(b"three")
    assert file_sha256(path, cache) == hashlib.sha256(b"three").hexdigest()
    (cache / "embedder-hashes.json").write_text("[broken")
    assert file_sha256(path, cache) == hashlib.sha256(b"three").hexdigest()


class Hub(ThreadingHTTPServer):
    """A model host that can cut connections, serve wrong bytes, or lack files."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), HubRequest)
        self.cut_at: int | None = None
        self.weights = DATA
        self.missing: set[str] = set()
        self.ranges: list[str] = []
        self.obey_range = True
        self.small = b'{"hidden_size": 8}'

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"


class HubRequest(BaseHTTPRequestHandler):
    server: Hub  # pyright: ignore[reportIncompatibleVariableOverride]  # the only server that this handler has

    def do_GET(self) -> None:
        name = self.path.removeprefix(f"/{MODEL}/resolve/main/")
        if name in self.server.missing or name == self.path:
            self.send_error(404)
            return
        data = self.server.weights if name == WEIGHTS else self.server.small
        start = 0
        if (wanted := self.headers.get("Range")) and self.server.obey_range:
            self.server.ranges.append(wanted)
            start = int(wanted.removeprefix("bytes=").removesuffix("-"))
            if start >= len(data):
                self.send_error(416)
                return
        self.send_response(206 if start else 200)
        self.send_header("Content-Length", str(len(data) - start))
        self.end_headers()
        end = self.server.cut_at if name == WEIGHTS and self.server.cut_at is not None else len(data)
        self.wfile.write(data[start:end])

    def log_message(self, format: str, *args: object) -> None:
        pass


@pytest.fixture
def server() -> Iterator[Hub]:
    made = Hub()
    thread = threading.Thread(target=made.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield made
    made.shutdown()
    made.server_close()
    thread.join()


def get(server: Hub, target: Path) -> Path:
    return download_embedder(target, server.url, sha256=GOOD, timeout=5)


def test_download(server: Hub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[tuple[int, int]] = []
    monkeypatch.setenv("HF_ENDPOINT", server.url)
    target = download_embedder(tmp_path / "new" / "model", sha256=GOOD, progress=lambda done, total: told.append((done, total)))
    assert find_embedder(target, tmp_path / "cache") == EmbedderSource(target, "model", GOOD, 8)
    assert told[-1] == (len(DATA), len(DATA))
    assert not list(target.rglob("*.part"))
    server.missing = {*FILES, WEIGHTS}
    assert get(server, target) == target, "what is there is not fetched again"


@pytest.mark.parametrize("obey_range", [True, False])
def test_a_cut_download_resumes(server: Hub, tmp_path: Path, obey_range: bool) -> None:
    server.cut_at = 300_000
    with pytest.raises(MementoError, match="300,000"):
        get(server, tmp_path)
    assert (tmp_path / f"{WEIGHTS}.part").stat().st_size == 300_000
    assert not (tmp_path / WEIGHTS).exists()
    server.cut_at, server.obey_range = None, obey_range
    get(server, tmp_path)
    assert (tmp_path / WEIGHTS).read_bytes() == DATA
    assert server.ranges == (["bytes=300000-"] if obey_range else [])


def test_a_part_that_is_whole_or_too_long(server: Hub, tmp_path: Path) -> None:
    part = tmp_path / f"{WEIGHTS}.part"
    part.write_bytes(DATA)
    get(server, tmp_path)
    (tmp_path / WEIGHTS).unlink()
    part.write_bytes(DATA + b"more")
    get(server, tmp_path)
    assert (tmp_path / WEIGHTS).read_bytes() == DATA


def test_wrong_weights_are_not_installed(server: Hub, tmp_path: Path) -> None:
    server.weights = b"evil" * 100
    with pytest.raises(MementoError, match="SHA-256"):
        get(server, tmp_path)
    assert not list(tmp_path.glob(f"{WEIGHTS}*"))


def test_missing_files(server: Hub, tmp_path: Path) -> None:
    server.missing = {"vocab.txt"}
    get(server, tmp_path)
    server.missing = {"config.json"}
    with pytest.raises(MementoError, match="404"):
        get(server, tmp_path / "b")
    server.missing = {WEIGHTS}
    with pytest.raises(MementoError, match="404"):
        get(server, tmp_path / "c")


def test_an_address_that_serves_something_else(server: Hub, tmp_path: Path) -> None:
    server.small = b"<html>please log in</html>"
    with pytest.raises(MementoError, match="not JSON"):
        get(server, tmp_path)
    url = server.url
    server.small = b"x" * (5 * 2**20)
    with pytest.raises(MementoError, match="larger"):
        get(server, tmp_path)
    for wrong in (url.replace("http://", "nonsense://"), "http://127.0.0.1:1"):
        with pytest.raises(MementoError, match="could not be fetched"):
            download_embedder(tmp_path / "x", wrong, timeout=2)
