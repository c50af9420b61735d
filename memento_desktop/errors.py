"""The one error type that reaches the owner: what went wrong, and what to do about it."""


class MementoError(Exception):
    """An error with a message that names the thing and a hint that says what to do."""

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint

    def __str__(self) -> str:
        return f"{self.message} ({self.hint})" if self.hint else self.message
