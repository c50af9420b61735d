"""The embedder's child process: texts in, unit vectors out. The only file that imports torch and sentence_transformers."""

# Both libraries are partly typed: these rules would fire on every line that calls them.
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
# pyright: reportMissingTypeStubs=false

from __future__ import annotations

import os
import sys
from typing import Any

import numpy as np

from memento_desktop.errors import MementoError
from memento_desktop.inference.child import Job, Pipe

MAX_TOKENS = 256
BATCH = 16
NICE = 5


class Worker:
    """The requests."""

    def __init__(self) -> None:
        self._model: Any = None

    def load(self, job: Job) -> None:
        if sys.platform != "win32":
            # The owner's programs and the language model come first. Windows keeps the priority that the parent gave.
            os.nice(NICE)
        import torch
        from sentence_transformers import SentenceTransformer

        torch.set_num_threads(int(job.frame["threads"]))
        try:
            model = SentenceTransformer(
                str(job.frame["folder"]),
                device="cpu",
                local_files_only=True,
                trust_remote_code=False,
                # Never the pickled weights that may lie beside them.
                model_kwargs={"use_safetensors": True},
            )
        except Exception as err:
            raise MementoError(
                f"The embedder in {job.frame['folder']} cannot be loaded: {type(err).__name__}: {err}", "Install it again."
            ) from err
        model.max_seq_length = min(MAX_TOKENS, model.max_seq_length or MAX_TOKENS)
        self._model = model
        # The first call sets torch up; nobody should wait for that later.
        job.end({"dim": int(self._vectors(["ready"]).shape[1])})

    def _vectors(self, texts: list[str]) -> Any:
        found = self._model.encode(texts, batch_size=BATCH, normalize_embeddings=True, convert_to_numpy=True, show_progress_bar=False)
        return np.ascontiguousarray(found, dtype="<f4")

    def embed(self, job: Job) -> None:
        if self._model is None:
            raise MementoError("The embedder is not loaded", "This is a fault in Memento.")
        # The tokeniser takes no lone surrogates, which a Python string may hold.
        vectors = self._vectors([str(text).encode("utf-8", "replace").decode() for text in job.frame["texts"]])
        if not np.isfinite(vectors).all():
            raise MementoError("The embedder gave vectors that are not numbers", "Its weights are damaged: install it again.")
        job.end({"count": int(vectors.shape[0]), "dim": int(vectors.shape[1])}, vectors.tobytes())


def main(pipe: Pipe) -> None:
    """Serves until the parent leaves."""
    worker = Worker()
    pipe.serve({"load": worker.load, "embed": worker.embed})
