"""`dataset.jsonld`: the latest release as a schema.org Dataset, for search engines and the page of the dataset.

It stands beside `index.json` and is made from the log, so that it never names a release that was taken back. It is the
only descriptor with a date: that of `build.json`. Paths are relative to the folder of releases.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator

from pipelines.release.about import CREATOR, DATASET, DESCRIPTION, KEYWORDS, LICENCE, TITLE
from pipelines.release.log import Event, Record
from pipelines.release.resources import shapes_in
from pipelines.release.store import Store

_MEDIA_TYPES = {
    "csv": "text/csv",
    "parquet": "application/vnd.apache.parquet",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


def dataset_page(store: Store, latest: Event | None, released_at: str | None) -> Record:
    """The description; without a version or a file where no release is offered."""
    told = {
        "@context": "https://schema.org/",
        "@type": "Dataset",
        "name": TITLE,
        "alternateName": DATASET,
        "description": DESCRIPTION,
        "keywords": list(KEYWORDS),
        "license": LICENCE,
        "creator": {"@type": "Organization", "name": CREATOR},
        "isAccessibleForFree": True,
    }
    return told | (_of_release(store, latest, released_at) if latest else {})


def _of_release(store: Store, latest: Event, released_at: str | None) -> Record:
    folder = f"releases/{latest.version}"
    return {
        "version": latest.version,
        **({"datePublished": released_at} if released_at else {}),
        "identifier": f"sha256:{latest.record['content_sha256']}",
        "url": f"{folder}/README.md",
        "distribution": list(_downloads(folder, latest.record)),
        "variableMeasured": list(_variables(store, folder, latest.record)),
    }


def _downloads(folder: str, record: Record) -> Iterator[Record]:
    """Each file that holds tables; what describes them is found beside them."""
    for path, fact in record["files"].items():
        kind = path.rpartition(".")[2]
        if path.startswith("data/") or kind == "xlsx":
            name = path.removeprefix("data/")
            table = record["tables"].get(name.partition(".")[0])
            yield {
                "@type": "DataDownload",
                "name": name,
                **({"description": f"{table['rows']} rows"} if table else {}),
                "contentUrl": f"{folder}/{path}",
                "encodingFormat": _MEDIA_TYPES[kind],
                "contentSize": f"{fact['bytes']} B",
                "sha256": fact["sha256"],
            }


def _variables(store: Store, folder: str, record: Record) -> Iterator[Record]:
    """Each column; none where the descriptor of the release is not the one that was published."""
    name = "datapackage.json"
    descriptor = store.read(f"{folder}/{name}") or b""
    if hashlib.sha256(descriptor).hexdigest() != record["files"][name]["sha256"]:
        return
    for shape in shapes_in(json.loads(descriptor)).values():
        for column in shape.columns:
            unit = {"unitText": column.unit} if column.unit else {}
            title = f"{shape.name}.{column.name}"
            yield {"@type": "PropertyValue", "name": title, "description": column.description, **unit}
