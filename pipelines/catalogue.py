"""The catalogue in the asset graph: the pages made anew after a release that Dagster has made."""

import time
from pathlib import Path
from typing import Any

import dagster as dg

from pipelines.assets import Folders
from pipelines.errors import MonographsError
from pipelines.product_page import OWNERS, catalogue_facts, page_of
from pipelines.release import read_index
from pipelines.release.errors import OutputsUnusableError


@dg.asset(deps=["release"], group_name="release", kinds={"html"}, owners=OWNERS, tags={"published": "true"})
def catalogue(folders: Folders) -> dg.MaterializeResult[Any]:
    """Pages to browse, search and download the latest release from; where it is in a bucket, none are made."""
    if "://" in folders.outputs:
        return dg.MaterializeResult(
            metadata={"not made": "The outputs are in a bucket; pages are made in a folder only."}
        )
    from pipelines.site import refresh_site  # noqa: PLC0415  (its templates are slow to load)
    from pipelines.site.places import HOME  # noqa: PLC0415

    began = time.monotonic()
    try:
        built = refresh_site(Path(folders.outputs))
    except MonographsError as error:
        may_pass = isinstance(error, OutputsUnusableError)
        message = f"The release stands; its catalogue was not refreshed, and `monographs site` makes it: {error}"
        raise dg.Failure(message, allow_retries=may_pass) from error
    shown = catalogue_facts(built, page_of(folders.outputs, folders.address, HOME), time.monotonic() - began)
    return dg.MaterializeResult(metadata={"version": read_index(folders.outputs)["latest"], **shown})
