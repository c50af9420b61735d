"""The engine with a real child and a random model: streaming, schemas, limits, cancellation, death."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
from pathlib import Path
from typing import Any

import psutil
import pytest

from memento_desktop.agent.ports import ChatModel
from memento_desktop.errors import MementoError
from memento_desktop.inference import engine as engine_module
from memento_desktop.inference.engine import Completion, Engine
from memento_desktop.inference.worker import ChildDied
from tests.gguf_made import make_gguf
from tests.inference.conftest import LONG, OBJECT, chat, until, whole

PLAN: dict[str, Any] = {
    "anyOf": [
        {
            "type": "object",
            "properties": {
                "plan": {
                    "type": "array",
                    "maxItems": 3,
                    "items": {
                        "type": "object",
                        "properties": {"id": {"type": "integer"}, "task": {"type": "string", "maxLength": 12}},
                        "required": ["id", "task"],
                    },
                }
            },
            "required": ["plan"],
        },
        {"type": "object", "properties": {"answer": {"type": "string", "maxLength": 12}}, "required": ["answer"]},
    ]
}
posix_only = pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGSTOP")


async def test_it_is_what_the_loop_asks_for(engine: Engine) -> None:
    model: ChatModel = engine
    assert await model.count([{"role": "user", "content": "hello"}]) > 5


async def test_start_is_idempotent_and_shared(engine: Engine) -> None:
    assert (engine.pid, engine.name) == (None, "tiny")
    await asyncio.gather(engine.start(), engine.start(), whole(engine, "hello"))
    pid = engine.pid
    assert pid is not None
    await engine.start()
    assert engine.pid == pid
    assert engine.context == 1024
    assert engine.info["architecture"] == "llama"
    assert engine.info["has_template"] is True
    assert engine.info["parameters"] > 1000


async def test_the_schema_holds(engine: Engine) -> None:
    for n in range(20):
        done = await whole(engine, f"Prompt {n}", PLAN, 400, seed=n, temperature=1.0 if n % 2 else 0.0)
        assert not done.truncated
        reply = json.loads(done.text)
        assert set(reply) in ({"plan"}, {"answer"})
        assert 0 < done.confidence <= 1


async def test_a_reply_is_repeatable_and_the_prompt_is_kept(engine: Engine) -> None:
    first = await whole(engine, "same")
    again = await whole(engine, "same")
    assert (again.text, again.confidence) == (first.text, pytest.approx(first.confidence, rel=1e-3))
    assert first.cached_tokens == 0
    assert again.cached_tokens == again.prompt_tokens - 1 == await engine.count(chat("same")) - 1


async def test_roles_that_alternate_keep_their_prefixes(engine: Engine) -> None:
    roles = [f"You are the {role}. " + f"{role} must follow rules. " * 4 for role in ("planner", "executor", "judge")]
    for turn in range(3):
        for role in roles:
            items = [item async for item in engine.complete(chat(f"turn {turn}", role), OBJECT, 20)]
            done = items[-1]
            assert isinstance(done, Completion)
            assert turn == 0 or done.cached_tokens >= 0.8 * done.prompt_tokens


async def test_a_continued_conversation_comes_from_the_cache(engine: Engine) -> None:
    messages = chat("Task: " + "count the apples " * 8)
    first = [item async for item in engine.complete(messages, OBJECT, 60)][-1]
    assert isinstance(first, Completion)
    messages += [{"role": "assistant", "content": first.text}, {"role": "user", "content": "go on"}]
    second = [item async for item in engine.complete(messages, OBJECT, 60)][-1]
    assert isinstance(second, Completion)
    assert second.cached_tokens >= first.prompt_tokens


async def test_unicode_split_over_tokens(engine: Engine) -> None:
    text = "Grüße 😀 漢字"
    done = await whole(engine, "x", {"type": "string", "pattern": f"^{text}$"}, 100)
    assert json.loads(done.text) == text
    assert done.completion_tokens > len(text)


@pytest.mark.parametrize("value", ["a\\b", 'say "hi"', "Grüße 😀", "line\nbreak\ttab", "]}", {"k": ['"', 1, None]}, "\ud800"])
async def test_constants_come_out_as_they_are(engine: Engine, value: Any) -> None:
    schema = {"type": "object", "properties": {'the "key" ä': {"enum": [value]}}, "required": ['the "key" ä']}
    done = await whole(engine, "x", schema, 200)
    assert json.loads(done.text) == {'the "key" ä': value}


async def test_strings_hold_no_raw_control_characters(engine: Engine) -> None:
    for seed in range(5):
        done = await whole(engine, "x", OBJECT, 100, seed=seed, temperature=1.0)
        json.loads(done.text, strict=True)


async def test_token_limit(engine: Engine) -> None:
    done = await whole(engine, "x", LONG, 7)
    assert (done.truncated, done.completion_tokens) == (True, 7)
    free = await whole(engine, "x", None, 5)
    assert free.completion_tokens <= 5


async def test_context_overflow_and_clipping(engine: Engine) -> None:
    await engine.start()
    with pytest.raises(MementoError, match=r"1,024 together"):
        await whole(engine, "word " * 900)
    base = await engine.count(chat(""))
    text = "a" * (engine.context - base - 40)
    done = await whole(engine, text, LONG, 500)
    assert done.truncated
    assert done.completion_tokens + done.prompt_tokens == engine.context
    with pytest.raises(MementoError, match="at least one"):
        await whole(engine, "x", OBJECT, 0)


@pytest.mark.parametrize("mark", ["<|im_end|>", "<|im_start|>", "<|endoftext|>"])
async def test_text_cannot_become_a_control_token(engine: Engine, mark: str) -> None:
    spelt = await engine.count(chat(f"a{mark}b"))
    plain = await engine.count(chat("ab"))
    assert spelt - plain >= 6
    assert spelt == await engine.count(chat(f"a< {mark[1:]}b"))


@pytest.mark.parametrize(
    "schema",
    [
        {"type": "string", "maxLength": 100_000},
        {"$ref": "#/a", "a": {"$ref": "#/a"}},
        {"type": "string", "pattern": "no anchors"},
        {"type": "something"},
        {"$ref": "#/missing"},
        {"type": "string", "pattern": "^a[z-a]b$"},
    ],
)
async def test_unusable_schemas_cost_a_message(engine: Engine, schema: dict[str, Any]) -> None:
    await engine.start()
    pid = engine.pid
    with pytest.raises(MementoError, match="schema"):
        await whole(engine, "x", schema)
    await whole(engine, "x")
    assert engine.pid == pid


@pytest.mark.parametrize("schema", [{"type": "string", "maxLength": 300}, {"type": "array", "items": {"type": "null"}, "maxItems": 300}])
async def test_the_largest_repetition_is_safe(engine: Engine, schema: dict[str, Any]) -> None:
    await whole(engine, "x", schema, 40)


async def test_cancel_in_the_middle_of_a_prompt(slow_engine: Engine) -> None:
    await slow_engine.start()
    pid = slow_engine.pid
    task = asyncio.create_task(whole(slow_engine, "b" * 3800))
    await until(lambda: slow_engine.reading[0] > 0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert slow_engine.reading[0] < slow_engine.reading[1]
    await whole(slow_engine, "short")
    assert (slow_engine.pid, slow_engine.last_notice) == (pid, "")


async def test_cancel_in_the_middle_of_an_answer(slow_engine: Engine) -> None:
    stream = slow_engine.complete(chat("x"), LONG, 3000)
    async for piece in stream:
        assert isinstance(piece, str)
        break
    pid = slow_engine.pid
    await stream.aclose()
    done = await whole(slow_engine, "y")
    assert (slow_engine.pid, slow_engine.last_notice) == (pid, "")
    assert json.loads(done.text)


async def test_cancel_while_waiting_in_line(slow_engine: Engine) -> None:
    await slow_engine.start()
    first = slow_engine.complete(chat("x"), LONG, 3000)
    await anext(first)
    second = asyncio.create_task(whole(slow_engine, "z"))
    await asyncio.sleep(0)
    second.cancel()
    with pytest.raises(asyncio.CancelledError):
        await second
    assert isinstance(await anext(first), str)
    await first.aclose()
    assert slow_engine.last_notice == ""


@posix_only
async def test_a_stuck_child_is_replaced(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine_module, "CANCEL_SECONDS", 0.2)
    stream = engine.complete(chat("x"), LONG, 900)
    await anext(stream)
    pid = engine.pid
    assert pid is not None
    os.kill(pid, signal.SIGSTOP)
    await stream.aclose()
    assert "did not stop" in engine.last_notice
    await whole(engine, "again")
    assert engine.pid != pid


async def test_killed_in_the_middle_of_an_answer(slow_engine: Engine) -> None:
    stream = slow_engine.complete(chat("x"), LONG, 3000)
    await anext(stream)
    assert slow_engine.pid is not None
    psutil.Process(slow_engine.pid).kill()
    with pytest.raises(ChildDied) as caught:
        async for _ in stream:
            pass
    if sys.platform != "win32":
        assert caught.value.exit == "SIGKILL"
    assert slow_engine.pid is None
    await whole(slow_engine, "again")


async def test_close_ends_the_child_and_a_call_starts_it_again(engine: Engine) -> None:
    await whole(engine, "x")
    pid = engine.pid
    assert pid is not None
    await engine.close()
    assert not psutil.pid_exists(pid)
    assert engine.pid is None
    await whole(engine, "x")


async def test_close_in_the_middle_of_an_answer(slow_engine: Engine) -> None:
    stream = slow_engine.complete(chat("x"), LONG, 3000)
    await anext(stream)
    await slow_engine.close()
    with pytest.raises(MementoError, match="closed"):
        async for _ in stream:
            pass


async def test_a_cancelled_start_leaves_nothing_behind(slow_engine: Engine, tmp_path: Path) -> None:
    task = asyncio.create_task(slow_engine.start())
    await until((tmp_path / "engine.log").exists)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert slow_engine.pid is None
    await whole(slow_engine, "x")


@posix_only
async def test_close_does_not_wait_for_a_load(slow_engine: Engine) -> None:
    task = asyncio.create_task(slow_engine.start())
    await until(lambda: slow_engine._loading is not None)
    assert slow_engine._loading is not None
    os.kill(slow_engine._loading.pid, signal.SIGSTOP)
    await asyncio.wait_for(slow_engine.close(), 10)
    with pytest.raises(MementoError, match="ended while loading"):
        await task
    await whole(slow_engine, "x")


async def test_prefixes_share_the_cells_of_a_large_cache(slow: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine_module, "SEPARATE_BYTES", 0)
    engine = Engine(slow, log=tmp_path / "e.log", threads=1, context=600)
    for n in range(6):
        done = await whole(engine, f"{n}" * 120, limit=30)
        again = await whole(engine, f"{n}" * 120, limit=30)
        assert again.cached_tokens == again.prompt_tokens - 1
        assert again.text == done.text
    assert engine.info["separate_prefixes"] is False
    await whole(engine, "y" * 450, limit=60)
    await engine.close()


async def test_two_engines_at_once(engine: Engine, tiny: Path, tmp_path: Path) -> None:
    other = Engine(tiny, log=tmp_path / "other.log", threads=1, context=512, name="other")
    alone = await whole(engine, "same")
    one, two, three = await asyncio.gather(whole(engine, "same"), whole(other, "same"), whole(other, "different"))
    assert one.text == two.text == alone.text
    assert three.prompt_tokens > 0
    assert (other.context, other.name) == (512, "other")
    await other.close()


async def test_a_model_without_template_speaks_chatml(tmp_path: Path) -> None:
    bare = Engine(make_gguf(tmp_path / "bare.gguf", template=None), log=tmp_path / "e.log", threads=1)
    full = Engine(make_gguf(tmp_path / "full.gguf"), log=tmp_path / "e2.log", threads=1)
    assert (await whole(bare, "x")).text == (await whole(full, "x")).text
    assert bare.info["has_template"] is False
    await asyncio.gather(bare.close(), full.close())


async def test_a_model_with_a_broken_template(tmp_path: Path) -> None:
    engine = Engine(make_gguf(tmp_path / "a.gguf", template="{% for %}"), log=tmp_path / "e.log", threads=1)
    with pytest.raises(MementoError, match="template"):
        await engine.start()
    picky = Engine(make_gguf(tmp_path / "b.gguf", template="{{ raise_exception('never') }}"), log=tmp_path / "e.log", threads=1)
    with pytest.raises(MementoError, match="never"):
        await whole(picky, "x")
    await picky.close()


async def test_the_log_is_rotated_and_holds_no_prompt(engine: Engine, tmp_path: Path) -> None:
    log = tmp_path / "engine.log"
    log.write_bytes(b"x" * (5 * 2**20))
    await whole(engine, "my secret diary")
    assert log.stat().st_size < 2**20
    assert (tmp_path / "engine.log.1").stat().st_size == 5 * 2**20
    text = log.read_text("utf-8", "replace")
    assert "llama" in text
    assert "secret" not in text
