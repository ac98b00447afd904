"""The `monographs` command: make a release, check seeds, and look at what was released.

Exit codes: 0 all is well; 1 the data was refused, or a release is not whole; 2 the command was misused; 130 it was
interrupted.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from gc import set_threshold
from importlib.metadata import version as project_version
from pathlib import Path
from typing import Annotated, Literal, NoReturn

import typer

from pipelines.command import INTERRUPTED, INTERRUPTION, Answer
from pipelines.errors import MonographsError
from schemas.codes import CodeTableError, require_whole_tables

app = typer.Typer(
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
)

Seeds = Annotated[Path, typer.Option(help="Folder of seed documents, with seeds.csv and corrections.csv.")]
Outputs = Annotated[
    str, typer.Option(metavar="DIR|URL", help="Where the releases are: a folder, or s3://, gs://, az://BUCKET/PREFIX.")
]
Json = Annotated[bool, typer.Option("--json", help="Print one JSON object for machines.")]
Which = Annotated[str, typer.Argument(help="Version that was released.", show_default=False)]
Reason = Annotated[str, typer.Option(help="Why; it is published with the version.")]
Version = Annotated[str | None, typer.Argument(help="Version that was released.", show_default="the latest")]
REFUSED = 1
# Objects between two looks for garbage: loading libraries makes many and no garbage, and looking at them again and
# again was a fifth of a short run.
_GARBAGE = 100_000


def _engine(named: str) -> str:
    if named in {"local", "dask"} or "://" in named:
        return named
    raise typer.BadParameter(f"{named!r} is neither `local` nor `dask` nor an address such as tcp://scheduler:8786.")


def _tell_version(*, is_asked: bool) -> None:
    if is_asked:
        typer.echo(f"monographs {project_version('drug-monographs')}")
        raise typer.Exit


@app.callback()
def monographs(
    is_asked: Annotated[
        bool, typer.Option("--version", callback=_tell_version, is_eager=True, help="Say the version of this program.")
    ] = False,
) -> None:
    """Turns drug monographs into tables, and publishes them as versioned releases."""


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
        str,
        typer.Option(
            metavar="local|dask|ADDRESS",
            envvar="MONOGRAPHS_ENGINE",
            callback=_engine,
            help="Read on the cores of this machine, or on a Dask cluster: one of this machine, or at an address.",
        ),
    ] = "local",
    cache: Annotated[
        str | None,
        typer.Option(
            metavar="DIR|none",
            help="Folder that keeps what was read; `none` reads every seed anew.",
            show_default=".cache in --outputs, if a folder",
        ),
    ] = None,
    site: Annotated[bool, typer.Option(help="Make the catalogue, a website in the outputs, anew.")] = True,
    sign: Annotated[
        Path | None,
        typer.Option(metavar="KEYFILE", envvar="MONOGRAPHS_SIGNING_KEY", help="Sign the release with this key of SSH."),
    ] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Show what would change, by document, row and cell; publish nothing.")
    ] = False,
    strict: Annotated[
        bool, typer.Option("--strict", help="Exit with 1 if a seed was left out of the release.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Read the seeds, check the tables, and publish a release if the content has changed.

    Seeds that cannot be read are left out and named; a broken rule stops the release and shows the rows.
    """
    require_whole_tables()
    from pipelines.command.release import ReleaseRequest, rehearsal, released

    kept = None if cache == "none" or (cache is None and "://" in outputs) else Path(cache or f"{outputs}/.cache")
    request = ReleaseRequest(seeds, outputs, accept_large_change, raised, engine, kept, sign, site, strict)
    _print(rehearsal(request) if dry_run else released(request), as_json=as_json)


@app.command()
def check(
    seeds: Annotated[list[Path], typer.Argument(help="Seed documents to read; nothing is published.")],
    as_json: Json = False,
) -> None:
    """Read seed documents and print what was found, as a compiler does: file:line:column severity code message."""
    from pipelines.command.check import check_seeds

    require_whole_tables()
    _print(check_seeds(seeds), as_json=as_json)


@app.command("render")
def render_seed(
    seed: Annotated[Path, typer.Argument(help="A seed, or one in an archive: all.zip/a.xml, all.json#/results/3.")],
    places: Annotated[bool, typer.Option("--places", help="Print before each line where it stands.")] = False,
    as_json: Json = False,
) -> None:
    """Print the text of a seed as it is read: the text that text_start and text_end point into."""
    from pipelines.command.render import rendered

    _print(rendered(seed, places=places), as_json=as_json)


@app.command("list")
def list_releases(outputs: Outputs = "outputs", as_json: Json = False) -> None:
    """List the releases, the latest first."""
    from pipelines.command.look import list_of_releases

    _print(list_of_releases(outputs), as_json=as_json)


@app.command()
def show(version: Version = None, outputs: Outputs = "outputs", as_json: Json = False) -> None:
    """Show what a release holds: its tables with their rows, and its digest."""
    from pipelines.command.look import contents_of_release

    _print(contents_of_release(outputs, version), as_json=as_json)


@app.command()
def verify(  # noqa: PLR0913, PLR0917  (each is an option)
    version: Annotated[str | None, typer.Argument(help="Version that was released.", show_default="every one")] = None,
    outputs: Outputs = "outputs",
    deep: Annotated[bool, typer.Option("--deep", help="Also compare the content of Parquet and CSV.")] = False,
    allowed_signers: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Also demand a signature by a signer that this file allows.")
    ] = None,
    explain: Annotated[
        bool, typer.Option("--explain", help="Also say what each damage affects, and what to do about it.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Check that releases are whole: log, checksums, descriptors, keys and references."""
    from pipelines.command.look import verification

    _print(verification(outputs, version, allowed_signers, deep=deep, explain=explain), as_json=as_json)


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


@app.command("open")
def open_catalogue(
    outputs: Annotated[Path, typer.Option(help="Folder of the releases, on a local disk.")] = Path("outputs"),
    as_json: Json = False,
) -> None:
    """Open the catalogue in a browser."""
    from pipelines.command.site import catalogue_opened

    _print(catalogue_opened(outputs), as_json=as_json)


@app.command("rebuild-index")
def rebuild_index(outputs: Outputs = "outputs", as_json: Json = False) -> None:
    """Make the index and everything else that follows from the log again."""
    from pipelines.command.maintain import index_rebuilt

    _print(index_rebuilt(outputs), as_json=as_json)


@app.command()
def link(
    rxnorm: Annotated[Path, typer.Option(metavar="RXNCONSO.RRF", help="RxNorm's file of names, which you bring.")],
    version: Version = None,
    outputs: Outputs = "outputs",
    as_json: Json = False,
) -> None:
    """Write a table of RxCUIs beside a release, by exact names."""
    from pipelines.command.maintain import linked

    _print(linked(outputs, version, rxnorm), as_json=as_json)


@app.command()
def substances(
    names: Annotated[Path, typer.Argument(metavar="UNII_NAMES", help="FDA's file of names, tab-separated.")],
    published: Annotated[str, typer.Option(metavar="YYYY-MM", help="When FDA published it.")],
    as_json: Json = False,
) -> None:
    """Take the names of substances anew from the file that FDA publishes."""
    from pipelines.command.maintain import substances_taken

    _print(substances_taken(names, published), as_json=as_json)


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
    version: Version = None, seeds: Seeds = Path("seeds"), outputs: Outputs = "outputs", as_json: Json = False
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
    tables: Annotated[str | None, typer.Option(metavar="A,B", help="Only these tables; all if left out.")] = None,
    kind: Annotated[
        str | None, typer.Option("--format", metavar="csv|parquet", help="Only this format; both if left out.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Download a release, go on where it stopped, and refuse what is not what was published."""
    from pipelines.command.fetch import fetched

    _print(fetched(source, to, version, tables, kind), as_json=as_json)


@app.command()
def diff(  # noqa: PLR0913, PLR0917  (each is an option)
    older: Annotated[str, typer.Argument(metavar="FROM", help="Version that was released.")],
    newer: Annotated[str, typer.Argument(metavar="TO", help="Version that was released.")],
    table: Annotated[str | None, typer.Option(help="Only this table; all if left out.")] = None,
    full: Annotated[bool, typer.Option("--full", help="Also by code, table and cell, with examples.")] = False,
    outputs: Outputs = "outputs",
    as_json: Json = False,
) -> None:
    """Show what changed from one release to another: a line for each document; with --full all of it, as Markdown."""
    from pipelines.command.diff import difference_between

    _print(difference_between(outputs, older, newer, table, full=full), as_json=as_json)


@contextmanager
def _waiting(what: str) -> Iterator[None]:
    """Shows that work is going on."""
    from pipelines.command.phases import Phases

    with Phases() as phases:
        phases.begin(what)
        yield


def _print(answer: Answer, *, as_json: bool) -> NoReturn:
    """The answer on standard output; one that refuses goes to standard error."""
    text = json.dumps(answer.data, ensure_ascii=False, indent=2) if as_json else "\n".join(answer.lines)
    try:
        typer.echo(text, err=bool(answer.exit_code) and not (as_json or answer.is_report))
        sys.stdout.flush()
    except OSError as error:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # Python writes what is left when it ends
        if not isinstance(error, BrokenPipeError):  # who has read enough of a pipe closes it
            raise AnswerUnwritableError(
                f"The answer cannot be written ({error.strerror}); all else is done."
            ) from error
    raise typer.Exit(answer.exit_code)


class AnswerUnwritableError(MonographsError):
    """Standard output takes no more."""


_INTERRUPTED_QUERY = "Query interrupted"  # how DuckDB says that somebody has pressed Ctrl-C


def main() -> None:
    """Entry point: an expected error is one sentence on standard error and exit code 1, never a traceback."""
    set_threshold(_GARBAGE)
    try:
        app()
    except SystemExit as ended:
        if ended.code == INTERRUPTED:  # Typer makes this of Ctrl-C without a word
            typer.echo(INTERRUPTION, err=True)
        raise
    except (MonographsError, CodeTableError) as error:
        typer.echo(f"monographs: {error}", err=True)
        sys.exit(REFUSED)
    except RuntimeError as error:
        if str(error) != _INTERRUPTED_QUERY:
            raise
        typer.echo(INTERRUPTION, err=True)
        sys.exit(INTERRUPTED)


if __name__ == "__main__":
    main()
