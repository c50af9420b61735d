"""Who writes into a pool: a key pair of this machine and profile, its fingerprint, signing and checking (Ed25519, RFC 8032)."""

from __future__ import annotations

import hashlib
import json
import os
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from memento_desktop.errors import MementoError
from memento_desktop.memory.bank import Bank

PURPOSE = b"memento pool record 1\n"
"""Stands before what is signed, so that a signature made here is good for nothing else."""
HEX_KEY = re.compile(r"[0-9a-f]{64}")
NAME = 40
UNSEEN = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200b\u200e\u200f\u2028-\u202e\u2060\u2066-\u2069\ufeff\ud800-\udfff]")
"""Control characters, direction overrides, lone surrogates, spaces without width."""


def tidy(text: str) -> str:
    """`text` without what cannot be seen, with plain line ends."""
    return UNSEEN.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))


def tidy_name(name: str, what: str) -> str:
    """
    Raises:
        MementoError: it is empty, too long, or holds characters that would break a label.
    """
    plain = " ".join(tidy(name).split())
    if not plain or len(plain) > NAME or "/" in plain or "\\" in plain:
        raise MementoError(f"“{plain}” cannot be {what}.", f"Take 1 to {NAME} letters, without slashes.")
    return plain


def fingerprint(key: str) -> str:
    """What two people compare to know that they mean the same author: 32 hexadecimal digits of the key's SHA-256."""
    return hashlib.sha256(bytes.fromhex(key)).hexdigest()[:32]


def spelled(key: str) -> str:
    """The fingerprint in groups of four, to be read out."""
    digits = fingerprint(key)
    return " ".join(digits[i : i + 4] for i in range(0, len(digits), 4))


def verified(key: str, signature: str, data: bytes) -> bool:
    """Whether `signature` (hexadecimal) of `data` was made with the private half of `key` (hexadecimal)."""
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

    try:
        Ed25519PublicKey.from_public_bytes(bytes.fromhex(key)).verify(bytes.fromhex(signature), PURPOSE + data)
    except (InvalidSignature, ValueError):
        return False
    return True


@dataclass(frozen=True)
class Identity:
    """An author: the name that was chosen, the public key (hexadecimal), and the private one."""

    name: str
    key: str
    secret: str

    def sign(self, data: bytes) -> str:
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

        return Ed25519PrivateKey.from_private_bytes(bytes.fromhex(self.secret)).sign(PURPOSE + data).hex()


class Identities:
    """The key file of the bank's profile, beside the bank. On Windows the folder's own permissions are what protects it."""

    def __init__(self, bank: Bank) -> None:
        self.bank = bank

    @property
    def path(self) -> Path:
        digest = hashlib.sha256(self.bank.profile.encode()).hexdigest()[:12]
        return self.bank.path.parent / "pools" / f"{digest}.key"

    def here(self) -> Identity | None:
        """The author of this profile, or None before the first.

        Raises:
            MementoError: the key file cannot be read, or is no key file.
        """
        path = self.path
        try:
            text = path.read_text("utf-8")
        except FileNotFoundError:
            return None
        except (OSError, UnicodeDecodeError) as error:
            raise MementoError(f"The key file {path} cannot be read: {error}.", "Put it back from a copy.") from error
        try:
            found: Any = json.loads(text)
            name, secret = found["name"], found["secret"]
            if found["profile"] != self.bank.profile or not isinstance(name, str) or not HEX_KEY.fullmatch(secret):
                raise ValueError
        except (ValueError, KeyError, TypeError) as error:
            raise MementoError(
                f"{path} is not the key file of the profile “{self.bank.profile}”.",
                "Put it back from a copy. Moved away, a new key is made, which the readers of your pools must trust anew.",
            ) from error
        return Identity(name, _public(secret), secret)

    def named(self, name: str) -> Identity:
        """The author of this profile; made now when there is none.

        Raises:
            MementoError: there is none and no name for it, or there is one of another name.
        """
        with self.bank.writing():  # of two processes that make one at the same time, the second finds it made
            if known := self.check(name):
                return known
            if not name:
                raise MementoError("The others need a name for you.", 'Choose it once: add --as "Your name".')
            return self._make(tidy_name(name, "an author's name"))

    def check(self, name: str) -> Identity | None:
        """The author of this profile, if there is one.

        Raises:
            MementoError: `name` cannot be one, or the author has another.
        """
        known = self.here()
        plain = tidy_name(name, "an author's name") if name else ""
        if known and plain not in ("", known.name):
            raise MementoError(f"You publish as “{known.name}” already.", "Leave the name out; one profile has one author.")
        return known

    def _make(self, name: str) -> Identity:
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

        secret = Ed25519PrivateKey.generate().private_bytes_raw().hex()
        path = self.path
        part = path.with_suffix(".part")
        data = json.dumps({"name": name, "profile": self.bank.profile, "secret": secret}, ensure_ascii=False, indent=1)
        try:
            path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            part.unlink(missing_ok=True)
            with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            part.replace(path)
        except OSError as error:
            raise MementoError(f"The key file {path} cannot be written: {error}.", "Check the folder's permissions.") from error
        return Identity(name, _public(secret), secret)


def _public(secret: str) -> str:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    return Ed25519PrivateKey.from_private_bytes(bytes.fromhex(secret)).public_key().public_bytes_raw().hex()
