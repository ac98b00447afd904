"""`monographs release --sign`: the signature of what was just released, or of what stands unsigned."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from pipelines.command import Answer
from pipelines.release.publish.signature import sign


def with_signature(answer: Answer, outputs: str, key: Path | None) -> Answer:
    """The answer of a release, and that its version is signed now; the same answer where no key is named."""
    if key is None or answer.exit_code:
        return answer
    version = answer.data["version"]
    is_new = sign(outputs, version, key)
    line = f"Signed {version} with {key}." if is_new else f"{version} was signed before; its signature stands."
    return replace(answer, lines=[*answer.lines, line], data=answer.data | {"is_signed": True})
