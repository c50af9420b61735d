"""Fetches the sentence embedder over HTTPS after the owner agreed: resumable, checked, and in place only when it is whole."""

from __future__ import annotations

import hashlib
import json
import os
import urllib.error
import urllib.request
from collections.abc import Callable
from http.client import HTTPException, HTTPMessage, HTTPResponse
from pathlib import Path
from typing import IO, cast
from urllib.parse import urlsplit

from memento_desktop.errors import MementoError
from memento_desktop.inference.embedder_source import FILES, MODEL, WEIGHTS, WEIGHTS_SHA256

MAX_SMALL = 4 * 2**20
MAX_WEIGHTS = 200 * 2**20
TIMEOUT = 30.0
OPTIONAL = ("special_tokens_map.json", "vocab.txt", "config_sentence_transformers.json", "sentence_bert_config.json")
_CHUNK = 2**18
_AGAIN = "Check the connection and try again: what has arrived is kept."

Progress = Callable[[int, int], None]


class _NoDowngrade(urllib.request.HTTPRedirectHandler):
    """Follows redirects, but never from https to http."""

    def redirect_request(
        self, req: urllib.request.Request, fp: IO[bytes], code: int, msg: str, headers: HTTPMessage, newurl: str
    ) -> urllib.request.Request | None:
        if urlsplit(req.full_url).scheme == "https" and urlsplit(newurl).scheme != "https":
            raise urllib.error.HTTPError(newurl, code, "redirect to an unencrypted address refused", headers, fp)
        return super().redirect_request(req, fp, code, msg, headers, newurl)


def download_embedder(
    target: Path, endpoint: str = "", *, sha256: str = WEIGHTS_SHA256, progress: Progress | None = None, timeout: float = TIMEOUT
) -> Path:
    """Downloads the embedder into the folder `target` and returns it. Blocking: run it in a thread.

    `endpoint` is $HF_ENDPOINT or https://huggingface.co when empty; `progress` hears bytes done and bytes in all of the weights.
    Raises `MementoError` naming the address and what went wrong; a call again resumes. Only the weights are large enough to resume.
    """
    base = (endpoint or os.environ.get("HF_ENDPOINT") or "https://huggingface.co").rstrip("/")
    root = f"{base}/{MODEL}/resolve/main"
    opener = urllib.request.build_opener(_NoDowngrade)
    try:
        target.mkdir(parents=True, exist_ok=True)
        for name in FILES:
            _small(opener, f"{root}/{name}", target / name, timeout)
        weights = target / WEIGHTS
        if not (weights.is_file() and _digest(weights) == sha256):
            _weights(opener, f"{root}/{WEIGHTS}", weights, sha256, progress, timeout)
    except OSError as err:
        raise MementoError(f"The embedder cannot be saved in {target}: {err}", "Check the folder's permissions and the disk.") from err
    return target


def _open(opener: urllib.request.OpenerDirector, url: str, timeout: float, start: int = 0) -> HTTPResponse:
    headers = {"User-Agent": "memento-desktop"} | ({"Range": f"bytes={start}-"} if start else {})
    try:
        return cast("HTTPResponse", opener.open(urllib.request.Request(url, headers=headers), timeout=timeout))
    except urllib.error.HTTPError as err:
        raise _Failed(url, f"{err.code} {err.reason}", err.code) from err
    except (urllib.error.URLError, HTTPException, TimeoutError, ConnectionError, ValueError) as err:
        raise _Failed(url, str(getattr(err, "reason", err)), 0) from err


class _Failed(MementoError):
    def __init__(self, url: str, why: str, status: int) -> None:
        self.status = status
        hint = "The address does not have this file: check the endpoint." if status == 404 else _AGAIN
        super().__init__(f"{url} could not be fetched: {why}", hint)


def _small(opener: urllib.request.OpenerDirector, url: str, path: Path, timeout: float) -> None:
    if path.is_file():
        return
    try:
        with _open(opener, url, timeout) as response:
            data = response.read(MAX_SMALL + 1)
            announced = response.headers.get("Content-Length")
    except _Failed as err:
        if err.status == 404 and path.name in OPTIONAL:
            return
        raise
    except (HTTPException, TimeoutError, ConnectionError) as err:
        raise _Failed(url, str(err) or type(err).__name__, 0) from err
    if len(data) > MAX_SMALL:
        raise MementoError(f"{url} is larger than {MAX_SMALL:,} bytes", "The address does not serve this model: check the endpoint.")
    if announced is not None and int(announced) != len(data):
        raise _Failed(url, f"{len(data):,} of {announced} bytes came", 0)
    if path.suffix == ".json":
        try:
            json.loads(data)
        except ValueError as err:
            raise MementoError(f"{url} is not JSON: {err}", "The address does not serve this model: check the endpoint.") from err
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(path.name + ".part")
    partial.write_bytes(data)
    partial.replace(path)


def _weights(opener: urllib.request.OpenerDirector, url: str, path: Path, sha256: str, progress: Progress | None, timeout: float) -> None:
    partial = path.with_name(path.name + ".part")
    start = partial.stat().st_size if partial.is_file() else 0
    try:
        response = _open(opener, url, timeout, start)
    except _Failed as err:
        if err.status != 416:
            raise
        # The part on disk is as long as the file or longer: if it is not the file itself, it is of no use.
        if _digest(partial) == sha256:
            partial.replace(path)
            return
        partial.unlink()
        start = 0
        response = _open(opener, url, timeout)
    with response:
        start = start if response.status == 206 else 0
        _receive(response, url, partial, start, progress)
    found = _digest(partial)
    if found != sha256:
        partial.unlink()
        raise MementoError(
            f"{url} is not the published model: its SHA-256 is {found[:16]}…, not {sha256[:16]}…",
            "Nothing was installed. Try again, or check the endpoint.",
        )
    partial.replace(path)


def _receive(response: HTTPResponse, url: str, partial: Path, start: int, progress: Progress | None) -> None:
    announced = response.headers.get("Content-Length")
    total = start + int(announced) if announced and announced.isdigit() else 0
    done = start
    with partial.open("ab" if start else "wb") as file:
        while True:
            try:
                chunk = response.read(_CHUNK)
            except (HTTPException, TimeoutError, ConnectionError) as err:
                raise _Failed(url, f"the connection broke after {done:,} bytes ({err or type(err).__name__})", 0) from err
            if not chunk:
                break
            file.write(chunk)
            done += len(chunk)
            if done > MAX_WEIGHTS:
                raise MementoError(f"{url} is larger than {MAX_WEIGHTS:,} bytes", "The address does not serve this model.")
            if progress is not None:
                progress(done, total)
    if total and done < total:
        raise _Failed(url, f"the connection ended after {done:,} of {total:,} bytes", 0)


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
