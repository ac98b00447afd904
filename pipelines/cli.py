"""The `monographs` command: make a release, check seeds, and look at what was released.

Exit codes: 0 all is well; 1 the data was refused, or a release is not whole; 2 the command was misused; 130 it was
interrupted.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from gc import set_threshold
from pathlib import Path
from typing import Annotated, Literal, NoReturn

import typer

from pipelines.command import INTERRUPTED, Answer
from pipelines.errors import MonographsError
from schemas.codes import CodeTableError, require_whole_tables

app = typer.Typer(
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
    help="Turns drug monographs into tables, and publishes them as versioned releases.",
)

Seeds = Annotated[Path, typer.Option(help="Folder of seed documents, with seeds.csv and corrections.csv.")]
Outputs = Annotated[
    str, typer.Option(metavar="DIR|URL", help="Where the releases are: a folder, or s3://, gs://, az://BUCKET/PREFIX.")
]
Json = Annotated[bool, typer.Option("--json", help="Print one JSON object for machines.")]
Which = Annotated[str, typer.Argument(help="Version that was released.", show_default=False)]
Reason = Annotated[str, typer.Option(help="Why; it is published with the version.")]
Version = Annotated[str | None, typer.Option(help="Version to look at; the latest where none is named.")]
REFUSED = 1
# Objects between two looks for garbage: loading libraries makes many and no garbage, and looking at them again and
# again was a fifth of a short run.
_GARBAGE = 100_000


@app.command()
def release(  # noqa: PLR0913, PLR0917  (each is an option)
    seeds: Seeds = Path("seeds"),
    outputs: Outputs = "outputs",
    accept_large_change: Annotated[
        str | None, typer.Option(metavar="WHY", help="Release a large or destructive change for this recorded reason.")
    ] = None,
    raised: Annotated[
        Literal["minor", "major"] | None,
        typer.Option("--raise", help="Move the version at least so far; what the changes make is never lowered."),
    ] = None,
    engine: Annotated[
        Literal["local", "dask"], typer.Option(help="Read on the cores of this machine, or on a Dask cluster.")
    ] = "local",
    cluster: Annotated[
        str | None,
        typer.Option(
            metavar="ADDRESS",
            envvar="MONOGRAPHS_CLUSTER",
            help="Scheduler of the cluster; one of this machine if none.",
        ),
    ] = None,
    cache: Annotated[
        Path | None,
        typer.Option(help="Folder that keeps what was read.", show_default=".cache in --outputs, if a folder"),
    ] = None,
    no_cache: Annotated[bool, typer.Option("--no-cache", help="Read every seed anew, and keep nothing.")] = False,
    site: Annotated[bool, typer.Option(help="Make the catalogue, a website in the outputs, anew.")] = True,
    sign: Annotated[
        Path | None,
        typer.Option(metavar="KEYFILE", envvar="MONOGRAPHS_SIGNING_KEY", help="Sign the release with this key of SSH."),
    ] = None,
    as_json: Json = False,
) -> None:
    """Read the seeds, check the tables, and publish a release if the content has changed.

    Seeds that cannot be read are left out and named; a broken rule stops the release and shows the rows.
    """
    from pipelines.command.sign import with_signature
    from pipelines.release import unchanged_since
    from pipelines.release.publish.signature import require_key

    require_whole_tables()
    if sign is not None:
        require_key(sign)
    head = unchanged_since(seeds, outputs)
    if head is not None:
        nothing = f"Nothing has changed since {head}: no release was made."
        answer = Answer([nothing], {"version": head, "is_new": False})
    else:
        with _waiting("Reading the seeds, checking the tables") as report:
            from pipelines.command.release import build_and_publish
            from pipelines.defs.assets import Reading, cache_beside

            kept = None if no_cache else str(cache) if cache else cache_beside(outputs)
            reading = Reading(engine=engine, cluster=cluster, cache=kept)
            answer = build_and_publish(seeds, outputs, accept_large_change, raised, reading, report)
    answer = with_signature(answer, outputs, sign)
    if site and answer.exit_code == 0 and "://" not in outputs:
        with _waiting("Making the catalogue"):
            from pipelines.command.site import with_catalogue

            answer = with_catalogue(answer, Path(outputs))
    _print(answer, as_json=as_json)


@app.command()
def check(
    seeds: Annotated[list[Path], typer.Argument(help="Seed documents to read; nothing is published.")],
    as_json: Json = False,
) -> None:
    """Read seed documents and print what was found, as a compiler does: file:line:column severity code message."""
    from pipelines.command.check import check_seeds

    require_whole_tables()
    _print(check_seeds(seeds), as_json=as_json)


@app.command("list")
def list_releases(outputs: Outputs = "outputs", as_json: Json = False) -> None:
    """List the releases, the latest first."""
    from pipelines.command.look import list_of_releases

    _print(list_of_releases(outputs), as_json=as_json)


@app.command()
def show(outputs: Outputs = "outputs", version: Version = None, as_json: Json = False) -> None:
    """Show what a release holds: its tables with their rows, and its digest."""
    from pipelines.command.look import contents_of_release

    _print(contents_of_release(outputs, version), as_json=as_json)


@app.command()
def verify(
    outputs: Outputs = "outputs",
    version: Version = None,
    deep: Annotated[bool, typer.Option("--deep", help="Also compare the content of Parquet and CSV.")] = False,
    allowed_signers: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Also demand a signature by a signer that this file allows.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Check that releases are whole: log, checksums, descriptors, keys and references."""
    from pipelines.command.look import verification

    _print(verification(outputs, version, allowed_signers, deep=deep), as_json=as_json)


@app.command()
def yank(
    version: Which,
    reason: Reason,
    replaced_by: Annotated[
        str | None, typer.Option(metavar="VERSION", help="Published version to take instead.")
    ] = None,
    outputs: Outputs = "outputs",
    as_json: Json = False,
) -> None:
    """Offer a release no longer, for a reason that is published; its data stays."""
    from pipelines.command.events import yanked

    _print(yanked(outputs, version, reason, replaced_by), as_json=as_json)


@app.command()
def unyank(version: Which, reason: Reason, outputs: Outputs = "outputs", as_json: Json = False) -> None:
    """Offer a yanked release again."""
    from pipelines.command.events import unyanked

    _print(unyanked(outputs, version, reason), as_json=as_json)


@app.command()
def withdraw(version: Which, reason: Reason, outputs: Outputs = "outputs", as_json: Json = False) -> None:
    """Remove the data of a release for good; manifest and reason stay."""
    from pipelines.command.events import withdrawn

    _print(withdrawn(outputs, version, reason), as_json=as_json)


@app.command()
def site(
    outputs: Annotated[Path, typer.Option(help="Folder of the releases, on a local disk.")] = Path("outputs"),
    as_json: Json = False,
) -> None:
    """Make the catalogue: pages to browse, search and download from, in the outputs; `index.html` is the first."""
    with _waiting("Making the catalogue"):
        from pipelines.command.site import site_built

        answer = site_built(outputs)
    _print(answer, as_json=as_json)


@app.command("rebuild-index")
def rebuild_index(outputs: Outputs = "outputs", as_json: Json = False) -> None:
    """Make the index and everything else that follows from the log again."""
    from pipelines.command.maintain import index_rebuilt

    _print(index_rebuilt(outputs), as_json=as_json)


@app.command()
def gc(
    outputs: Outputs = "outputs",
    older_than: Annotated[float, typer.Option(metavar="DAYS", min=0, help="Leave what was written to since.")] = 7,
    as_json: Json = False,
) -> None:
    """Remove what was begun and never released, what is left of withdrawn data, and abandoned scratch."""
    from pipelines.command.maintain import collected

    _print(collected(outputs, older_than), as_json=as_json)


@app.command()
def reproduce(
    seeds: Seeds = Path("seeds"), outputs: Outputs = "outputs", version: Version = None, as_json: Json = False
) -> None:
    """Build a release from its seeds anew, compare each table, and write nothing."""
    with _waiting("Reading the seeds"):
        from pipelines.command.maintain import reproduced

        answer = reproduced(outputs, seeds, version)
    _print(answer, as_json=as_json)


@app.command()
def fetch(  # noqa: PLR0913, PLR0917  (each is an option)
    source: Annotated[
        str, typer.Argument(help="Folder of releases, the http(s) address where one is served, or s3://…")
    ],
    to: Annotated[Path, typer.Option(metavar="DIR", help="Folder to put <version>/ into.")],
    version: Version = None,
    tables: Annotated[str | None, typer.Option(metavar="A,B", help="Only these tables; all where left out.")] = None,
    kind: Annotated[
        str | None, typer.Option("--format", metavar="csv|parquet", help="Only this format; both where left out.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Download a release, go on where it stopped, and refuse what is not what was published."""
    from pipelines.command.fetch import fetched

    _print(fetched(source, to, version, tables, kind), as_json=as_json)


@app.command()
def diff(
    older: Annotated[str, typer.Argument(metavar="FROM", help="Version that was released.")],
    newer: Annotated[str, typer.Argument(metavar="TO", help="Version that was released.")],
    table: Annotated[str | None, typer.Option(help="Only this table; all where left out.")] = None,
    outputs: Outputs = "outputs",
    as_json: Json = False,
) -> None:
    """Show what changed from one release to another, and why: codes, rows, cells and examples, as Markdown."""
    from pipelines.command.diff import difference_between

    _print(difference_between(outputs, older, newer, table), as_json=as_json)


@contextmanager
def _waiting(what: str) -> Iterator[Callable[[object], None]]:
    """Shows on a terminal that work is going on, and how far it is to those who tell."""
    from rich.console import Console

    with Console(stderr=True).status(f"{what} …") as status:
        yield lambda progress: status.update(f"{what}: {progress}")


def _print(answer: Answer, *, as_json: bool) -> NoReturn:
    """The answer on standard output; one that refuses goes to standard error."""
    text = json.dumps(answer.data, ensure_ascii=False, indent=2) if as_json else "\n".join(answer.lines)
    typer.echo(text, err=bool(answer.exit_code) and not (as_json or answer.is_report))
    raise typer.Exit(answer.exit_code)


def main() -> None:
    """Entry point: an expected error is one sentence on standard error and exit code 1, never a traceback."""
    set_threshold(_GARBAGE)
    try:
        app()
    except SystemExit as ended:
        if ended.code == INTERRUPTED:  # Typer makes this of Ctrl-C without a word
            typer.echo("monographs: interrupted; nothing is left half published. Run again to go on.", err=True)
        raise
    except (MonographsError, CodeTableError) as error:
        typer.echo(f"monographs: {error}", err=True)
        sys.exit(REFUSED)


if __name__ == "__main__":
    main()
