"""What is said of models: in a row, in detail, while one is downloaded, and to somebody who starts for the first time."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.content import Content

from memento_desktop.plain import clean
from memento_desktop.tui.widgets.listing import Row

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from memento_desktop.inference.models.benching import Bench
    from memento_desktop.inference.models.catalogue import Entry
    from memento_desktop.inference.models.download import Progress, Unfinished, Wanted
    from memento_desktop.inference.models.fits import Fit, Machine, Shape
    from memento_desktop.inference.models.local import LocalModel
    from memento_desktop.tui.desk import Desk

BAR = 20
"""Cells of a progress bar."""


def tokens(count: int) -> str:
    """A context as people write it: 512, 8k, 256k."""
    return "?" if not count else f"{count // 1024}k" if count >= 1024 else str(count)


def weights(count: int) -> str:
    """Parameters as people write them: 4.0B, 135M."""
    if not count:
        return ""
    return f"{count / 1e9:.1f}B" if count >= 0.95e9 else f"{count / 1e6:.0f}M" if count >= 1e6 else f"{count / 1e3:.0f}k"


def suits(shape: Shape | None, machine: Machine | None, trained: int, chosen: int = 0) -> Fit | None:
    """How a model goes with this machine at the context that a task would have; None: not known."""
    from memento_desktop.inference.models.fits import CONTEXT, fit

    if shape is None or machine is None:
        return None
    return fit(shape, machine, chosen or min(trained or CONTEXT, CONTEXT))


def pace(fitted: Fit | None, measured: Bench | None) -> str:
    """Tokens a second: measured, or an estimate with a mark."""
    from memento_desktop.inference.models.fits import per_second

    if measured is not None and measured.speed:
        return per_second(measured.speed)
    return f"~{per_second(fitted.speed)}" if fitted is not None and fitted.speed else ""


def local_row(key: str, model: LocalModel, fitted: Fit | None, measured: Bench | None, used: bool, best: bool) -> Row:
    """A model on this disk; the one in use stands out."""
    from memento_desktop.inference.models.fits import gigabytes

    cells = {
        "mark": "●" if used else "★" if best else "", "name": model.name, "size": gigabytes(model.size), "kind": model.quantisation,
        "context": tokens(model.context), "fits": "damaged" if model.damage else fitted.verdict if fitted else "",
        "speed": pace(fitted, measured),
    }  # fmt: skip
    return Row(key, cells, tone="accent" if used else "error" if model.damage else "")


def entry_row(key: str, one: Entry, fitted: Fit | None, begun: bool, best: bool) -> Row:
    """A recommended model that is not here, or only begun."""
    from memento_desktop.inference.models.fits import gigabytes

    cells = {
        "mark": "◐" if begun else "★" if best else "", "name": one.name, "size": gigabytes(one.size) if one.size else "?",
        "kind": one.quantisation, "context": tokens(one.context), "fits": fitted.verdict if fitted else "?", "speed": pace(fitted, None),
    }  # fmt: skip
    return Row(key, cells, tone="muted" if fitted and fitted.verdict == "too large" else "")


def half_row(key: str, half: Unfinished) -> Row:
    """A download that was begun, of none of the recommended."""
    from memento_desktop.inference.models.fits import gigabytes

    return Row(key, {"mark": "◐", "name": half.wanted.file, "size": gigabytes(half.wanted.size) if half.wanted.size else "?"})


def words_of(one: LocalModel | Entry) -> str:
    """What a model is found by."""
    extra = [str(getattr(one, name, "")) for name in ("maker", "key", "good_for", "architecture")]
    return " ".join([one.name, one.quantisation, one.licence, *extra])


def free_disk(folder: Path) -> int:
    """Bytes free on the disk that a folder is or would be on."""
    import shutil

    while not folder.exists() and folder != folder.parent:
        folder = folder.parent
    return shutil.disk_usage(folder).free


def heading(machine: Machine | None, folder: Path | None, waiting: str, hidden: int) -> Content:
    """What the machine has, what is waited for, what is not shown."""
    from memento_desktop.inference.models.fits import gigabytes

    parts = [Content.styled("Models", "bold")]
    parts += [Content(f"{gigabytes(machine.free)} of {gigabytes(machine.memory)} memory free")] if machine is not None else []
    parts += [Content(f"{gigabytes(free_disk(folder))} disk free")] if folder is not None else []
    parts += [Content.styled(clean(waiting), "$text-accent")] if waiting else []
    parts += [Content.styled(f"{hidden} that cannot answer not shown", "$foreground-muted")] if hidden else []
    return Content(" · ").join(parts)


def said_offer(wanted: Sequence[Wanted], licence: str, fitted: Fit | None, folder: Path) -> str:
    """What a download means: from where, how large, under which licence."""
    from memento_desktop.inference.models.fits import gigabytes
    from memento_desktop.inference.models.hub import address

    size = sum(one.size for one in wanted)
    lines = [address(one) for one in wanted[:3]] + ([f"and {len(wanted) - 3} more parts"] if len(wanted) > 3 else [])
    lines.append(f"{gigabytes(size) if size else 'Its size is not known'}; {gigabytes(free_disk(folder))} are free on the disk.")
    lines += [f"Licence: {licence}."] if licence else []
    lines += [f"It {fitted.sentence}."] if fitted is not None else []
    return "\n".join(lines)


def advice(local: Mapping[str, LocalModel], entries: Mapping[str, Entry], machine: Machine | None) -> tuple[str, str]:
    """The key of the model that suits this machine best, one that is here before one to get, and why; empty where none does."""
    from memento_desktop.inference.models.choosing import choose_entry, choose_local

    if machine is None:
        return "", ""
    here = choose_local(list(local.values()), machine)
    if here.model is not None:
        return next(key for key, one in local.items() if one is here.model), here.sentence
    there = choose_entry(list(entries.values()), machine)
    return next((key for key, one in entries.items() if one is there.model), ""), there.sentence


def of_local(model: LocalModel, fitted: Fit | None, measured: Bench | None) -> list[tuple[str, str]]:
    """What is known of a model on this disk: name and value, line by line."""
    from memento_desktop.inference.models.fits import gigabytes, per_second

    rows = [("damaged", model.damage)] if model.damage else []
    rows += [("fits", fitted.sentence)] if fitted is not None else []
    if measured is not None:
        speeds = f"writes {per_second(measured.speed)} tokens/s, reads {measured.prompt_speed:.0f}, loads in {measured.load_seconds:.1f} s"
        rows.append(("measured", f"{speeds}, takes {gigabytes(measured.memory)}"))
    rows.append(("size", f"{gigabytes(model.size)} {model.quantisation} {weights(model.parameters)}".strip()))
    rows.append(("context", f"{tokens(model.context)} tokens"))
    rows += [("licence", model.licence)] if model.licence else []
    rows.append(("whose", " and ".join(model.places)))
    rows.append(("file", str(model.path) + (f" and {len(model.parts) - 1} more" if len(model.parts) > 1 else "")))
    if not model.has_template and not model.damage and not model.built_in:
        rows.append(("note", "it has no chat template: it was hardly trained to answer"))
    if model.built_in:
        rows.append(("note", "a demo of a few megabytes: it calculates, finds values, recalls; it knows nothing of the world"))
    return rows


def of_entry(entry: Entry, fitted: Fit | None) -> list[tuple[str, str]]:
    """What is known of a recommended model that is not here."""
    from memento_desktop.inference.models.fits import gigabytes

    rows = [("good for", entry.good_for)]
    rows += [("fits", fitted.sentence)] if fitted is not None else []
    rows.append(
        ("download", f"{gigabytes(entry.size) if entry.size else 'size not known'} {entry.quantisation} {weights(entry.parameters)}")
    )
    rows.append(("context", f"{tokens(entry.context)} tokens"))
    rows.append(("licence", entry.licence))
    rows.append(("maker", entry.maker))
    rows.append(("from", f"{entry.repository}/{entry.file}"))
    rows.append(("checked", "against the checksum of the catalogue" if entry.sha256 else "against the hub's own checksum"))
    return rows


def of_progress(progress: Progress | None) -> str:
    """How far a download is, in a line."""
    from memento_desktop.inference.models.fits import gigabytes

    if progress is None:
        return "asking the hub …"
    amount = f"{gigabytes(progress.done)} of {gigabytes(progress.total)}" if progress.total else gigabytes(progress.done)
    share = min(1.0, progress.done / progress.total) if progress.total else 0.0
    bar = f"{'━' * round(share * BAR)}{'╌' * (BAR - round(share * BAR))} {share:>4.0%}  " if progress.total else ""
    what = {"connecting": "connecting …", "retrying": "the connection broke: trying again …", "checking": "checking the checksum …"}
    if progress.stage != "downloading":
        return f"{bar}{amount}  {what[progress.stage]}"
    if not progress.speed:
        return f"{bar}{amount}"
    left = (progress.total - progress.done) / progress.speed if progress.total else 0.0
    remaining = f"  {left / 60:.0f} min left" if left >= 90 else f"  {left:.0f} s left" if left else ""
    return f"{bar}{amount}  {gigabytes(progress.speed)}/s{remaining}"


FIRST = 3_000_000_000
"""Bytes of a model that is offered as the first one: how fast a larger one would be here is not known yet."""


def found_models(desk: Desk) -> str:
    """One sentence for the first start: what models are on this disk, or that others can be had. Blocks for a moment: call it in a thread.

    Empty where the owner has chosen a model already.
    """
    from memento_desktop.inference.models.choosing import choose_entry, choose_local
    from memento_desktop.inference.models.fits import gigabytes
    from memento_desktop.inference.models.store import ModelStore

    if desk.start.model is not None or desk.settings.model.path is not None:
        return ""
    store = ModelStore(desk.settings, desk.paths)
    here = [model for model in store.local() if model.usable and not model.built_in]
    machine = store.machine(measure=False)
    if not here:
        small = [entry for entry in store.catalogue() if 0 < entry.size <= FIRST]
        best = choose_entry(small, machine).model
        offer = f", such as {best.name} ({gigabytes(best.size)})" if best is not None and best.size else ""
        return f"The built-in model is a demo; /models offers larger ones{offer}."
    best_here = choose_local(here, machine).model
    count = f"{len(here)} larger models are" if len(here) > 1 else "A larger model is"
    named = f" {clean(best_here.name)} fits this machine." if best_here is not None else " None fits into the free memory now."
    return f"{count} on this disk already: /models uses one at once.{named}"
