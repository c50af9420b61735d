"""The Hugging Face hub, or a mirror of it: addresses, tokens, which files a repository has, and what a person means by a name.

The environment variables are the hub's own: HF_ENDPOINT, HF_TOKEN, HF_HUB_OFFLINE, HF_HOME.
"""

from __future__ import annotations

import http.client
import json
import os
import re
import urllib.error
import urllib.request
from collections.abc import Sequence
from dataclasses import dataclass
from http.client import HTTPException, HTTPMessage, HTTPResponse
from pathlib import Path
from typing import IO, Any, cast
from urllib.parse import quote, unquote, urlsplit

from memento_desktop.errors import MementoError

ENDPOINT = "https://huggingface.co"
USUAL = "Q4_K_M"
"""The quantisation that is taken when a person names a repository only."""
MAX_LISTING = 32 * 2**20
_TRUE = frozenset(("1", "on", "yes", "true"))
_PART = r"[A-Za-z0-9][\w.-]*"
_NAME = re.compile(rf"({_PART}/{_PART})(?::(\w[\w.-]*)|/([^:?#]+\.gguf))?", re.IGNORECASE)
_ADDRESS = re.compile(rf"/({_PART}/{_PART})(?:/(?:blob|resolve|tree)/([^/]+)(?:/(.+))?)?/?", re.IGNORECASE)
_PIECE = re.compile(r"-\d{5}-of-\d{5}\.gguf$", re.IGNORECASE)
_LOOPBACK = frozenset(("localhost", "127.0.0.1", "::1"))


@dataclass(frozen=True)
class Wanted:
    """One file to download. `size` (bytes) and `sha256` are what is known of it beforehand: 0 and "" for nothing."""

    repository: str
    file: str
    revision: str = "main"
    size: int = 0
    sha256: str = ""


class Failed(MementoError):
    """An address that did not answer as it should. `status` is the HTTP status, 0 when the connection failed; `again`: trying helps."""

    def __init__(self, message: str, hint: str, status: int = 0, wait: float = 0.0) -> None:
        super().__init__(message, hint)
        self.status, self.wait = status, wait

    @property
    def again(self) -> bool:
        return self.status in (0, 408, 425, 429) or self.status >= 500


def endpoint() -> str:
    return (os.environ.get("HF_ENDPOINT", "").strip() or ENDPOINT).rstrip("/")


def refuse_offline() -> None:
    """
    Raises:
        MementoError: the owner said, by the environment, that the network is not to be used.
    """
    for name in ("HF_HUB_OFFLINE", "TRANSFORMERS_OFFLINE"):
        if os.environ.get(name, "").strip().lower() in _TRUE:
            raise MementoError(f"Nothing is downloaded: {name} is set.", f"Unset {name} to allow it, or use a model that is here already.")


def token() -> str:
    """The owner's token for the hub, from the environment or where the hub's own tools keep it; empty when there is none."""
    for name in ("HF_TOKEN", "HUGGING_FACE_HUB_TOKEN"):
        if found := os.environ.get(name, "").strip():
            return found
    if os.environ.get("HF_HUB_DISABLE_IMPLICIT_TOKEN", "").strip().lower() in _TRUE:
        return ""
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    home = Path(os.environ.get("HF_HOME") or cache / "huggingface").expanduser()
    try:
        return Path(os.environ.get("HF_TOKEN_PATH") or home / "token").read_text("utf-8").strip()
    except (OSError, UnicodeDecodeError):
        return ""


def address(wanted: Wanted) -> str:
    return f"{endpoint()}/{wanted.repository}/resolve/{quote(wanted.revision, safe='')}/{quote(wanted.file)}"


class _Redirects(urllib.request.HTTPRedirectHandler):
    """Follows redirects, never from https to http; the token stays with the hub; a question about a file ends where the hub answers it."""

    def redirect_request(
        self, req: urllib.request.Request, fp: IO[bytes], code: int, msg: str, headers: HTTPMessage, newurl: str
    ) -> urllib.request.Request | None:
        old, new = urlsplit(req.full_url), urlsplit(newurl)
        if old.scheme == "https" and new.scheme != "https":
            raise urllib.error.HTTPError(newurl, code, "redirect to an unencrypted address refused", headers, fp)
        if req.get_method() == "HEAD" and headers.get("X-Linked-Size"):
            return None
        following = super().redirect_request(req, fp, code, msg, headers, newurl)
        if following is not None:
            following.method = req.get_method()
            if (old.scheme, old.netloc) != (new.scheme, new.netloc):
                following.remove_header("Authorization")
        return following


_OPENER = urllib.request.build_opener(_Redirects)


def ask(url: str, *, start: int = 0, method: str = "GET", timeout: float = 30.0) -> HTTPResponse:
    """Opens an address, from byte `start` on. The token goes along to the hub alone, and only encrypted.

    Raises:
        Failed: there is no connection, or the answer is no; the message names the address.
    """
    headers = {"User-Agent": "memento-desktop", "Accept-Encoding": "identity"}
    if start:
        headers["Range"] = f"bytes={start}-"
    parts = urlsplit(url)
    if url.startswith(endpoint() + "/") and (parts.scheme == "https" or parts.hostname in _LOOPBACK) and (known := token()):
        headers["Authorization"] = f"Bearer {known}"
    try:
        request = urllib.request.Request(url, headers=headers, method=method)
        return cast("HTTPResponse", _OPENER.open(request, timeout=timeout))
    except urllib.error.HTTPError as err:
        if method == "HEAD" and err.headers.get("X-Linked-Size"):
            return cast("HTTPResponse", err)
        raise _refused(url, err) from err
    except (urllib.error.URLError, HTTPException, OSError, ValueError) as err:
        raise unreachable(url, err) from err


def unreachable(url: str, err: BaseException) -> Failed:
    reason = getattr(err, "reason", None) or (err if str(err) else type(err).__name__)
    return Failed(
        f"{urlsplit(url).netloc or url} cannot be reached: {reason}.", "Check the connection and try again: what has arrived is kept."
    )


def _refused(url: str, err: urllib.error.HTTPError) -> Failed:
    status = err.code
    shown = url.partition("?")[0]
    if status in (401, 403):
        code = err.headers.get("X-Error-Code", "")
        page = "/".join(shown.split("/")[:5])
        if code == "GatedRepo" or status == 403:
            return Failed(
                f"{shown} is not open to you ({status}).", f"Accept its licence at {page}, then set HF_TOKEN to your token.", status
            )
        return Failed(f"{shown} asks for a token, or does not exist ({status}).", "Check the name, or set HF_TOKEN to your token.", status)
    if status == 404:
        return Failed(f"{shown} does not exist (404).", "Check the name; HF_ENDPOINT names another hub.", status)
    wait = err.headers.get("Retry-After", "")
    waiting = min(float(wait), 60.0) if wait.isdigit() else 0.0
    return Failed(f"{shown} could not be fetched: {status} {err.reason}.", "Try again later: what has arrived is kept.", status, waiting)


def files(repository: str, revision: str = "main", timeout: float = 30.0) -> list[Wanted]:
    """The GGUF files of a repository, with the sizes and checksums that the hub gives.

    Raises:
        MementoError: offline, unreachable, no such repository, or an answer that is none.
    """
    refuse_offline()
    url = f"{endpoint()}/api/models/{repository}/tree/{quote(revision, safe='')}?recursive=true"
    try:
        with ask(url, timeout=timeout) as response:
            rows: Any = json.loads(response.read(MAX_LISTING))
        found: list[dict[str, Any]] = [row for row in rows if row["type"] == "file" and str(row["path"]).lower().endswith(".gguf")]
        return [_listed(repository, revision, row) for row in found]
    except (OSError, http.client.HTTPException) as err:
        raise unreachable(url, err) from err
    except (ValueError, KeyError, TypeError, AttributeError) as err:
        raise MementoError(f"{url} does not answer as a model hub does: {err}.", "Check HF_ENDPOINT.") from err


def _listed(repository: str, revision: str, row: dict[str, Any]) -> Wanted:
    large: dict[str, Any] = row.get("lfs") or {}
    return Wanted(repository, str(row["path"]), revision, int(row["size"]), _sha256(large.get("oid")))


def _sha256(value: object) -> str:
    return value.lower() if isinstance(value, str) and re.fullmatch(r"[0-9a-fA-F]{64}", value) else ""


def linked_sha256(etag: str | None) -> str:
    """The checksum of a file in the hub's answer: large files have their SHA-256 as tag, small ones another."""
    return _sha256((etag or "").removeprefix("W/").strip('"'))


@dataclass(frozen=True)
class Named:
    """What a person's words mean on the hub: a repository and, where they say so, a file or a quantisation."""

    repository: str
    file: str = ""
    tag: str = ""
    revision: str = "main"


def named(text: str) -> Named | None:
    """`owner/repo`, `owner/repo:Q4_K_M`, `owner/repo/file.gguf`, with hf.co/ before it or as an address; None when it is none of them."""
    text = text.strip()
    bare = re.sub(r"^(?:hf://|hf:|(?:https?://)?hf\.co/)", "", text)
    if "://" in bare:
        parts = urlsplit(bare)
        if f"{parts.scheme}://{parts.netloc}" not in (ENDPOINT, "https://www.huggingface.co", endpoint()):
            return None
        match = _ADDRESS.fullmatch(unquote(parts.path))
        found = Named(match[1], match[3] or "", "", match[2] or "main") if match else None
    else:
        match = _NAME.fullmatch(bare.removeprefix("huggingface.co/"))
        found = Named(match[1], match[3] or "", match[2] or "") if match else None
    # A file name becomes a path on this disk.
    return found if found and _plain(found.file) else None


def _plain(file: str) -> bool:
    parts = file.split("/") if file else []
    return all(re.fullmatch(r"[\w][\w .()+,@-]*", part) for part in parts) and (not file or file.lower().endswith(".gguf"))


def chosen(name: Named, listed: Sequence[Wanted]) -> list[Wanted]:
    """The file of `listed` that `name` means, all parts of a split one.

    Raises:
        MementoError: none or several; the hint names them.
    """
    if name.file:
        split = _PIECE.search(name.file)
        found = [one for one in listed if one.file == name.file or (split and _PIECE.sub("", one.file) == _PIECE.sub("", name.file))]
        if not found:
            raise MementoError(f"{name.repository} has no file {name.file}.", _among(listed))
        return sorted(found, key=lambda one: one.file)
    models = [one for one in listed if not re.search(r"mmproj|imatrix|\bmtp-", one.file.lower()) and _plain(one.file)]
    kinds = sorted({_stem(one.file) for one in models})
    tag = name.tag or USUAL
    matching = [kind for kind in kinds if re.search(rf"(?:^|[-._/]){re.escape(tag.lower())}$", kind.lower())]
    if not matching and not name.tag and len(kinds) == 1:
        matching = kinds
    if len(matching) != 1:
        what = "no file" if not matching else "several files"
        raise MementoError(f"{name.repository} has {what} for {tag}.", _among(models))
    return sorted((one for one in models if _stem(one.file) == matching[0]), key=lambda one: one.file)


def _stem(file: str) -> str:
    return re.sub(r"(?:-\d{5}-of-\d{5})?\.gguf$", "", file, flags=re.IGNORECASE)


def _among(listed: Sequence[Wanted]) -> str:
    names = [one.file for one in listed]
    if not names:
        return "It holds no GGUF: look for one whose name ends in -GGUF."
    return f"It has: {', '.join(names[:12])}{' …' if len(names) > 12 else ''}. Name one after the repository."
