"""The streams of `memento eval selection`: utterances of CLINC150 as tasks and cases, with sentence vectors from the app's own embedder."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from memento_desktop.errors import MementoError
from memento_desktop.inference.embedder import Embedder
from memento_desktop.inference.embedder_source import NoEmbedder, find_embedder

Matrix = NDArray[np.float32]

FILE = Path("clinc150", "data_small.json")
PER_INTENT = {"plain": 10, "flawed": 10, "thin": 2}
FLAWED = 0.35
"""Share of the cases that never help in the stream *flawed*."""
PATIENCE = 600.0
"""Seconds that one block of texts may take to embed."""
BLOCK = 512


@dataclass(frozen=True)
class World:
    """One stream: n tasks in their order, m cases, and which case helps which task. Vectors are of unit length."""

    stream: str
    seed: int
    tasks: Matrix
    """(n, d)"""
    cases: Matrix
    """(m, d)"""
    helps: NDArray[np.bool_]
    """(n, m)"""
    similarity: Matrix
    """(n, m), cosines."""
    nearness: Matrix
    """(n, n), cosines of the tasks."""


def load(data: Path) -> dict[str, list[str]]:
    """Intent → its utterances of the training and test parts, each once, sorted. Raises `MementoError` when the file cannot be used."""
    path = data / FILE
    hint = f"Point --data at the folder that holds {FILE.as_posix()} (github.com/clinc/oos-eval, CC BY 3.0)."
    try:
        parts: Any = json.loads(path.read_text(encoding="utf-8"))
        labelled: dict[str, str] = {}
        for text, intent in [*parts["train"], *parts["test"]]:
            labelled.setdefault(str(text), str(intent))
    except OSError as err:
        raise MementoError(f"CLINC150 is not at {path}", hint) from err
    except (ValueError, KeyError, TypeError) as err:
        raise MementoError(f"{path} is not the CLINC150 file: {err}", hint) from err
    found: dict[str, list[str]] = {}
    for text, intent in sorted(labelled.items()):
        found.setdefault(intent, []).append(text)
    if min(map(len, found.values()), default=0) <= max(PER_INTENT.values()):
        raise MementoError(f"{path} holds too few utterances an intent", hint)
    return found


@dataclass(frozen=True)
class Drawn:
    """Texts of one seed: the bank in order of intents, 10 each, and the tasks."""

    bank: Sequence[tuple[int, str]]
    tasks: Sequence[tuple[int, str]]


def draw(utterances: Mapping[str, Sequence[str]], seed: int, readings: int) -> Drawn:
    """Bank and tasks without overlap; the same for each stream of a seed (*thin* takes the first 2 of each intent's 10)."""
    random = np.random.default_rng([seed, 150])
    most = max(PER_INTENT.values())
    bank: list[tuple[int, str]] = []
    rest: list[tuple[int, str]] = []
    for number, intent in enumerate(sorted(utterances)):
        own = utterances[intent]
        texts: list[str] = [own[int(n)] for n in random.permutation(len(own))]
        bank += [(number, text) for text in texts[:most]]
        rest += [(number, text) for text in texts[most:]]
    return Drawn(bank, [rest[int(n)] for n in random.permutation(len(rest))[:readings]])


async def worlds(
    utterances: Mapping[str, Sequence[str]], seed: int, readings: int, cache: Path, progress: Callable[[str], None]
) -> list[World]:
    """The three streams of a seed. Raises `MementoError` when there is no embedder or it fails."""
    drawn = draw(utterances, seed, readings)
    vectors = await embedded([text for _, text in [*drawn.bank, *drawn.tasks]], cache, progress)
    bank, tasks = (np.stack([vectors[text] for _, text in part]) for part in (drawn.bank, drawn.tasks))
    bank_intents, intents = (np.array([intent for intent, _ in part]) for part in (drawn.bank, drawn.tasks))
    nearness = tasks @ tasks.T
    most = max(PER_INTENT.values())
    found: list[World] = []
    for number, (stream, per_intent) in enumerate(PER_INTENT.items()):
        kept = np.flatnonzero(np.arange(len(bank)) % most < per_intent)
        helps = intents[:, None] == bank_intents[kept][None, :]
        if stream == "flawed":
            helps = helps & (np.random.default_rng([seed, number]).random(len(kept)) >= FLAWED)
        found.append(World(stream, seed, tasks, bank[kept], helps, tasks @ bank[kept].T, nearness))
    return found


async def embedded(texts: Sequence[str], cache: Path, progress: Callable[[str], None], name: str = "clinc150") -> dict[str, Matrix]:
    """Text → unit vector (d,). Vectors are kept in `cache`, in a file of this name and the embedder's SHA-256; missing ones are added."""
    source = find_embedder(None, cache)
    if isinstance(source, NoEmbedder):
        raise MementoError(source.reason, "This evaluation compares sentence vectors: it needs the embedder.")
    path = cache / f"{name}-{source.sha256[:16]}.npz"
    known = _read(path)
    missing = sorted({text for text in texts if text not in known}, key=lambda text: (len(text), text))
    if not missing:
        return known
    embedder = Embedder(source, log=cache / "embedder.log")
    embedder.start()
    try:
        for start in range(0, len(missing), BLOCK):
            progress(f"embedding {start} of {len(missing)} texts")
            block = missing[start : start + BLOCK]
            made = await embedder.embed(block, PATIENCE)
            if made is None:
                raise MementoError(f"The embedder does not answer: {embedder.reason}", "Run `memento doctor`.")
            known |= {text: np.frombuffer(one, "<f4").astype(np.float32) for text, one in zip(block, made, strict=True)}
    finally:
        await embedder.close()
    _write(path, known)
    return known


def _read(path: Path) -> dict[str, Matrix]:
    try:
        with np.load(path, allow_pickle=False) as file:
            return dict(zip(map(str, file["texts"]), file["vectors"], strict=True))
    except FileNotFoundError:
        return {}
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile) as err:
        raise MementoError(f"The kept vectors in {path} cannot be read: {err}", "Delete the file: it will be made again.") from err


def _write(path: Path, known: Mapping[str, Matrix]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_suffix(".partial.npz")
    np.savez(partial, texts=np.array(list(known)), vectors=np.stack(list(known.values())))
    partial.replace(path)
