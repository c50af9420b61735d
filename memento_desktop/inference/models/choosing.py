"""Which model to take: of those on this disk, or of those to get. `fits.choose` decides; here is what may be chosen."""

from __future__ import annotations

from collections.abc import Sequence

from memento_desktop.inference.models.catalogue import Entry
from memento_desktop.inference.models.fits import CONTEXT, Choice, Machine, choose
from memento_desktop.inference.models.local import LocalModel


def choose_local(models: Sequence[LocalModel], machine: Machine, context: int = CONTEXT) -> Choice[LocalModel]:
    """The model here that suits this machine best, and why. The built-in one is not considered: it is a demo.

    One with a chat template goes before one without, which was hardly trained to answer.
    """
    usable = [model for model in models if model.usable and not model.built_in]
    taught = [model for model in usable if model.has_template]
    return choose(taught or usable, machine, context, "on this disk")


def choose_entry(entries: Sequence[Entry], machine: Machine, context: int = CONTEXT) -> Choice[Entry]:
    """The recommended model that suits this machine best, and why."""
    return choose(entries, machine, context, "of the recommended")
