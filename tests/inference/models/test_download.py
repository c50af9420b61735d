"""Downloads against a hub of our own: cuts, wrong checksums, refusals, pauses; nothing unchecked is ever in place."""

from __future__ import annotations

import hashlib
import json
import shutil
import threading
from pathlib import Path

import pytest

from memento_desktop.errors import MementoError
from memento_desktop.inference.models import download as module
from memento_desktop.inference.models.download import Failed, Paused, Progress, Wanted, download, target, unfinished
from tests.inference.models.hub_made import MadeHub

WANTED = Wanted("maker/Some-GGUF", "some-Q4_K_M.gguf")
NAME = "maker/Some-GGUF/some-Q4_K_M.gguf"


def fetch(folder: Path, wanted: Wanted = WANTED, tries: int = 3, **more: object) -> Path:
    return download(wanted, folder, timeout=20, tries=tries, wait=0, **more)  # pyright: ignore[reportArgumentType]


@pytest.fixture
def hub(online: MadeHub, tiny: bytes) -> MadeHub:
    online.files[NAME] = tiny
    return online


def leftovers(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.rglob("*") if path.is_file())


def test_a_file_arrives_whole_and_is_not_fetched_twice(hub: MadeHub, tmp_path: Path, tiny: bytes) -> None:
    heard: list[Progress] = []
    path = fetch(tmp_path, progress=heard.append)
    assert path == target(WANTED, tmp_path) and path.read_bytes() == tiny
    assert leftovers(tmp_path) == [path.name]
    assert heard[-1].done == heard[-1].total == len(tiny) and heard[-1].stage == "checking"
    before = len(hub.requests)
    assert fetch(tmp_path) == path and len(hub.requests) == before


def test_a_cut_connection_is_taken_up_where_it_broke(hub: MadeHub, tmp_path: Path, tiny: bytes) -> None:
    hub.cuts = [1000, 2000, 1]
    assert fetch(tmp_path).read_bytes() == tiny
    assert hub.downloads() == ["", "bytes=1000-", "bytes=3000-", "bytes=3001-"]


def test_what_arrived_before_giving_up_is_kept_and_continued(hub: MadeHub, tmp_path: Path, tiny: bytes) -> None:
    hub.cuts, hub.statuses = [5000], [0, 503, 503, 503]
    with pytest.raises(Failed, match="503"):
        fetch(tmp_path)
    half = unfinished(tmp_path)
    assert [(one.done, one.wanted.file, one.wanted.size) for one in half] == [(5000, WANTED.file, len(tiny))]
    assert fetch(tmp_path).read_bytes() == tiny and hub.downloads()[-1] == "bytes=5000-"
    assert unfinished(tmp_path) == []


def test_a_server_without_ranges_sends_all_of_it_again(hub: MadeHub, tmp_path: Path, tiny: bytes) -> None:
    hub.ignores_ranges, hub.cuts = True, [4000]
    assert fetch(tmp_path).read_bytes() == tiny
    assert hub.downloads() == ["", "bytes=4000-"]


def test_a_wrong_checksum_installs_nothing_and_leaves_nothing(hub: MadeHub, tmp_path: Path, tiny: bytes) -> None:
    hub.other[NAME] = tiny[:-1] + bytes([tiny[-1] ^ 1])
    with pytest.raises(MementoError, match="SHA-256") as caught:
        fetch(tmp_path)
    assert hub.address in caught.value.message and leftovers(tmp_path) == []


def test_the_catalogue_and_the_hub_must_mean_the_same_file(hub: MadeHub, tmp_path: Path, tiny: bytes) -> None:
    with pytest.raises(MementoError, match="not the file that was expected"):
        fetch(tmp_path, Wanted(WANTED.repository, WANTED.file, sha256="0" * 64))
    with pytest.raises(MementoError, match="not the file that was expected"):
        fetch(tmp_path, Wanted(WANTED.repository, WANTED.file, size=len(tiny) + 1))
    assert hub.downloads() == [] and leftovers(tmp_path) == []


def test_a_hub_without_checksums_is_checked_against_the_catalogue(hub: MadeHub, tmp_path: Path, tiny: bytes) -> None:
    hub.tells_checksums = False
    wanted = Wanted(WANTED.repository, WANTED.file, size=len(tiny), sha256=hashlib.sha256(tiny).hexdigest())
    assert fetch(tmp_path, wanted).read_bytes() == tiny


def test_what_is_no_model_is_refused_when_nothing_else_tells(hub: MadeHub, tmp_path: Path) -> None:
    hub.tells_checksums, hub.files[NAME] = False, b"<html>please log in</html>"
    with pytest.raises(MementoError, match="not a GGUF"):
        fetch(tmp_path)
    assert leftovers(tmp_path) == []


def test_the_file_that_is_there_stays_until_the_new_one_is_whole(hub: MadeHub, tmp_path: Path, tiny: bytes) -> None:
    path = target(WANTED, tmp_path)
    path.parent.mkdir(parents=True)
    path.write_bytes(b"damaged")
    hub.other[NAME] = b"x" * len(tiny)
    with pytest.raises(MementoError):
        fetch(tmp_path)
    assert path.read_bytes() == b"damaged"
    hub.other.clear()
    assert fetch(tmp_path).read_bytes() == tiny


def test_404_says_what_is_not_there_at_once(hub: MadeHub, tmp_path: Path) -> None:
    with pytest.raises(Failed, match="does not exist") as caught:
        fetch(tmp_path, Wanted("maker/Some-GGUF", "no.gguf"))
    assert caught.value.status == 404 and "no.gguf" in caught.value.message
    assert len(hub.requests) == 1


def test_a_gated_model_says_how_to_get_it_and_takes_the_token(hub: MadeHub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    hub.gated = True
    with pytest.raises(Failed) as caught:
        fetch(tmp_path)
    assert caught.value.status == 401 and "HF_TOKEN" in caught.value.hint and "maker/Some-GGUF" in caught.value.hint
    monkeypatch.setenv("HF_TOKEN", "secret")
    assert fetch(tmp_path).is_file()


def test_the_token_goes_to_the_hub_and_to_nobody_else(hub: MadeHub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_TOKEN", "secret")
    fetch(tmp_path)
    sent = {path.split("/")[1]: authorization for _, path, _, authorization in hub.requests}
    assert sent == {"maker": "Bearer secret", "cdn": ""}


def test_a_pause_keeps_what_arrived_and_the_same_call_goes_on(hub: MadeHub, tmp_path: Path, tiny: bytes) -> None:
    stop, hub.hold = threading.Event(), threading.Event()

    def heard(progress: Progress) -> None:
        if progress.done:
            stop.set()
            assert hub.hold is not None
            hub.hold.set()

    with pytest.raises(Paused) as caught:
        fetch(tmp_path, progress=heard, stop=stop)
    hub.hold = None
    assert 0 < caught.value.done < len(tiny)
    assert fetch(tmp_path).read_bytes() == tiny
    assert hub.downloads()[-1] == f"bytes={caught.value.done}-"


def test_a_part_of_another_version_is_not_continued(hub: MadeHub, tmp_path: Path, tiny: bytes) -> None:
    hub.cuts, hub.statuses = [5000], [0, 503]
    with pytest.raises(Failed):
        fetch(tmp_path, tries=1)
    changed = tiny[:100] + b"another version" + tiny[115:]
    hub.files[NAME], hub.statuses = changed, []
    assert fetch(tmp_path).read_bytes() == changed and hub.downloads()[-1] == ""


def test_a_damaged_part_costs_a_second_download_not_a_wrong_model(hub: MadeHub, tmp_path: Path, tiny: bytes) -> None:
    hub.cuts = [5000]
    with pytest.raises(Failed):
        fetch(tmp_path, tries=1)
    part = target(WANTED, tmp_path).with_name(WANTED.file + ".part")
    part.write_bytes(b"\0" * 5000)
    with pytest.raises(MementoError, match="SHA-256"):
        fetch(tmp_path)
    assert fetch(tmp_path).read_bytes() == tiny


def test_no_room_is_said_before_anything_is_fetched(hub: MadeHub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module.shutil, "disk_usage", lambda _: shutil._ntuple_diskusage(10**9, 10**9, module.MARGIN + 10))  # pyright: ignore
    with pytest.raises(MementoError, match="are free on the disk"):
        fetch(tmp_path)
    assert hub.downloads() == []


def test_a_second_download_of_the_same_file_is_refused(hub: MadeHub, tmp_path: Path) -> None:
    path = target(WANTED, tmp_path)
    note = path.with_name(path.name + ".part.json")
    refused: list[MementoError] = []

    def heard(progress: Progress) -> None:
        if not refused:
            with pytest.raises(MementoError, match="already") as caught:
                fetch(tmp_path)
            refused.append(caught.value)

    fetch(tmp_path, progress=heard)
    assert refused
    path.unlink()
    # A note of a process that is gone, or was never one, holds nobody up.
    note.write_text(json.dumps({"holder": "999999999 1"}))
    assert fetch(tmp_path) == path


@pytest.mark.parametrize("name", ["HF_HUB_OFFLINE", "TRANSFORMERS_OFFLINE"])
def test_offline_is_respected(hub: MadeHub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.setenv(name, "1")
    with pytest.raises(MementoError, match=name):
        fetch(tmp_path)
    assert hub.requests == []


def test_out_of_reach_names_the_hub(tmp_path: Path, online: MadeHub, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_ENDPOINT", "http://127.0.0.1:9")
    with pytest.raises(Failed, match=r"127\.0\.0\.1:9 cannot be reached"):
        fetch(tmp_path)
    assert leftovers(tmp_path) == []
