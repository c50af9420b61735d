"""The owner's settings: one schema with defaults and explanations, read from a TOML file."""

from __future__ import annotations

import os
import re
import tomllib
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from memento_desktop.errors import MementoError


class Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class ModelSettings(Section):
    """The language model and how it runs."""

    path: Path | None = Field(None, description="A GGUF file; the built-in model when unset.")
    context: int = Field(0, ge=0, le=1_048_576, description="Tokens that prompt and reply share; 0 takes what the model was trained for.")
    threads: int | None = Field(None, ge=1, le=512, description="Threads for generation; unset: one less than the physical cores.")
    gpu_layers: int = Field(0, ge=-1, description="Layers to off-load to the GPU; -1 for all.")
    folders: tuple[Path, ...] = Field((), description="Folders of your own in which `memento models` looks for GGUF files as well.")


class MemorySettings(Section):
    """What is read before a task, and how it is searched."""

    embedder: Path | None = Field(None, description="A folder with a sentence-transformers model; found by itself when unset.")
    embedder_wait: float = Field(0.5, ge=0, le=30, description="Seconds a search waits for the embedder before it serves on text alone.")
    most_cases: int = Field(4, ge=0, le=4, description="Cases and lessons read before a plan, at most; 0 reads none.")
    most_facts: int = Field(6, ge=0, le=20, description="Facts read before a plan, at most.")
    reader: Literal["auto", "similarity", "kernel", "neural"] = Field(
        "auto",
        description="Which cases are read: by similarity or by what was learnt; auto takes a learned reader where it proved better.",
    )
    explore: float = Field(
        0.05, ge=0, le=0.2, description="Share of readings that try something else, so that it can be told what helps; 0 for none."
    )
    propose: Literal["rules", "model", "off"] = Field(
        "rules",
        description="Who proposes facts from what you said in a task, for you to accept: rules, or the model as well (one reply more).",
    )
    vector_weight: float = Field(0.4, ge=0, le=1, description="Share of meaning against words when the two rankings are fused.")


class LoopSettings(Section):
    """The caps of one task."""

    max_cycles: int = Field(3, ge=1, le=20, description="Times the planner may plan, the first included.")
    max_steps: int = Field(8, ge=1, le=50, description="Steps of one plan.")
    max_tool_calls: int = Field(5, ge=1, le=50, description="Tool calls of one step.")
    max_tokens: int = Field(1024, ge=16, le=32_768, description="Tokens of one reply.")
    max_seconds: float = Field(900, gt=0, description="Seconds of one task.")
    judge: bool = Field(True, description="Let the model judge its own answer when no check and no owner does.")


class AppSettings(Section):
    """The app in the terminal."""

    theme: str = Field("", max_length=100, description="Its colours: the name of a theme; empty for Memento's own.")
    keys: dict[str, str] = Field(
        default_factory=dict[str, str],
        description="Other keys for its commands, by the command's name; several keys with commas between them, such as ctrl+k,f1.",
    )
    notify_seconds: float = Field(
        20, ge=0, description="A notification on the desktop when a task took longer than this and the terminal has no focus; 0 for none."
    )
    plan_panel: Literal["auto", "always", "never"] = Field(
        "auto", description="Whether the plan stands beside the conversation; auto where the terminal is wide enough."
    )
    editor: str = Field("", description="The command that opens texts to edit; empty for $VISUAL or $EDITOR.")
    temporary: bool = Field(False, description="Begin with a temporary session: it reads no memory, and nothing of it is kept.")


PROFILE = re.compile(r"[a-z0-9][a-z0-9_-]{0,31}")


class Settings(Section):
    """Everything that can be set, by section of the TOML file."""

    profile: Annotated[
        str,
        Field(
            pattern=f"^{PROFILE.pattern}$",
            description="Whose memory is used, such as work or home; nothing of one is seen in another. --profile and MEMENTO_PROFILE win.",
        ),
    ] = "default"
    model: ModelSettings = ModelSettings()  # pyright: ignore[reportCallIssue]  # every field has a default
    memory: MemorySettings = MemorySettings()  # pyright: ignore[reportCallIssue]
    loop: LoopSettings = LoopSettings()  # pyright: ignore[reportCallIssue]
    app: AppSettings = AppSettings()  # pyright: ignore[reportCallIssue]

    @classmethod
    def load(cls, path: Path) -> Settings:
        """The settings in `path`, defaults where it says nothing or does not exist; the profile is that of MEMENTO_PROFILE where it is set.

        Raises:
            MementoError: the file is not TOML, or a key or value in it is not known; the message names it.
        """
        text = cls.read(path)
        return cls().of_the_environment() if text is None else cls.parsed(text, path).of_the_environment()

    def of_the_environment(self) -> Settings:
        """These settings, where the environment has no other word on them.

        Raises:
            MementoError: what it says is not usable.
        """
        profile = os.environ.get("MEMENTO_PROFILE", "").strip()
        if not profile:
            return self
        if not PROFILE.fullmatch(profile):
            raise MementoError(f"“{profile}” is no name for a profile.", "Use small letters, digits, - and _, at most 32.")
        return self.model_copy(update={"profile": profile})

    @staticmethod
    def read(path: Path) -> str | None:
        """The text of a settings file, as it stands; None where there is none.

        Raises:
            MementoError: it cannot be read.
        """
        try:
            return path.read_bytes().decode("utf-8-sig")
        except FileNotFoundError:
            return None
        except (OSError, UnicodeDecodeError) as error:
            raise MementoError(f"The settings in {path} cannot be read: {error}.", "Mend or remove the file.") from error

    @classmethod
    def parsed(cls, text: str, path: Path) -> Settings:
        """The settings that `text`, the content of `path`, makes. Raises as `load`."""
        try:
            return cls.model_validate(tomllib.loads(text))
        except tomllib.TOMLDecodeError as error:
            raise MementoError(f"The settings in {path} are not TOML: {error}.", "Mend the line, or remove the file.") from error
        except ValidationError as error:
            from memento_desktop.config.described import refusal

            key, why = refusal(error.errors()[0]["loc"], error.errors()[0]["msg"])
            raise MementoError(f"The setting {key} in {path} is not usable: {why}.", "Mend or remove that line.") from error
