"""Many documents in one file: the same readings as from files of their own, and what a broken one costs."""

from __future__ import annotations

import io
import json
import os
import resource
import tarfile
import zipfile
from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from pipelines.engine.run import Readings, read_folder
from pipelines.engine.seed_file import SeedFile, SeedsError
from pipelines.engine.seeds import seeds_in
from tests.generate import monographs

DOCUMENTS = [(name, text.encode()) for name, text in monographs(30)]


def parquet(documents: list[tuple[str, bytes]]) -> bytes:
    """A table of name and text, in row groups of ten."""
    sink = io.BytesIO()
    names, texts = [name for name, _ in documents], [text.decode() for _, text in documents]
    pq.write_table(pa.table({"name": names, "text": texts}), sink, row_group_size=10, write_page_checksum=True)
    return sink.getvalue()


def jsonl(documents: list[tuple[str, bytes]]) -> bytes:
    """An object on each line."""
    return b"".join(json.dumps({"name": n, "text": t.decode()}).encode() + b"\n" for n, t in documents)


def tar(documents: list[tuple[str, bytes]]) -> bytes:
    """A member for each document, and one that is none."""
    sink = io.BytesIO()
    with tarfile.open(fileobj=sink, mode="w") as archive:
        for name, data in [*documents, ("notes.png", b"not a document")]:
            member = tarfile.TarInfo(name)
            member.size = len(data)
            archive.addfile(member, io.BytesIO(data))
    return sink.getvalue()


def zstd(data: bytes) -> bytes:
    """The bytes, compressed."""
    sink = pa.BufferOutputStream()
    with pa.CompressedOutputStream(sink, "zstd") as stream:
        stream.write(data)
    return bytes(sink.getvalue().to_pybytes())


PACKS: dict[str, Callable[[list[tuple[str, bytes]]], bytes]] = {
    "all.parquet": parquet,
    "all.jsonl": jsonl,
    "all.jsonl.zst": lambda documents: zstd(jsonl(documents)),
    "all.tar": tar,
    "all.tar.zst": lambda documents: zstd(tar(documents)),
}


def packed(folder: Path, name: str, data: bytes) -> Path:
    """A folder of seeds with one packed file in a sub-folder."""
    (folder / "sub").mkdir(exist_ok=True)
    (folder / "sub" / name).write_bytes(data)
    return folder


def problems(folder: Path) -> dict[str, str]:
    """The code of what is wrong with a seed, by seed_id."""
    return {seed.seed_id: seed.problem.code for seed in seeds_in(folder) if seed.problem}


def values(readings: Readings) -> list[dict[str, object]]:
    """Every monograph, without its place."""
    return readings.tables["monographs"].drop_columns(["monograph_id", "seed_id"]).to_pylist()  # type: ignore[no-any-return]


@pytest.mark.parametrize("name", PACKS)
def test_packed_documents_read_as_files_do(tmp_path: Path, name: str) -> None:
    """Each document is a seed under the name of the packed file and its own, and states the same."""
    loose, folder = tmp_path / "loose", packed(tmp_path, name, PACKS[name](DOCUMENTS))
    for seed_id, data in DOCUMENTS:
        (loose / seed_id).parent.mkdir(parents=True, exist_ok=True)
        (loose / seed_id).write_bytes(data)
    expected = values(read_folder(loose))
    for path in loose.rglob("*.txt"):
        path.unlink()
    assert {seed.seed_id: seed.data for seed in seeds_in(folder)} == {f"sub/{name}/{n}": d for n, d in DOCUMENTS}
    assert values(read_folder(folder)) == expected


@pytest.mark.parametrize("share", [0.0, 0.3, 0.6])
@pytest.mark.parametrize("name", PACKS)
def test_a_packed_file_cut_short_is_named(tmp_path: Path, name: str, share: float) -> None:
    """What stands before the cut is read, and an error finding names the file that is cut."""
    data = PACKS[name](DOCUMENTS)
    folder = packed(tmp_path, name, data[: int(len(data) * share)])
    if share or name == "all.parquet":
        found = problems(folder)
        assert set(found.values()) <= {"SEED_PACK_BROKEN", "SEED_UNREADABLE"}
        assert found
    good = [seed.data for seed in seeds_in(folder) if seed.data is not None]
    assert good == [data for _, data in DOCUMENTS][: len(good)]


@pytest.mark.parametrize("name", PACKS)
def test_something_else_under_that_name_is_named(tmp_path: Path, name: str) -> None:
    """Bytes that are no packed file are one finding, or one for each line."""
    folder = packed(tmp_path, name, b"these are words\n" * 100)
    assert set(problems(folder).values()) <= {"SEED_PACK_BROKEN", "SEED_UNREADABLE"}
    assert all(seed.data is None for seed in seeds_in(folder))


def test_a_tar_cut_between_two_members_is_named(tmp_path: Path) -> None:
    """A tar without its end is not taken for whole."""
    whole = tar(DOCUMENTS[:2])
    first = 512 + -(-len(DOCUMENTS[0][1]) // 512) * 512
    assert problems(packed(tmp_path, "all.tar", whole[:first])) == {"sub/all.tar": "SEED_PACK_BROKEN"}


LINES = {
    "no JSON": "{",
    "no object": "[1, 2]",
    "no text": '{"name": "a.txt"}',
    "a number for text": '{"name": "a.txt", "text": 3}',
    "no name": '{"name": "", "text": "x"}',
    "a name that leads out": '{"name": "../a.txt", "text": "x"}',
    "an absolute name": '{"name": "/a.txt", "text": "x"}',
}


@pytest.mark.parametrize("line", LINES.values(), ids=LINES)
def test_a_line_that_is_no_document_costs_itself(tmp_path: Path, line: str) -> None:
    """The lines around it are read."""
    good = jsonl(DOCUMENTS[:1])
    folder = packed(tmp_path, "all.jsonl", good + line.encode() + b"\n" + jsonl(DOCUMENTS[1:2]))
    assert list(problems(folder).values()) == ["SEED_UNREADABLE"]
    assert sum(seed.data is not None for seed in seeds_in(folder)) == 2


@pytest.mark.parametrize("name", PACKS)
def test_a_name_that_stands_twice_is_named(tmp_path: Path, name: str) -> None:
    """The first document keeps the name; the second is left out under its number."""
    found = problems(packed(tmp_path, name, PACKS[name]([*DOCUMENTS[:2], DOCUMENTS[0]])))
    assert found == {f"sub/{name}/#3": "SEED_NAME_REPEATED"}


def test_one_monograph_in_two_packed_files_is_two_of_one_drug(tmp_path: Path) -> None:
    """Equal documents in two places are two monographs, whatever they stand in."""
    packed(tmp_path, "a.parquet", parquet(DOCUMENTS[:1]))
    packed(tmp_path, "b.tar.zst", zstd(tar(DOCUMENTS[:1])))
    tables = read_folder(tmp_path).tables
    name = DOCUMENTS[0][0]
    assert tables["monographs"]["monograph_id"].to_pylist() == [f"sub/a.parquet/{name}", f"sub/b.tar.zst/{name}"]
    assert tables["drugs"]["monograph_count"].to_pylist() == [2]


def test_members_that_are_no_files_are_named(tmp_path: Path) -> None:
    """A link in a tar is not followed."""
    sink = io.BytesIO()
    with tarfile.open(fileobj=sink, mode="w") as archive:
        link = tarfile.TarInfo("a.txt")
        link.type, link.linkname = tarfile.SYMTYPE, "/etc/passwd"
        archive.addfile(link)
    assert problems(packed(tmp_path, "all.tar", sink.getvalue())) == {"sub/all.tar/a.txt": "SEED_UNREADABLE"}


def test_a_table_without_the_columns_is_named(tmp_path: Path) -> None:
    """A Parquet file of something else is named, with the columns that are missing."""
    sink = io.BytesIO()
    pq.write_table(pa.table({"name": ["a"], "words": ["b"]}), sink)
    (seed,) = seeds_in(packed(tmp_path, "all.parquet", sink.getvalue()))
    assert isinstance(seed, SeedFile)
    assert seed.problem is not None
    assert "no column text" in seed.problem.message


def test_rows_beside_the_seeds_may_speak_of_packed_ones(tmp_path: Path) -> None:
    """A row of seeds.csv may name a document or the packed file; one that names neither is an error."""
    folder = packed(tmp_path, "all.jsonl", jsonl(DOCUMENTS[:2]))
    one, other = (f"sub/all.jsonl/{name}" for name, _ in DOCUMENTS[:2])
    header = "file,source,licence,retrieved\n"
    (folder / "seeds.csv").write_text(f"{header}sub/all.jsonl,a,x,\n{other},b,y,\n", encoding="utf-8")
    seeds = read_folder(folder).tables["seeds"]
    sources = dict(zip(seeds["seed_id"].to_pylist(), seeds["source"].to_pylist(), strict=True))
    assert sources == {one: "a", other: "b"}
    (folder / "seeds.csv").write_text(f"{header}sub/all.jsonl/nowhere.txt,b,y,\n", encoding="utf-8")
    with pytest.raises(SeedsError, match=r"seeds\.csv: there is no seed 'sub/all\.jsonl/nowhere\.txt'"):
        read_folder(folder)


def tar_header(name: str, kind: bytes, size: int) -> bytes:
    """The header of a member that says it has so many bytes."""
    member = tarfile.TarInfo(name)
    member.type, member.size = kind, size
    return member.tobuf(tarfile.GNU_FORMAT)


def one_text_often() -> bytes:
    """A table whose rows all have the same text, which a file holds once."""
    sink = io.BytesIO()
    text = pa.DictionaryArray.from_arrays([0] * 100, ["x" * 2**20])
    rows = pa.table({"name": [f"{n}.txt" for n in range(100)], "text": text})
    pq.write_table(rows, sink, compression="zstd", dictionary_pagesize_limit=2**22)
    return sink.getvalue()


BOMBS: dict[str, Callable[[], tuple[str, bytes]]] = {
    "line feeds without end": lambda: ("a.jsonl.zst", zstd(b"\n" * 2**28)),
    "zeros without end": lambda: ("a.jsonl.zst", zstd(bytes(2**28))),
    "a name of two gibibytes": lambda: (
        "a.tar.zst",
        zstd(tar_header("x", tarfile.GNUTYPE_LONGNAME, 2**31) + bytes(2**24)),
    ),
    "a header of two gibibytes": lambda: ("a.tar", tar_header("x", tarfile.XHDTYPE, 2**31) + bytes(2**20)),
    "a member that is passed over": lambda: (
        "a.tar.zst",
        zstd(tar_header("x.bin", tarfile.REGTYPE, 2**28) + bytes(2**28)),
    ),
    "one text a hundred times": lambda: ("a.parquet", one_text_often()),
}


@pytest.mark.parametrize("bomb", BOMBS)
def test_a_small_file_that_unpacks_to_much_costs_itself(tmp_path: Path, bomb: str) -> None:
    """It is named, in little memory, and what stands beside it is read."""
    name, data = BOMBS[bomb]()
    folder = packed(tmp_path, name, data)
    (folder / "good.txt").write_bytes(DOCUMENTS[0][1])
    assert len(data) < 2**21
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    found = {seed.seed_id: seed.problem.code for seed in seeds_in(folder) if seed.problem}
    assert found.get(f"sub/{name}") in {"SEED_UNSAFE", "SEED_PACK_BROKEN"}
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 2**19  # KiB
    assert "good.txt" in {seed.seed_id for seed in seeds_in(folder) if seed.data}


EMPTY: dict[str, bytes] = {
    "all.parquet": parquet([]),
    "all.jsonl": b"\n\n",
    "all.jsonl.zst": zstd(b""),
    "all.tar": bytes(10_240),
    "none.tar": tar([]),
    "all.tar.zst": zstd(tar([])),
}


@pytest.mark.parametrize("name", EMPTY)
def test_a_packed_file_without_a_document_is_named(tmp_path: Path, name: str) -> None:
    """Whether it is empty, all zeros, or holds other members only."""
    assert problems(packed(tmp_path, name, EMPTY[name])) == {f"sub/{name}": "SEED_PACK_EMPTY"}


@pytest.mark.parametrize("name", ["pipe.jsonl", "pipe.tar", "pipe.txt"])
def test_a_pipe_is_named_and_nobody_waits_for_it(tmp_path: Path, name: str) -> None:
    """As are sockets and devices, which are no files either."""
    (tmp_path / "sub").mkdir()
    os.mkfifo(tmp_path / "sub" / name)
    assert problems(tmp_path) == {f"sub/{name}": "SEED_UNREADABLE"}


def test_a_zip_of_another_time_is_named(tmp_path: Path) -> None:
    """One byte of its table of contents asks for a version of the format that nobody has written."""
    sink = io.BytesIO()
    with zipfile.ZipFile(sink, "w") as archive:
        archive.writestr("a.txt", DOCUMENTS[0][1])
    data = bytearray(sink.getvalue())
    data[data.rindex(b"PK\x01\x02") + 6] = 99
    assert problems(packed(tmp_path, "all.zip", bytes(data))) == {"sub/all.zip": "SEED_PACK_BROKEN"}
