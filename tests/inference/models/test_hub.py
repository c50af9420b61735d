"""What a person means by a name on the hub, and which files that is."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from memento_desktop.errors import MementoError
from memento_desktop.inference.models.download import target
from memento_desktop.inference.models.hub import Named, Wanted, chosen, files, named, token
from tests.inference.models.hub_made import MadeHub


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("Qwen/Qwen3-4B-GGUF", Named("Qwen/Qwen3-4B-GGUF")),
        ("Qwen/Qwen3-4B-GGUF:Q8_0", Named("Qwen/Qwen3-4B-GGUF", tag="Q8_0")),
        ("hf.co/Qwen/Qwen3-4B-GGUF:q8_0", Named("Qwen/Qwen3-4B-GGUF", tag="q8_0")),
        ("Qwen/Qwen3-4B-GGUF/sub/a-Q8_0.gguf", Named("Qwen/Qwen3-4B-GGUF", "sub/a-Q8_0.gguf")),
        ("https://huggingface.co/Qwen/Qwen3-4B-GGUF", Named("Qwen/Qwen3-4B-GGUF")),
        ("https://huggingface.co/Qwen/Q/blob/main/a.gguf?download=true", Named("Qwen/Q", "a.gguf")),
        ("https://huggingface.co/Qwen/Q/resolve/0123abc/a.gguf", Named("Qwen/Q", "a.gguf", revision="0123abc")),
        ("https://elsewhere.example/Qwen/Q", None),
        ("qwen3-4b", None),
        ("a/b/c/d", None),
        ("a/b/../../c.gguf", None),
        ("a/b/C:\\x.gguf", None),
        ("https://huggingface.co/a/b/resolve/main/%2e%2e/%2e%2e/x.gguf", None),
    ],
)
def test_names(text: str, meant: Named | None) -> None:
    assert named(text) == meant


@settings(max_examples=60)
@given(st.text(max_size=40))
def test_no_name_leads_out_of_the_folder(text: str) -> None:
    folder = Path("/models").absolute()
    for form in (f"a/b/{text}.gguf", f"https://huggingface.co/a/b/resolve/main/{text}.gguf"):
        if (meant := named(form)) is not None and meant.file:
            path = target(Wanted(meant.repository, meant.file), folder)
            assert folder in path.parents and ".." not in path.parts


LISTED = [
    *(Wanted("a/b", file) for file in ("M-Q4_K_M.gguf", "M-Q8_0.gguf", "mmproj-M-Q8_0.gguf", "big/M-BF16-00001-of-00002.gguf")),
    Wanted("a/b", "big/M-BF16-00002-of-00002.gguf"),
]


def test_a_repository_alone_means_the_usual_quantisation() -> None:
    assert [one.file for one in chosen(Named("a/b"), LISTED)] == ["M-Q4_K_M.gguf"]
    assert [one.file for one in chosen(Named("a/b", tag="q8_0"), LISTED)] == ["M-Q8_0.gguf"]


def test_a_split_model_is_all_of_its_parts() -> None:
    both = ["big/M-BF16-00001-of-00002.gguf", "big/M-BF16-00002-of-00002.gguf"]
    assert [one.file for one in chosen(Named("a/b", tag="BF16"), LISTED)] == both
    assert [one.file for one in chosen(Named("a/b", both[1]), LISTED)] == both


def test_what_is_not_there_or_not_clear_is_answered_with_what_is() -> None:
    with pytest.raises(MementoError, match="no file") as caught:
        chosen(Named("a/b", tag="Q2_K"), LISTED)
    assert "M-Q8_0.gguf" in caught.value.hint
    with pytest.raises(MementoError, match=r"no file x\.gguf"):
        chosen(Named("a/b", "x.gguf"), LISTED)
    with pytest.raises(MementoError, match="several"):
        chosen(Named("a/b"), [Wanted("a/b", "X-Q4_K_M.gguf"), Wanted("a/b", "Y-Q4_K_M.gguf")])
    with pytest.raises(MementoError, match="no file"):
        chosen(Named("a/b"), [])


def test_the_hub_is_asked_for_files_sizes_and_checksums(online: MadeHub, tiny: bytes) -> None:
    online.files = {"a/b/x-Q4_K_M.gguf": tiny, "a/b/README.md": b"hello"}
    (only,) = files("a/b")
    assert (only.file, only.size, len(only.sha256)) == ("x-Q4_K_M.gguf", len(tiny), 64)
    with pytest.raises(MementoError, match="404"):
        files("a/none")


def test_the_token_is_found_where_the_hubs_tools_keep_it(online: MadeHub, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert token() == ""
    kept = home / ".cache" / "huggingface" / "token"
    kept.parent.mkdir(parents=True)
    kept.write_text("from the file\n")
    assert token() == "from the file"
    monkeypatch.setenv("HF_HUB_DISABLE_IMPLICIT_TOKEN", "1")
    assert token() == ""
    monkeypatch.setenv("HF_TOKEN", "from the variable")
    assert token() == "from the variable"
