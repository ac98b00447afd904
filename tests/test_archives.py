"""Archives are opened to the documents in them, within limits; what breaks a limit costs itself."""

from __future__ import annotations

import gzip
import io
import json
import os
import zipfile
from pathlib import Path

import pytest

from pipelines.command.render import rendered
from pipelines.documents import archive
from pipelines.engine.seed_file import SeedsError
from pipelines.engine.seeds import seeds_in
from tests.test_documents import LABEL, RECORD

PAGE = b"<html><body><h1>Zepharol</h1></body></html>"


def zipped(*members: tuple[str, bytes], how: int = zipfile.ZIP_DEFLATED) -> bytes:
    """A zip archive."""
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", how) as made:
        for name, data in members:
            made.writestr(name, data)
    return held.getvalue()


def found(folder: Path, **files: bytes) -> dict[str, bytes | str | None]:
    """What each seed of a folder with these files holds, or the code of its problem."""
    for name, data in files.items():
        (folder / name).write_bytes(data)
    return {seed.seed_id: seed.problem.code if seed.problem else seed.data for seed in seeds_in(folder)}


def test_a_download_of_labels_is_opened(tmp_path: Path) -> None:
    """A label in a zip in a zip is a seed with its path; pictures are counted once."""
    label = zipped(("guid.xml", LABEL.encode()), ("box.jpg", b"picture"), ("__MACOSX/._guid.xml", b""))
    outer = zipped(("human/20240523_abc.zip", label), ("human/20240524_abd.zip", label))
    assert found(tmp_path, **{"dm.zip": outer}) == {
        "dm.zip/human/20240523_abc.zip/guid.xml": LABEL.encode(),
        "dm.zip/human/20240524_abd.zip/guid.xml": LABEL.encode(),
        "dm.zip": "MEMBERS_LEFT_ASIDE",
    }
    (aside,) = (seed.problem for seed in seeds_in(tmp_path) if seed.problem)
    assert aside is not None
    assert "2 of .jpg" in aside.message


def test_bulk_files_are_records(tmp_path: Path) -> None:
    """Records have their JSON pointer, in a zip too; a file of one record is itself."""
    bulk = json.dumps({"meta": {"total": 2}, "results": [RECORD, RECORD | {"set_id": "abd-2"}]}).encode()
    seeds = found(
        tmp_path,
        **{"all.json": bulk, "all.json.zip": zipped(("all.json", bulk)), "one.json": json.dumps(RECORD).encode()},
    )
    assert list(seeds) == [
        "all.json#/results/0",
        "all.json#/results/1",
        "all.json.zip/all.json#/results/0",
        "all.json.zip/all.json#/results/1",
        "one.json",
    ]
    assert seeds["all.json#/results/0"] == json.dumps(RECORD, ensure_ascii=False).encode()


def test_a_broken_bulk_file_keeps_its_first_records(tmp_path: Path) -> None:
    """What follows the break is left out, and the file says so."""
    bulk = json.dumps([RECORD, RECORD])[:-40].encode()
    assert list(found(tmp_path, **{"all.json": bulk})) == ["all.json#/0", "all.json"]


def test_gzip_is_opened(tmp_path: Path) -> None:
    """A file that was packed alone is one document."""
    assert found(tmp_path, **{"a.html.gz": gzip.compress(PAGE)}) == {"a.html.gz/a.html": PAGE}


def test_a_zip_bomb_is_not_unpacked(tmp_path: Path) -> None:
    """An archive that holds a thousand times its size is left where that shows."""
    bomb = zipped(*((f"{number}.txt", bytes(2**22)) for number in range(64)))
    inner = zipped(("bomb.zip", bomb), ("good.html", PAGE))
    assert len(inner) * archive.MOST_RATIO < 2**28
    assert "SEED_UNSAFE" in found(tmp_path, **{"bomb.zip": inner}).values()


def test_archives_in_archives_have_an_end(tmp_path: Path) -> None:
    """More archives in each other than anybody ships are not opened."""
    data = PAGE
    for number in range(archive.MOST_NESTED + 1):
        data = zipped((f"{number}.zip" if number else "a.html", data))
    (problem,) = found(tmp_path, **{"deep.zip": data}).values()
    assert problem == "SEED_UNSAFE"


@pytest.mark.parametrize("name", ["../out.txt", "/etc/out.txt", "a/../../out.txt", "a\\..\\out\x07.txt"])
def test_a_path_that_leaves_is_no_name(tmp_path: Path, name: str) -> None:
    """A member that would stand outside the folder costs itself."""
    seeds = found(tmp_path, **{"a.zip": zipped((name, PAGE), ("good.html", PAGE))})
    assert seeds == {"a.zip/#1": "SEED_UNREADABLE", "a.zip/good.html": PAGE}


def test_a_member_that_cannot_be_read_costs_itself(tmp_path: Path) -> None:
    """A password, a broken member and one that is too large are findings of their own."""
    data = bytearray(zipped(("a.txt", b"words " * 99), ("b.html", PAGE), ("c.html", PAGE), how=zipfile.ZIP_STORED))
    data[data.index(b"words ")] ^= 1
    central = data.rindex(b"PK\x01\x02", 0, data.rindex(b"PK\x01\x02"))
    data[central + 8] |= 1
    seeds = found(tmp_path, **{"a.zip": bytes(data)})
    assert seeds == {
        "a.zip/a.txt": "SEED_PACK_BROKEN",
        "a.zip/b.html": "SEED_ENCRYPTED",
        "a.zip/c.html": PAGE,
    }


def test_what_is_no_archive_is_named(tmp_path: Path) -> None:
    """A file that is called a zip and is none is a finding."""
    assert found(tmp_path, **{"a.zip": b"PK no zip", "b.gz": b"no gzip"}) == {
        "a.zip": "SEED_PACK_BROKEN",
        "b.gz": "SEED_PACK_BROKEN",
    }


def test_hidden_and_editor_files_are_no_seeds(tmp_path: Path) -> None:
    """What editors and systems leave behind is passed over, and the two tables beside the seeds are none."""
    files = [".hidden.txt", "~$a.docx", "a.txt~", "#a.txt#", "Thumbs.db", "seeds.csv", "corrections.csv"]
    assert list(found(tmp_path, **dict.fromkeys(files, PAGE), **{"a.html": PAGE})) == ["a.html"]


def test_every_file_is_told_of(tmp_path: Path) -> None:
    """A name that is no UTF-8, a pipe and a link to a folder cost themselves and are named."""
    folder = tmp_path / "seeds"
    (folder / "below").mkdir(parents=True)
    (folder / "link").symlink_to(folder / "below")
    (folder / os.fsdecode(b"caf\xe9.html")).write_bytes(PAGE)
    os.mkfifo(folder / "pipe.zip")
    (tmp_path / "out").mkdir()
    (folder / "out").symlink_to(tmp_path / "out")
    assert found(folder) == {
        "caf%E9.html": PAGE,
        "link": "SEED_OUTSIDE",
        "out": "SEED_OUTSIDE",
        "pipe.zip": "SEED_UNREADABLE",
    }


def test_a_document_in_an_archive_is_rendered(tmp_path: Path) -> None:
    """The text of one document is printed as it is read, with the place of each line if that is asked for."""
    (tmp_path / "a.zip").write_bytes(zipped(("in/a.html", PAGE), ("b.html", PAGE)))
    answer = rendered(tmp_path / "a.zip" / "in" / "a.html", places=True)
    assert answer.lines == ["/html/body/h1[1]\tZepharol"]
    assert (answer.data["renderer"], answer.data["text"]) == ("html@1", "Zepharol\n")
    with pytest.raises(SeedsError, match=r"holds 2 documents; name one of them: a\.zip/in/a\.html, a\.zip/b\.html\."):
        rendered(tmp_path / "a.zip", places=False)
    with pytest.raises(SeedsError, match="no such seed"):
        rendered(tmp_path / "a.zip" / "c.html", places=False)


def test_a_record_of_a_bulk_file_is_rendered(tmp_path: Path) -> None:
    """A JSON pointer names a record."""
    (tmp_path / "all.json").write_text(json.dumps([RECORD, RECORD]), encoding="utf-8")
    assert rendered(tmp_path / "all.json#" / "1", places=False).lines[0] == "Zepharex (ZEPHAROL)"
