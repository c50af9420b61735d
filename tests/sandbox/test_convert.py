"""Converting: real documents through the real child, its limits, and what happens to hostile ones."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from memento_desktop.errors import MementoError
from memento_desktop.sandbox import convert as host
from memento_desktop.sandbox.convert import Limits, Rows, convert, read_rows
from tests.files_made import make_csv, make_docx, make_pdf, make_pptx, make_xlsx

POSIX = pytest.mark.skipif(sys.platform == "win32", reason="needs resource limits, links and pipes")
SAMPLES = Path(__file__).parents[2].parent / "shared" / "data" / "documents"
UNREADABLE = {"random.bin": "neither text", "test.jpg": "picture", "test_files.zip": "archive"}


async def refused(path: Path, limits: Limits = host.LIMITS) -> str:
    with pytest.raises(MementoError) as caught:
        await convert(path, limits)
    return str(caught.value)


async def test_documents_become_text(tmp_path: Path) -> None:
    page = tmp_path / "a.html"
    page.write_bytes('<html><meta charset="iso-8859-1"><h1>Café</h1><script>x</script>'.encode("latin-1"))
    made = {
        make_docx(tmp_path / "a.docx", ["The rent is 900."]): "The rent is 900.",
        make_pdf(tmp_path / "a.pdf", ["Invoice", "Total (net) due"]): "Total (net) due",
        make_xlsx(tmp_path / "a.xlsx", [["Item", "kg"], ["drill", 2.5]]): "| drill | 2.5 |",
        make_pptx(tmp_path / "a.pptx", [("Launch", "Speaker: Yara")]): "Speaker: Yara",
        page: "# Café",
    }
    for expected, text in zip(made.values(), await asyncio.gather(*map(convert, made)), strict=True):
        assert expected in text


@pytest.mark.skipif(not SAMPLES.is_dir(), reason="the shared samples are not here")
@pytest.mark.parametrize("ending", sorted({path.suffix for path in SAMPLES.iterdir()}) if SAMPLES.is_dir() else [])
async def test_samples_by_others(ending: str) -> None:
    paths = [path for path in SAMPLES.iterdir() if path.suffix == ending]

    async def check(path: Path) -> None:
        if path.name in UNREADABLE:
            assert UNREADABLE[path.name] in await refused(path)
        else:
            text = await convert(path)
            assert len(text) > 40
            assert "\ufffd" not in text

    await asyncio.gather(*map(check, paths))


async def test_the_app_itself_imports_no_parser(tmp_path: Path) -> None:
    make_xlsx(tmp_path / "a.xlsx", [["km"], [1]])
    program = (
        "import asyncio, sys; from pathlib import Path; from memento_desktop.sandbox.convert import read_rows;"
        f"print(asyncio.run(read_rows(Path({str(tmp_path / 'a.xlsx')!r}))).rows);"
        "print([m for m in ('markitdown', 'openpyxl', 'pandas', 'charset_normalizer') if m in sys.modules])"
    )
    root = str(Path(host.__file__).parents[2])
    done = await asyncio.to_thread(subprocess.run, [sys.executable, "-c", program], capture_output=True, text=True, cwd=root)
    assert done.stdout.split("\n")[:2] == ["[['1']]", "[]"], done.stderr


async def test_small_and_large_text_read_alike(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = make_csv(tmp_path / "a.csv", [["Ort", "km"], ["Zürich", "1,5"], ["Århus", "2"]], ";", "cp1252")
    here = (await convert(path), await read_rows(path))
    monkeypatch.setattr(host, "IN_PROCESS", 0)
    assert (await convert(path), await read_rows(path)) == here
    assert here[1] == Rows(("Ort", "km"), [["Zürich", "1,5"], ["Århus", "2"]])


async def test_files_that_cannot_be_read(tmp_path: Path) -> None:
    (tmp_path / "empty.txt").touch()
    (tmp_path / "blank.txt").write_text(" \n\t\n")
    (tmp_path / "garbage.docx").write_bytes(b"PK\x03\x04" + bytes(range(256)) * 20)
    (tmp_path / "text.docx").write_text("I am no document")
    (tmp_path / "broken.pdf").write_bytes(b"%PDF-1.4\n" + bytes(range(256)) * 20)
    make_docx(tmp_path / "cut.docx", ["x" * 5000])
    (tmp_path / "cut.docx").write_bytes((tmp_path / "cut.docx").read_bytes()[:400])
    make_xlsx(tmp_path / "sheet.xlsx", [["a"]])
    (tmp_path / "sheet.docx").write_bytes((tmp_path / "sheet.xlsx").read_bytes())
    said = {
        "empty.txt": "is empty",
        "blank.txt": "holds no text",
        "missing.txt": "cannot be opened",
        "garbage.docx": "damaged",
        "text.docx": "not a Word document",
        "broken.pdf": "",
        "cut.docx": "damaged",
        "sheet.docx": "really a xlsx file",
    }
    messages = await asyncio.gather(*(refused(tmp_path / name) for name in said))
    for (name, words), message in zip(said.items(), messages, strict=True):
        assert name in message
        assert words in message


async def test_a_password_is_named(tmp_path: Path) -> None:
    assert "password" in await refused(make_pdf(tmp_path / "locked.pdf", ["secret"], encrypted=True))
    locked = tmp_path / "locked.xlsx"
    locked.write_bytes(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\x00" * 600 + "EncryptedPackage".encode("utf-16-le"))
    assert "password" in await refused(locked)


async def test_limits_on_size(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_text("x" * 1000)
    assert "larger than 0.0005 MB" in await refused(path, Limits(bytes=500))
    assert "more than 900 characters" in await refused(path, Limits(characters=900))
    bomb = tmp_path / "bomb.docx"
    with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("word/document.xml", bytes(3_000_000))
    assert "bomb.docx unpacks to more than 2 MB" in await refused(bomb, Limits(expanded=2_000_000))
    with pytest.raises(MementoError, match="more than 5 rows"):
        await read_rows(make_xlsx(tmp_path / "a.xlsx", [[n] for n in range(20)]), limits=Limits(rows=5))


@POSIX
async def test_limits_on_memory_and_time(tmp_path: Path) -> None:
    pdf = make_pdf(tmp_path / "a.pdf", ["x"])
    assert "a.pdf" in await refused(pdf, Limits(memory=60 << 20))
    assert "longer than 0.05 seconds" in await refused(pdf, Limits(seconds=0.05))


def _running_workers() -> list[str]:
    found: list[str] = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            command = (folder / "cmdline").read_bytes().decode()
            parent = (folder / "stat").read_text().rsplit(")", 1)[1].split()
        except (OSError, UnicodeDecodeError):
            continue
        if "convert_worker.py" in command and parent[1] == str(os.getpid()) and parent[0] != "Z":
            found.append(command)
    return found


@pytest.mark.skipif(sys.platform != "linux", reason="looks at /proc")
async def test_a_cancelled_conversion_leaves_nothing_behind(tmp_path: Path) -> None:
    pdf = make_pdf(tmp_path / "a.pdf", ["x"])
    cancelled = asyncio.Event()
    by_event = asyncio.ensure_future(convert(pdf, cancelled=cancelled))
    by_task = asyncio.ensure_future(convert(pdf))
    while len(_running_workers()) < 2:  # noqa: ASYNC110  (no event tells that another process has started)
        await asyncio.sleep(0)
    cancelled.set()
    by_task.cancel()
    with pytest.raises(MementoError, match=r"Reading a\.pdf was cancelled"):
        await by_event
    with pytest.raises(asyncio.CancelledError):
        await by_task
    assert _running_workers() == []
    with pytest.raises(MementoError, match="cancelled"):
        await convert(pdf, cancelled=cancelled)


@POSIX
async def test_pipes_links_and_folders(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.txt")
    assert "not an ordinary file" in await refused(tmp_path / "pipe.txt")
    assert "not an ordinary file" in await refused(tmp_path)
    assert "not an ordinary file" in await refused(Path("/dev/zero"))
    assert (await read_rows(make_xlsx(tmp_path / "-rf 'x' \"y\".xlsx", [["odd"]]))).header == ("odd",)


async def test_a_child_that_dies_is_an_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    worker = tmp_path / "worker.py"
    monkeypatch.setattr(host, "_WORKER", worker)
    pdf = make_pdf(tmp_path / "a.pdf", ["x"])
    for program in ("import os; os.abort()", "raise SystemExit(0)", "print('noise')", "import os, signal; os.kill(os.getpid(), 9)"):
        worker.write_text(program)
        assert "a.pdf cannot be read: the converter broke off" in await refused(pdf)
    worker.write_text("import sys; sys.stdin.readline(); print('x' * 50_000_000)")
    assert "broke off" in await refused(pdf, Limits(characters=1000, bytes=10_000))


async def test_the_child_knows_nothing_of_its_surroundings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "secret")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    command, environment = host.child_command()
    assert "-I" in command
    assert environment["PATH"] == ""
    assert not {"OPENAI_API_KEY", "PYTHONPATH", "HOME", "HTTPS_PROXY"} & set(environment)


@POSIX
def test_the_child_ends_with_its_parent() -> None:
    command, environment = host.child_command()
    child = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment)
    assert child.stdin
    child.stdin.close()
    assert child.wait(20) != 0
    assert child.stdout and child.stderr
    child.stdout.close()
    child.stderr.close()


async def test_workbooks(tmp_path: Path) -> None:
    from datetime import date, datetime, time

    rows = [["what", "value"], ["float", 0.1], ["big", 1e21], ["small", 1e-7], ["whole", 3.0], ["day", date(2026, 5, 3)],
            ["moment", datetime(2026, 5, 3, 9, 30)], ["hour", time(9, 30)], ["yes", True], [None, None], ["text", " x "]]  # fmt: skip
    path = make_xlsx(tmp_path / "a.xlsx", rows, {"May": [["km"], [5]]})
    table = await read_rows(path)
    assert dict(table.rows) == {
        "float": "0.1", "big": "1000000000000000000000", "small": "0.0000001", "whole": "3", "day": "2026-05-03",
        "moment": "2026-05-03T09:30:00", "hour": "09:30:00", "yes": "true", "text": "x",
    }  # fmt: skip
    assert await read_rows(path, "May") == Rows(("km",), [["5"]])
    with pytest.raises(MementoError, match=r"There is no sheet June in a\.xlsx \(sheets: Sheet, May\)"):
        await read_rows(path, "June")
    with pytest.raises(MementoError, match="has no rows"):
        await read_rows(make_xlsx(tmp_path / "b.xlsx", []))
    with pytest.raises(MementoError, match=r"not a table \(read_document"):
        await read_rows(make_docx(tmp_path / "a.docx", ["x"]))


async def test_formulas_that_were_never_worked_out_are_not_left_out_silently(tmp_path: Path) -> None:
    path = make_xlsx(tmp_path / "a.xlsx", [["km", "double"], [5, "=A2*2"], [6, '=IF(A3>9,1,"")']])
    with pytest.raises(MementoError, match="never worked out, such as B2"):
        await read_rows(path)
    worked_out = tmp_path / "b.xlsx"
    with zipfile.ZipFile(path) as source, zipfile.ZipFile(worked_out, "w") as target:
        for name in source.namelist():
            data = source.read(name).decode()
            data = data.replace('<c r="B2"><f>A2*2</f><v></v>', '<c r="B2"><f>A2*2</f><v>10</v>')
            target.writestr(name, data.replace('<c r="B3"><f>', '<c r="B3" t="str"><f>'))
    assert (await read_rows(worked_out)).rows == [["5", "10"], ["6", ""]]


def test_the_worker_says_why_it_cannot_read_a_damaged_file(tmp_path: Path) -> None:
    request = {"path": str(tmp_path / "gone.txt"), "name": "gone.txt", "mode": "text", "sheet": "", "seconds": 5, "memory": 1 << 31}
    request |= {"rows": 5, "expanded": 1, "import_from": [str(Path(host.__file__).parents[2])]}
    command, environment = host.child_command()
    child = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment)
    assert child.stdin and child.stdout and child.stderr
    child.stdin.write(json.dumps(request).encode() + b"\n")
    child.stdin.flush()
    assert "gone.txt cannot be read" in json.loads(child.stdout.read())["error"]
    assert b"FileNotFoundError" in child.stderr.read()
    assert child.wait(20) == 0
    for stream in (child.stdin, child.stdout, child.stderr):
        stream.close()
