"""Chat messages on their way into a template: checked, merged where a template is strict, and unable to spell a control token."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence

from memento_desktop.errors import MementoError

CHATML = (
    "{% for m in messages %}<|im_start|>{{ m['role'] }}\n{{ m['content'] }}<|im_end|>\n{% endfor %}"
    "{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"
)
CHATML_MARKS = ("<|im_start|>", "<|im_end|>")
ROLES = ("system", "user", "assistant")
_MARK_LIKE = re.compile(r"<\|.+\|>|</?(think|tool_call|tool_response)>|<(start|end)_of_turn>|\[/?[A-Z_]+\]")

ChatMessage = Mapping[str, str]
Render = Callable[[list[dict[str, str]]], str]


def looks_like_mark(text: str) -> bool:
    """Whether a token that the file calls ordinary is in truth a mark of a chat template."""
    return _MARK_LIKE.fullmatch(text) is not None


class Neutraliser:
    """Breaks every spelling of a control token inside a text with one space after its first character."""

    def __init__(self, controls: Iterable[str]) -> None:
        texts = sorted({text for text in controls if len(text.strip()) > 1}, key=lambda text: (-len(text), text))
        self._pattern = re.compile("|".join(re.escape(text) for text in texts)) if texts else None

    def __call__(self, text: str) -> str:
        if self._pattern is None:
            return text
        # Marks can overlap or stand inside one another, so what one pass leaves is looked at again.
        while True:
            broken = self._pattern.sub(lambda found: f"{found[0][0]} {found[0][1:]}", text)
            if broken == text:
                return text
            text = broken


def checked(messages: Sequence[ChatMessage]) -> list[dict[str, str]]:
    """The messages as plain dictionaries. Raises `MementoError` for a role or content that no template knows."""
    if not messages:
        raise MementoError("A prompt needs at least one message", "This is a fault in Memento.")
    out: list[dict[str, str]] = []
    for number, message in enumerate(messages, 1):
        role, content = message.get("role"), message.get("content")
        if role not in ROLES or not isinstance(content, str):
            raise MementoError(f"Message {number} has the role {role!r}; known are {', '.join(ROLES)}", "This is a fault in Memento.")
        out.append({"role": role, "content": content})
    return out


def merged(messages: Sequence[Mapping[str, str]]) -> list[dict[str, str]]:
    """For strict templates: the system text opens the first user message, neighbours of one role become one message."""
    out: list[dict[str, str]] = []
    for message in messages:
        role = "user" if message["role"] == "system" else message["role"]
        if out and out[-1]["role"] == role:
            out[-1]["content"] += "\n\n" + message["content"]
        else:
            out.append({"role": role, "content": message["content"]})
    return out


def rendered(messages: Sequence[ChatMessage], render: Render, neutral: Neutraliser) -> str:
    """The prompt's text. Raises `MementoError` when the model's template refuses the messages in both forms."""
    plain = [{**message, "content": neutral(message["content"])} for message in checked(messages)]
    try:
        return render(plain)
    except Exception as first:
        # Templates are programs of strangers: whatever they raise, the merged form is worth one try.
        try:
            return render(merged(plain))
        except Exception as second:
            raise MementoError(
                f"The model's chat template cannot render these messages: {first}; merged: {second}",
                "Choose another model: this one's template is damaged or made for another purpose.",
            ) from second
