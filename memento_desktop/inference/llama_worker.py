"""The engine's child process: owns one loaded GGUF and answers load, count and complete. The only file that imports llama_cpp."""

from __future__ import annotations

import ctypes
import json
import os
import time
from collections.abc import Callable, Mapping
from typing import Any, cast

import llama_cpp
import numpy as np
from llama_cpp.llama_chat_format import Jinja2ChatFormatter
from llama_cpp.llama_grammar import SchemaConverter

from memento_desktop.errors import MementoError
from memento_desktop.inference.chat import CHATML, CHATML_MARKS, Neutraliser, looks_like_mark, rendered
from memento_desktop.inference.child import Job, Pipe
from memento_desktop.inference.gguf_header import DEFAULT_CONTEXT
from memento_desktop.inference.grammar import SchemaError, check_schema, literal, tightened
from memento_desktop.inference.reply import Cancelled, Reply
from memento_desktop.inference.sampling import Logits
from memento_desktop.inference.slots import SLOTS, Slot, Slots

# Its annotations say c_void_p, None or bytes where ctypes takes and gives something else: it is used untyped.
lib: Any = llama_cpp

BATCH = 512
LARGE_MODEL = 2**30
"""Bytes from which one token may take long enough to be worth aborting; below, the callback would cost more than it saves."""
LEAST_ROOM = 16
MAX_GRAMMARS = 64
_LOG_DEBUG = 1
_NO_ABORT = lib.ggml_abort_callback()


@lib.llama_log_callback
def _log(level: int, text: bytes, _: Any) -> None:
    if level > _LOG_DEBUG:
        os.write(2, text)


def _unheard(frame: Mapping[str, Any], tail: bytes) -> None:
    """Answers nobody: for work that no request asked for."""


def _other_model(path: str, reason: str) -> MementoError:
    return MementoError(f"{path} cannot be loaded: {reason}", "Download it again, or choose another model in the settings.")


class _Converter(SchemaConverter):
    def _format_literal(self, literal_text: str) -> str:  # pyright: ignore[reportIncompatibleMethodOverride]  # untyped there
        return literal(literal_text)


def _gbnf(schema: dict[str, Any]) -> str:
    converter: Any = _Converter(prop_order=dict[str, int](), allow_fetch=False, dotall=False, raw_pattern=False)
    converter.visit(converter.resolve_refs(schema, "schema"), "")
    return str(converter.format_grammar())


class Model:
    """One model and its context. Every call comes from one thread."""

    def __init__(self, path: str, context: int, threads: int, gpu_layers: int, flash_attention: bool, separate: bool) -> None:
        """`separate`: each slot gets cells of its own; else all share one context's."""
        params = lib.llama_model_default_params()
        params.n_gpu_layers = 0x7FFFFFFF if gpu_layers < 0 else gpu_layers
        self.model = lib.llama_model_load_from_file(path.encode(), params)
        if not self.model:
            raise _other_model(path, "llama.cpp does not accept the file (damaged, cut off, or an unknown kind of model)")
        self.vocab = lib.llama_model_get_vocab(self.model)
        self.n_vocab = lib.llama_vocab_n_tokens(self.vocab)
        if lib.llama_vocab_type(self.vocab) == lib.LLAMA_VOCAB_TYPE_NONE or self.n_vocab <= 0:
            raise _other_model(path, "it has no vocabulary, so it cannot read text")
        if lib.llama_model_has_encoder(self.model) or not lib.llama_model_has_decoder(self.model):
            raise _other_model(path, "it is an encoder (for embeddings or translation), not a model that answers")
        self.path = path
        self.trained = lib.llama_model_n_ctx_train(self.model)
        self.context = context or min(self.trained, DEFAULT_CONTEXT)
        self.large = lib.llama_model_size(self.model) >= LARGE_MODEL
        self._open_context(threads, flash_attention, separate)
        self._prepare_tokens()
        self._prepare_template()
        self._grammars: dict[str, Any] = {}
        self._abort = _NO_ABORT
        self._warm_up()

    def _open_context(self, threads: int, flash_attention: bool, separate: bool) -> None:
        params = lib.llama_context_default_params()
        params.n_ctx = self.context * (SLOTS if separate else 1)
        params.n_batch = params.n_ubatch = min(BATCH, self.context)
        params.n_seq_max = SLOTS
        params.kv_unified = not separate
        params.n_threads = params.n_threads_batch = threads
        params.no_perf = True
        params.flash_attn_type = lib.LLAMA_FLASH_ATTN_TYPE_ENABLED if flash_attention else lib.LLAMA_FLASH_ATTN_TYPE_DISABLED
        self.ctx = lib.llama_init_from_model(self.model, params)
        if not self.ctx:
            raise MementoError(
                f"{self.path}: a context of {self.context:,} tokens cannot be opened", "Choose a smaller context, or a smaller model."
            )
        self.memory = lib.llama_get_memory(self.ctx)
        if not self.memory:
            raise _other_model(self.path, "it keeps no memory of what it read: it is made for embeddings, not for answers")
        self.separate = separate
        self.slots = Slots(SLOTS, self._drop, None if separate else self.context)
        self._n_batch = min(BATCH, self.context)
        self._batch = lib.llama_batch_init(self._n_batch, 0, 1)
        shape = (self._n_batch,)
        self._batch_tokens = np.ctypeslib.as_array(self._batch.token, shape)
        self._batch_positions = np.ctypeslib.as_array(self._batch.pos, shape)
        self._batch_logits = np.ctypeslib.as_array(self._batch.logits, shape)
        np.ctypeslib.as_array(self._batch.n_seq_id, shape)[:] = 1
        self._batch_slot = -1
        self._logits_at = 0
        self._logits: Logits = np.zeros(0, dtype=np.float32)

    def _prepare_tokens(self) -> None:
        self._pieces: dict[int, bytes] = {}
        attributes = [lib.llama_vocab_get_attr(self.vocab, n) for n in range(self.n_vocab)]
        self.ends = {n for n in range(self.n_vocab) if lib.llama_vocab_is_eog(self.vocab, n)}
        marks = lib.LLAMA_TOKEN_ATTR_CONTROL | lib.LLAMA_TOKEN_ATTR_UNKNOWN
        controls = [n for n, attribute in enumerate(attributes) if attribute & marks]
        # A control token inside a string would be accepted by the grammar under its spelling and print nothing.
        self._banned = np.array([n for n in controls if n not in self.ends], dtype=np.int64)
        texts = {self._token_text(n) for n in {*controls, *self.ends}}
        defined = (n for n, attribute in enumerate(attributes) if attribute & lib.LLAMA_TOKEN_ATTR_USER_DEFINED)
        texts |= {text for n in defined if looks_like_mark(text := self._token_text(n))}
        self._controls = texts

    def _token_text(self, token: int) -> str:
        return (lib.llama_vocab_get_text(self.vocab, token) or b"").decode("utf-8", "replace")

    def _special(self, token: int) -> str:
        return self._token_text(token) if token >= 0 else ""

    def _prepare_template(self) -> None:
        own = lib.llama_model_chat_template(self.model, None)
        self.has_template = bool(own)
        template = own.decode("utf-8", "replace") if own else CHATML
        self._bos = self._special(lib.llama_vocab_bos(self.vocab))
        eos = self._special(lib.llama_vocab_eos(self.vocab))
        self._neutral = Neutraliser(self._controls | (set() if own else set(CHATML_MARKS)))
        # Without a template and without ChatML's tokens, the end mark comes as plain text.
        self.stop_text = "" if own or CHATML_MARKS[1] in self._controls else CHATML_MARKS[1]
        try:
            formatter = Jinja2ChatFormatter(template=template, eos_token=eos, bos_token=self._bos)
        except Exception as err:
            raise _other_model(self.path, f"its chat template is not usable: {err}") from err

        def render(messages: list[dict[str, str]]) -> str:
            # Planning works better without a "thinking" preamble; templates that know no such switch ignore it.
            return str(formatter(messages=cast("Any", messages), enable_thinking=False).prompt)

        self._render = render

    def _warm_up(self) -> None:
        """One token through the network, so that a file that crashes it does so while loading, and its pages are in memory."""
        first = lib.llama_vocab_bos(self.vocab)
        slot, _ = self.slots.take([max(first, 0)], 0)
        self.read(slot, [max(first, 0)], Job({"id": 0, "op": "load"}, b"", _unheard))
        self.slots.cut(slot, 0)

    def _drop(self, slot: int, position: int) -> bool:
        return bool(lib.llama_memory_seq_rm(self.memory, slot, position, -1))

    def tokens_of(self, messages: list[dict[str, str]]) -> list[int]:
        """The rendered prompt's tokens."""
        text = rendered(messages, self._render, self._neutral)
        add_bos = lib.llama_vocab_get_add_bos(self.vocab) and not (self._bos and text.startswith(self._bos))
        data = text.encode("utf-8", "replace")
        room = len(data) // 2 + 16
        while True:
            buffer = (lib.llama_token * room)()
            count = lib.llama_tokenize(self.vocab, data, len(data), buffer, room, add_bos, True)
            if count >= 0:
                return buffer[:count]
            if -count <= room:
                raise MementoError(f"The model's tokeniser cannot read a prompt of {len(data):,} bytes", "Shorten the prompt.")
            room = -count

    def piece(self, token: int) -> bytes:
        """The bytes that a token prints; none for control tokens."""
        known = self._pieces.get(token)
        if known is None:
            buffer = ctypes.create_string_buffer(512)
            count = lib.llama_token_to_piece(self.vocab, token, buffer, 512, 0, False)
            known = self._pieces[token] = buffer.raw[: max(count, 0)]
        return known

    def read(self, slot: Slot, tokens: list[int], job: Job) -> None:
        """Evaluates `tokens` at the end of `slot`. Raises `Cancelled`."""
        for start in range(0, len(tokens), self._n_batch):
            if job.cancelled:
                raise Cancelled
            self._decode(slot, tokens[start : start + self._n_batch])
            if len(tokens) > self._n_batch:
                job.part(read=min(start + self._n_batch, len(tokens)), unread=len(tokens))

    def _decode(self, slot: Slot, tokens: list[int]) -> None:
        count, past = len(tokens), len(slot.tokens)
        if self._batch_slot != slot.id:
            for n in range(self._n_batch):
                self._batch.seq_id[n][0] = slot.id
            self._batch_slot = slot.id
        if count == 1:
            self._batch_tokens[0], self._batch_positions[0], self._batch_logits[0] = tokens[0], past, 1
        else:
            self._batch_tokens[:count] = tokens
            self._batch_positions[:count] = np.arange(past, past + count)
            self._batch_logits[:count] = 0
            self._batch_logits[count - 1] = 1
        self._batch.n_tokens = count
        status = lib.llama_decode(self.ctx, self._batch)
        if status == 0:
            slot.tokens += tokens
            return
        # A part may have been evaluated: only what is on record stays.
        self.slots.cut(slot, past)
        if status == 2:
            raise Cancelled
        raise MementoError(f"The model could not evaluate {count} tokens at position {past} (llama_decode: {status})", "Try again.")

    def abort_on(self, job: Job) -> None:
        """From here on, native code looks at the job's flag between any two operations."""

        def flag(_: object) -> bool:
            return job.cancelled

        self._abort = lib.ggml_abort_callback(flag)
        lib.llama_set_abort_callback(self.ctx, self._abort, None)

    def abort_off(self) -> None:
        lib.llama_set_abort_callback(self.ctx, _NO_ABORT, None)

    def logits(self) -> Logits:
        """The last position's logits: a view that the next evaluation overwrites."""
        pointer = lib.llama_get_logits_ith(self.ctx, -1)
        address = ctypes.addressof(pointer.contents)
        if address != self._logits_at:
            self._logits = np.ctypeslib.as_array(pointer, (self.n_vocab,))
            self._logits_at = address
        return self._logits

    def ban_controls(self, logits: Logits) -> None:
        logits[self._banned] = -np.inf

    def grammar(self, schema: dict[str, Any]) -> Grammar:
        """A fresh grammar for one reply. Raises `SchemaError`."""
        key = json.dumps(schema)
        pristine = self._grammars.get(key)
        if pristine is None:
            pristine = self._compile(schema, key)
            if len(self._grammars) >= MAX_GRAMMARS:
                lib.llama_sampler_free(self._grammars.pop(next(iter(self._grammars))))
            self._grammars[key] = pristine
        return Grammar(lib.llama_sampler_clone(pristine), next(iter(self.ends), -1))

    def _compile(self, schema: dict[str, Any], key: str) -> Any:
        check_schema(schema)
        try:
            gbnf = _gbnf(json.loads(key))
        except (Exception, RecursionError) as err:
            raise SchemaError(f"{type(err).__name__}: {err}") from err
        sampler = lib.llama_sampler_init_grammar(self.vocab, tightened(gbnf).encode(), b"root")
        if not sampler:
            raise SchemaError("llama.cpp does not accept it (it may refer to itself without an end)")
        return sampler


class Grammar:
    """The state of one reply under a grammar."""

    def __init__(self, sampler: Any, end: int) -> None:
        self._sampler = sampler
        self._end = end
        self._one = (lib.llama_token_data * 1)()
        self._one_array = lib.llama_token_data_array(data=self._one, size=1, selected=-1, sorted=False)

    def allowed(self, tokens: list[int]) -> list[bool]:
        """Whether each of `tokens` may come next."""
        if len(tokens) == 1:
            data, array = self._one, self._one_array
            data[0].id, data[0].logit = tokens[0], 0.0
        else:
            data = (lib.llama_token_data * len(tokens))(*((token, 0.0, 0.0) for token in tokens))
            array = lib.llama_token_data_array(data=data, size=len(tokens), selected=-1, sorted=False)
        lib.llama_sampler_apply(self._sampler, ctypes.byref(array))
        return [data[n].logit == 0.0 for n in range(len(tokens))]

    def accept(self, token: int) -> None:
        lib.llama_sampler_accept(self._sampler, token)

    def complete(self) -> bool:
        """Whether the reply may end here."""
        return self._end >= 0 and self.allowed([self._end])[0]

    def free(self) -> None:
        lib.llama_sampler_free(self._sampler)


class Worker:
    """The requests."""

    def __init__(self) -> None:
        self._model: Model | None = None

    def load(self, job: Job) -> None:
        frame = job.frame
        model = self._model = Model(
            str(frame["path"]),
            int(frame["context"]),
            int(frame["threads"]),
            int(frame["gpu_layers"]),
            flash_attention=bool(frame["flash_attention"]),
            separate=bool(frame["separate"]),
        )
        description = ctypes.create_string_buffer(256)
        lib.llama_model_desc(model.model, description, 256)
        architecture = ctypes.create_string_buffer(128)
        lib.llama_model_meta_val_str(model.model, b"general.architecture", architecture, 128)
        job.end(
            {
                "context": model.context,
                "trained_context": model.trained,
                "architecture": architecture.value.decode("utf-8", "replace"),
                "description": description.value.decode("utf-8", "replace"),
                "parameters": lib.llama_model_n_params(model.model),
                "vocabulary": model.n_vocab,
                "has_template": model.has_template,
                "separate_prefixes": model.separate,
                "build": f"llama-cpp-python {lib.__version__}",
            }
        )

    def _loaded(self) -> Model:
        if self._model is None:
            raise MementoError("No model is loaded", "This is a fault in Memento.")
        return self._model

    def count(self, job: Job) -> None:
        job.end({"tokens": len(self._loaded().tokens_of(job.frame["messages"]))})

    def complete(self, job: Job) -> None:
        model = self._loaded()
        began = time.monotonic()
        prompt = model.tokens_of(job.frame["messages"])
        limit = int(job.frame["max_tokens"])
        left = model.context - len(prompt)
        if left < min(LEAST_ROOM, limit):
            raise MementoError(
                f"The prompt has {len(prompt):,} tokens and the reply needs up to {limit:,}; the model holds {model.context:,} together",
                "Shorten the task or its documents, or choose a larger context.",
            )
        limit = min(limit, left)
        schema = job.frame.get("schema")
        grammar = model.grammar(schema) if schema is not None else None
        try:
            slot, cached = model.slots.take(prompt, limit)
            reply = Reply(model, job, slot, grammar)
            cancelled = self._run(model, reply, job, prompt[cached:], limit)
        finally:
            if grammar is not None:
                grammar.free()
        sums = {"prompt_tokens": len(prompt), "cached_tokens": cached, "seconds": time.monotonic() - began}
        job.end({**reply.summary(), **sums, "cancelled": cancelled})

    def _run(self, model: Model, reply: Reply, job: Job, unread: list[int], limit: int) -> bool:
        """Reads the prompt and generates; whether that was cancelled."""
        model.abort_on(job)
        try:
            model.read(reply.slot, unread, job)
            if not model.large:
                model.abort_off()
            reply.run(limit)
        except Cancelled:
            return True
        finally:
            model.abort_off()
        return False


def main(pipe: Pipe) -> None:
    """Serves until the parent leaves."""
    lib.llama_log_set(_log, None)
    lib.llama_backend_init()
    worker = Worker()
    handlers: dict[str, Callable[[Job], None]] = {"load": worker.load, "count": worker.count, "complete": worker.complete}
    pipe.serve(handlers)
