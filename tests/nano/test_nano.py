"""The built-in model: trained on today's prompts, cut into tokens as it was trained, and able to do what its card says."""

from __future__ import annotations

import json
from pathlib import Path
from random import Random
from typing import Any

import gguf
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from memento_desktop.inference.builtin import built_in
from models.nano import evaluate, generate
from models.nano.tokenizer import Tokenizer

FLOORS = {"plain": 0.93, "convention": 0.65, "asking": 0.75, "executing": 0.93, "judging": 0.85, "looked at": 0.85, "held out": 0.6}
"""Somewhat below the card's figures, which rest on more transcripts."""
FOLDER = Path(__file__).parents[2] / "models" / "nano"


@pytest.fixture(scope="module")
def tokenizer() -> Tokenizer:
    fields = gguf.GGUFReader(FOLDER / "nano.gguf").fields
    return Tokenizer(fields["tokenizer.ggml.tokens"].contents(), fields["tokenizer.ggml.scores"].contents())


@pytest.fixture(scope="module")
def vocabulary() -> Any:
    import llama_cpp

    return llama_cpp.Llama(str(FOLDER / "nano.gguf"), vocab_only=True, verbose=False)


def test_the_prompts_are_those_it_was_trained_on():
    recorded = json.loads((FOLDER / "nano.json").read_text())["prompt_hash"]
    assert recorded == generate.prompt_hash(), (
        "A prompt, a tool's description or the wording of a tool's answer changed: train the model again "
        "(python -m models.nano.train, then python -m models.nano.export)."
    )


def test_it_is_small_and_whole():
    model = built_in()
    assert model.path.stat().st_size <= 15_000_000
    assert model.tools


def test_transcripts_are_cut_as_llama_cpp_cuts_them(tokenizer: Tokenizer, vocabulary: Any):
    r = Random(5)
    for _ in range(60):
        text = generate.render(generate.conversation(r))
        assert vocabulary.tokenize(text.encode(), add_bos=False, special=True) == tokenizer.encode(text)


@settings(max_examples=150, deadline=None)
@given(st.text(max_size=60))
def test_any_text_is_cut_as_llama_cpp_cuts_it_and_comes_back(text: str):
    fields = gguf.GGUFReader(FOLDER / "nano.gguf").fields
    known = Tokenizer(fields["tokenizer.ggml.tokens"].contents(), fields["tokenizer.ggml.scores"].contents())
    if "\0" in text or "▁" in text:
        return
    ids = known.encode(text)
    data = b"".join(bytes([n - 4]) if 4 <= n < 260 else known.tokens[n].replace("▁", " ").encode() for n in ids)
    assert data.decode() == text


def test_the_generator_is_deterministic():
    assert [generate.conversation(Random(3)) for _ in range(5)] == [generate.conversation(Random(3)) for _ in range(5)]


async def test_it_does_what_its_card_says(tmp_path: Path):
    """Exact replies on transcripts that it was never trained on, through the app's own engine."""
    scores = await evaluate.evaluate(FOLDER / "nano.gguf", count=40, show=12)
    short = {kind: (right, asked) for kind, (right, asked) in scores.items() if right < FLOORS[kind] * asked}
    assert not short, f"below the card: {short}"
