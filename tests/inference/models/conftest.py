"""A hub of the test's own, and a tiny model."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.gguf_made import make_gguf
from tests.inference.models.hub_made import MadeHub, serving

NAMES = ("HF_HUB_OFFLINE", "TRANSFORMERS_OFFLINE", "HF_TOKEN", "HUGGING_FACE_HUB_TOKEN", "HF_TOKEN_PATH", "HF_HUB_DISABLE_IMPLICIT_TOKEN")


@pytest.fixture
def online(monkeypatch: pytest.MonkeyPatch) -> Iterator[MadeHub]:
    """The hub that HF_ENDPOINT names."""
    for name in (*NAMES, "HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy", "XDG_CACHE_HOME"):
        monkeypatch.delenv(name, raising=False)
    with serving() as hub:
        monkeypatch.setenv("HF_ENDPOINT", hub.address)
        yield hub


@pytest.fixture(scope="session")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """The bytes of a sound model."""
    return make_gguf(tmp_path_factory.mktemp("tiny") / "tiny.gguf").read_bytes()
