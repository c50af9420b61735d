"""The parametric reader: Q(s, c; θ) = p(r = 1 | s, c), a small head on frozen sentence vectors (arXiv 2508.16153, equation 15).

z = θ_0 + θ_f · f(s, c) + Σ_d θ_d s_d p_d,  Q = σ(z)

where s is the task's unit vector, p the case's *prototype* (its own vector plus those of the tasks it helped, normalised), and f are four
features: the cosine of task and case, that of task and prototype, and the kernel's two answers (log-odds of `fit`, logarithm of `works`).
The sum over d is a bilinear form with a diagonal matrix: it learns which directions of the embedding tell tasks apart.

θ minimises the binary cross-entropy (15), each reading weighted by its credit, plus a ridge that pulls θ_f to the kernel's own
weights and θ_d to zero: with few readings the head is the kernel, with many it is what the owner's tasks teach. The loss is convex and
solved by Newton's method from a fixed start, so the same log gives the same θ; nothing is drawn.

A feature of a reading is computed from earlier readings of other tasks only. Otherwise the kernel would have seen the label it is to
predict, and the head would learn to trust it blindly. That is also where the reference code leaks: its split shares tasks.
"""

from __future__ import annotations

import json
import struct
from dataclasses import asdict, dataclass, fields

import numpy as np
from numpy.typing import NDArray

from memento_desktop.errors import MementoError
from memento_desktop.memory.learning.kernel import Floats, Ids, Past, Settings, Utility, log_odds, nearness_weight

Vectors = NDArray[np.float32]

FEATURES = 4
LEAST = 100
"""Readings below which a head is not worth training: it would only repeat the kernel."""
RIDGE = 10.0
"""Strength of the pull to the kernel's weights, in units of 1 / variance of a standardised feature."""
RIDGE_DIAGONAL = 10.0
"""Strength of the pull of the diagonal form to zero, with the products scaled to a variance of about one."""
STEPS = 25
CLOSE = 1e-5
"""Newton's method has arrived when no parameter moves further."""
MAGIC = b"MMNT-Q1\n"


@dataclass(frozen=True)
class Readings:
    """The log as the head learns from it, oldest first; only readings whose task and case have vectors and whose task has a reward."""

    tasks: Ids
    """(n,) the task of each reading: readings of one task never explain each other."""
    cases: Ids
    """(n,)"""
    task_vectors: Vectors
    """(n, d), unit length."""
    case_vectors: Vectors
    """(n, d), unit length: the vector of the case that was read."""
    rewards: Floats
    """(n,) in [0, 1]."""
    weights: Floats
    """(n,) credit in [0, 1]."""

    def __len__(self) -> int:
        return len(self.tasks)


@dataclass(frozen=True)
class Head:
    """Trained parameters; stateless. `d` is the embedder's dimension."""

    theta: Vectors
    """(1 + 4 + d,): intercept, features, diagonal."""
    settings: Settings
    """Of the kernel whose answers are features."""
    readings: int
    """How many it was trained on."""

    @property
    def dim(self) -> int:
        return len(self.theta) - 1 - FEATURES

    def scores(self, task: Vectors, cases: Vectors, prototypes: Vectors, utility: Utility) -> Floats:
        """z of each candidate, (m,). `task` (d,), `cases` and `prototypes` (m, d), all of unit length."""
        theta = self.theta.astype(np.float64)
        design = np.concatenate([np.ones((len(cases), 1)), _features(task[None], cases, prototypes, utility, self.settings)], axis=1)
        return design @ theta[: 1 + FEATURES] + (task * prototypes).astype(np.float64) @ theta[1 + FEATURES :]

    def q(self, task: Vectors, cases: Vectors, prototypes: Vectors, utility: Utility) -> Floats:
        """Q(s, c; θ) of each candidate, (m,), in (0, 1)."""
        return _sigmoid(self.scores(task, cases, prototypes, utility))

    def to_bytes(self) -> bytes:
        head = json.dumps({"readings": self.readings, "size": len(self.theta), "settings": asdict(self.settings)}).encode()
        return MAGIC + struct.pack("<I", len(head)) + head + self.theta.astype("<f4").tobytes()

    @staticmethod
    def from_bytes(data: bytes) -> Head:
        """Raises `MementoError` for bytes that are no head of this version."""
        try:
            start = len(MAGIC) + 4
            (length,) = struct.unpack("<I", data[len(MAGIC) : start])
            about = json.loads(data[start : start + length])
            theta = np.frombuffer(data[start + length :], "<f4").astype(np.float32)
            known = {field.name for field in fields(Settings)}
            settings = about["settings"]
            if data[: len(MAGIC)] != MAGIC or len(theta) != about["size"] or set(settings) != known or not np.isfinite(theta).all():
                raise ValueError("it does not fit this version")
            return Head(theta, Settings(**settings), int(about["readings"]))
        except (ValueError, KeyError, TypeError, struct.error) as err:
            raise MementoError(f"The trained reader cannot be read: {err}", "It will be trained again from the log.") from err


def prototypes(candidates: Ids, case_vectors: Vectors, past: Past, task_vectors: Vectors) -> Vectors:
    """(m, d) unit vectors: each candidate's own (m, d) plus those of the tasks (n, d) that it helped, by reward and credit."""
    order = np.argsort(candidates, kind="stable")
    place = np.minimum(np.searchsorted(candidates, past.cases, sorter=order), len(candidates) - 1)
    rows = np.flatnonzero(candidates[order[place]] == past.cases)
    total = case_vectors.astype(np.float64)
    share = (past.rewards * past.weights)[rows, None]
    np.add.at(total, order[place[rows]], share * task_vectors[rows])
    return _unit(total)


def fit(log: Readings, settings: Settings | None = None) -> Head:
    """Trains a head. Takes about a second per 5,000 readings; the same log gives the same bits.

    Raises `MementoError` when the log is empty.
    """
    if not len(log):
        raise MementoError("There is nothing to learn from: no reading has a reward yet", "Say how tasks went with `memento feedback`.")
    settings = settings or Settings()
    features, protos = _prequential(log, settings)
    products = log.task_vectors.astype(np.float64) * protos
    scale = np.concatenate([np.maximum(features.std(axis=0), 1e-3), np.full(products.shape[1], products.shape[1] ** -0.5)])
    centre = np.concatenate([features.mean(axis=0), products.mean(axis=0)])
    design = np.ones((len(log), 1 + len(scale)))
    design[:, 1:] = (np.concatenate([features, products], axis=1) - centre) / scale
    ridge = np.concatenate([[1e-3], np.full(FEATURES, RIDGE), np.full(products.shape[1], RIDGE_DIAGONAL)])
    start = np.zeros(len(ridge))
    start[1 : 1 + FEATURES] = _kernel_weights(settings) * scale[:FEATURES]
    found = _newton(design, log.rewards, log.weights, ridge, start)
    theta = np.concatenate([[found[0] - found[1:] @ (centre / scale)], found[1:] / scale])
    return Head(theta.astype(np.float32), settings, len(log))


def _kernel_weights(settings: Settings) -> Floats:
    """The weights of the features with which the head ranks as the kernel does."""
    return np.array([1.0 / settings.temperature, 0.0, settings.gain, settings.trust])


def _features(tasks: Vectors, cases: Vectors, protos: Vectors, utility: Utility, settings: Settings) -> Floats:
    """(m, 4); `tasks` is (m, d) or (1, d)."""
    return np.stack(
        [
            (tasks * cases).sum(axis=1, dtype=np.float64),
            (tasks * protos).sum(axis=1, dtype=np.float64),
            log_odds(utility.fit) - log_odds(settings.fits),
            np.log(utility.works / settings.works),
        ],
        axis=1,
    )


def _prequential(log: Readings, settings: Settings) -> tuple[Floats, Vectors]:
    """Features (n, 4) and prototypes (n, d) of each reading, from earlier readings of the same case for other tasks."""
    features, protos = np.empty((len(log), FEATURES)), np.empty_like(log.task_vectors)
    similarity = (log.task_vectors * log.case_vectors).sum(axis=1, dtype=np.float64)
    order = np.argsort(log.cases, kind="stable")
    for rows in np.split(order, np.flatnonzero(np.diff(log.cases[order])) + 1):
        earlier = (rows[None, :] < rows[:, None]) & (log.tasks[rows][None, :] != log.tasks[rows][:, None])
        tasks, weights = log.task_vectors[rows], log.weights[rows]
        good, bad = weights * log.rewards[rows], weights * (1.0 - log.rewards[rows]) * nearness_weight(similarity[rows], settings)
        near = nearness_weight((tasks @ tasks.T).astype(np.float64), settings) * earlier
        total = earlier @ (good + bad) + settings.works_weight
        works = (earlier @ good + settings.works_weight * settings.works) / total
        evidence = near @ weights
        fits = (near @ good + settings.fits_weight * settings.fits) / (evidence + settings.fits_weight)
        protos[rows] = _unit(log.case_vectors[rows] + (earlier * good) @ tasks.astype(np.float64))
        utility = Utility(fits * works, fits, works, evidence)
        features[rows] = _features(tasks, log.case_vectors[rows], protos[rows], utility, settings)
    return features, protos


def _newton(design: Floats, rewards: Floats, weights: Floats, ridge: Floats, prior: Floats) -> Floats:
    """argmin_θ Σ w·BCE(r, σ(x·θ)) + ½ Σ ridge·(θ − prior)², by Newton's method with a halved step where one overshoots."""

    def loss(theta: Floats) -> float:
        z = design @ theta
        return float(weights @ (np.logaddexp(0.0, z) - rewards * z) + 0.5 * ridge @ (theta - prior) ** 2)

    theta, value = prior.copy(), loss(prior)
    for _ in range(STEPS):
        q = _sigmoid(design @ theta)
        gradient = design.T @ (weights * (q - rewards)) + ridge * (theta - prior)
        curved = design * np.sqrt(weights * q * (1.0 - q))[:, None]
        step = np.linalg.solve(curved.T @ curved + np.diag(ridge), gradient)
        size = 1.0
        while (new := loss(theta - size * step)) > value and size > 1e-4:
            size /= 2
        theta, value = theta - size * step, new
        if np.abs(step).max() < CLOSE:
            break
    return theta


def _sigmoid(z: Floats) -> Floats:
    return 0.5 * (1.0 + np.tanh(0.5 * z))


def _unit(vectors: Floats) -> Vectors:
    return (vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-12)).astype(np.float32)
