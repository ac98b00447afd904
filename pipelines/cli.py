"""The `monographs` command: make a release, check seeds, and look at what was released.

Exit codes: 0 all is well; 1 the data was refused, or a release is not whole; 2 the command was misused.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, NoReturn

import typer

from pipelines.command import Answer

app = typer.Typer(
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
    help="Turns drug monographs into tables, and publishes them as versioned releases.",
)

Seeds = Annotated[Path, typer.Option(help="Folder of seed documents, with seeds.csv and corrections.csv.")]
Outputs = Annotated[Path, typer.Option(help="Folder that holds the releases.")]
Json = Annotated[bool, typer.Option("--json", help="Print one JSON object for machines.")]
Version = Annotated[str | None, typer.Option(help="Version to look at; the latest where none is named.")]
REFUSED = 1


@app.command()
def release(
    seeds: Seeds = Path("seeds"),
    outputs: Outputs = Path("outputs"),
    accept_large_change: Annotated[
        str | None, typer.Option(metavar="WHY", help="Release a large or destructive change for this recorded reason.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Read the seeds, check the tables, and publish a release if the content has changed.

    Seeds that cannot be read are left out and named; a broken rule stops the release and shows the rows.
    """
    from pipelines.release import unchanged_since

    head = unchanged_since(seeds, outputs)
    if head is not None:
        nothing = f"Nothing has changed since {head}: no release was made."
        _print(Answer([nothing], {"version": head, "is_new": False}), as_json=as_json)
    with _waiting("Reading the seeds, checking the tables"):
        from pipelines.command.release import build_and_publish

        answer = build_and_publish(seeds, outputs, accept_large_change)
    _print(answer, as_json=as_json)


@app.command()
def check(
    seeds: Annotated[list[Path], typer.Argument(help="Seed documents to read; nothing is published.")],
    as_json: Json = False,
) -> None:
    """Read seed documents and print what was found, as a compiler does: file:line:column severity code message."""
    from pipelines.command.check import check_seeds

    _print(check_seeds(seeds), as_json=as_json)


@app.command("list")
def list_releases(outputs: Outputs = Path("outputs"), as_json: Json = False) -> None:
    """List the releases, the latest first."""
    from pipelines.command.look import list_of_releases

    _print(list_of_releases(outputs), as_json=as_json)


@app.command()
def show(outputs: Outputs = Path("outputs"), version: Version = None, as_json: Json = False) -> None:
    """Show what a release holds: its tables with their rows, and its digest."""
    from pipelines.command.look import contents_of_release

    _print(contents_of_release(outputs, version), as_json=as_json)


@app.command()
def verify(
    outputs: Outputs = Path("outputs"),
    version: Version = None,
    deep: Annotated[bool, typer.Option("--deep", help="Also compare the content of Parquet and CSV.")] = False,
    as_json: Json = False,
) -> None:
    """Check that releases are whole: log, checksums, descriptors, keys and references."""
    from pipelines.command.look import verification

    _print(verification(outputs, version, deep=deep), as_json=as_json)


@contextmanager
def _waiting(what: str) -> Iterator[None]:
    """Shows on a terminal that work is going on."""
    from rich.console import Console

    with Console(stderr=True).status(f"{what} …"):
        yield


def _print(answer: Answer, *, as_json: bool) -> NoReturn:
    """The answer on standard output; one that refuses goes to standard error."""
    text = json.dumps(answer.data, ensure_ascii=False, indent=2) if as_json else "\n".join(answer.lines)
    typer.echo(text, err=bool(answer.exit_code) and not as_json)
    raise typer.Exit(answer.exit_code)


def main() -> None:
    """Entry point: an expected error is one sentence on standard error and exit code 1, never a traceback."""
    from pipelines.command.errors import EXPECTED

    try:
        app()
    except EXPECTED as error:
        typer.echo(f"monographs: {error}", err=True)
        sys.exit(REFUSED)


if __name__ == "__main__":
    main()
