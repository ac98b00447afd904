"""`monographs site`, and the catalogue made anew after a release or an event."""

from __future__ import annotations

import webbrowser
from dataclasses import replace
from pathlib import Path

from pipelines.command import INTERRUPTED, Answer
from pipelines.errors import MonographsError
from pipelines.release import read_index


def site_built(outputs: Path) -> Answer:
    """Every page looked at, and those that differ written."""
    from pipelines.site import build_site

    if not read_index(outputs)["releases"]:
        why = f"{outputs}: no release yet; `monographs release` makes one, and the catalogue with it."
        return Answer([why], {"error": why}, 1)
    built = build_site(outputs)
    line = f"{built.home}: {built.files} files, of which {built.written} written and {built.removed} removed."
    return Answer([line], {"home": str(built.home), "files": built.files, "written": built.written})


def with_catalogue(answer: Answer, outputs: Path) -> Answer:
    """The answer of a release, and where its catalogue is; the release stands even if its pages cannot be made."""
    from pipelines.site import refresh_site

    exit_code = answer.exit_code
    try:
        line = f"  catalogue: {refresh_site(outputs).home.absolute().as_uri()}"
    except MonographsError as error:
        line = f"  the catalogue was not refreshed; `monographs site` makes it: {error}"
    except KeyboardInterrupt:
        line, exit_code = "  interrupted: the release stands, its catalogue is made by `monographs site`.", INTERRUPTED
    return replace(answer, lines=[*answer.lines, line], exit_code=exit_code, is_report=True)


def refresh_if_there(outputs: str) -> None:
    """What was withdrawn or yanked is shown so at once, if there is a catalogue, which object storage never has."""
    from pipelines.site import refresh_site
    from pipelines.site.places import HOME

    if "://" not in outputs and (Path(outputs) / HOME).is_file():
        refresh_site(Path(outputs))


def catalogue_opened(outputs: Path) -> Answer:
    """The address of the catalogue, which a browser is asked to show."""
    from pipelines.site.places import HOME

    home = outputs / HOME
    if not home.is_file():
        why = f"{outputs}: no catalogue yet; `monographs site` makes it from the releases there."
        return Answer([why], {"error": why}, 1)
    address = home.absolute().as_uri()
    is_shown = webbrowser.open(address)
    hint = "" if is_shown else " (no browser was found; open it yourself)"
    return Answer([f"{address}{hint}"], {"home": address, "is_shown": is_shown})
