"""`monographs list`, `show` and `verify`: what was released, and whether it is whole."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from pipelines.command import Answer
from pipelines.release import read_index, read_release
from pipelines.release.verify import verify


def list_of_releases(outputs: str) -> Answer:
    """Every release, the latest first."""
    index = read_index(outputs)
    releases = list(reversed(index["releases"]))
    lines = [f"{'version':<10}{'released':<27}{'status':<11}{'change':<8}{'rows':>9}  content"]
    for entry in releases:
        released = entry["released_at"] or "not known"
        facts = f"{entry['version']:<10}{released:<27}{entry['status']:<11}{entry['bump']:<8}{entry['rows']:>9}"
        lines.append(f"{facts}  {entry['content_sha256'][:12]}")
    if not releases:
        lines = [f"{outputs}: no release yet. `monographs release` makes the first."]
    return Answer(lines, index)


def contents_of_release(outputs: str, version: str | None) -> Answer:
    """The tables of one release with their rows and digests, and why it has its version."""
    record = read_release(outputs, version)
    lines = [f"{record['dataset']} {record['version']}", f"content {record['content_sha256']}", ""]
    for name, table in record["tables"].items():
        lines.append(f"{name:<26}{table['rows']:>8} rows {table['columns']:>4} columns  {table['content_sha256'][:12]}")
    reasons = [_reason(reason) for reason in record["changes"]["reasons"]]
    return Answer([*lines, *([""] if reasons else []), *reasons], record)


def _reason(reason: dict[str, Any]) -> str:
    where = f"{reason['table']}.{reason['column']}" if reason.get("column") else reason["table"]
    return f"{reason['bump']}: {reason['code']} {where}"


def verification(
    outputs: str, version: str | None, signers: Path | None, *, deep: bool, explain: bool = False
) -> Answer:
    """Whether releases are whole; the exit code is 1 if they are not, and each problem is a line."""
    problems = verify(outputs, version, deep=deep, allowed_signers=signers)
    what = f"release {version}" if version else "every release"
    if not problems:
        signed = f" and signed by one that {signers} allows" if signers else ""
        return Answer([f"{outputs}: {what} is whole{signed}."], {"whole": True, "problems": []})
    found = [{"path": p.path, "why": p.why, "remedy": p.remedy} for p in problems]
    lines = [str(problem) for problem in problems]
    if explain:
        lines = [line for problem in problems for line in (str(problem), f"  {problem.remedy}")]
    return Answer(lines, {"whole": False, "problems": found}, 1)
