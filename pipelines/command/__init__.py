"""What each command of `monographs` does, apart from its options: values in, an answer out."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

INTERRUPTED = 130  # exit code
INTERRUPTION = "monographs: interrupted; nothing is left half published. Run again to go on."


@dataclass(frozen=True, slots=True)
class Answer:
    """What a command has to say: `lines` for a person, `data` for a machine, `exit_code` for the shell.

    A report is what was asked for, whatever its exit code; anything else that fails is an error message.
    """

    lines: list[str]
    data: dict[str, Any] = field(default_factory=dict)
    exit_code: int = 0
    is_report: bool = False
