"""Releases in a bucket: the same as in a folder, and as safe. What the store of these tests is: see `object_store`."""

import json
import os
import signal
import subprocess
import sys
import time
import traceback
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from datetime import timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from moto.s3.models import s3_backends

from pipelines.release import log
from pipelines.release.failures import OutputsUnusableError, ReleaseRefusedError, VersionTakenError
from pipelines.release.fetch import fetch
from pipelines.release.publish import publish
from pipelines.release.publish.cleanup import collect
from pipelines.release.publish.events import withdraw, yank
from pipelines.release.released import latest, read_release
from pipelines.release.store import store_at
from pipelines.release.verify import verify
from tests.kills import CHILDREN, KILLS, RACES, dying_at, numbers_to_die_at, tried
from tests.object_store import BUCKET, KEY, SECRET, Door, Environ, Reply, delete, object_store, objects, put, reply
from tests.release_frames import BUILD, edited, small_tables
from tests.test_command import monographs

CORRECTED = edited("strengths", "5 mg", numerator_value=10.0)
OTHERS = 8


@pytest.fixture(scope="module")
def running() -> Iterator[tuple[Door, dict[str, str]]]:
    """One store for all tests; each has a prefix of its own."""
    with object_store() as store:
        yield store


@pytest.fixture
def variables(running: tuple[Door, dict[str, str]], monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """The environment in which the store is found, set for this process."""
    for name, value in running[1].items():
        monkeypatch.setenv(name, value)
    return running[1]


@pytest.fixture
def door(running: tuple[Door, dict[str, str]]) -> Iterator[Door]:
    """Where a test may put its fault; whole again afterwards."""
    yield running[0]
    running[0].fault = None


@pytest.fixture
def place(variables: dict[str, str], tmp_path: Path) -> str:
    """The address of nothing yet."""
    assert variables
    return f"s3://{BUCKET}/{tmp_path.name}/drug-monographs"


@pytest.fixture
def outputs(place: str) -> str:
    """The address of the release 1.0.0 of the small tables."""
    publish(small_tables(), BUILD, place)
    return place


def _problems(outputs: str) -> list[str]:
    return [str(problem) for problem in verify(outputs, deep=True)]


# --- as in a folder --------------------------------------------------------------------------------------------------

_SEED = "Aspirin\n\nUses\n\nFor pain.\n\nDosage Forms\n\nTablet: 5 mg\n"


def _run(*words: object) -> str:
    ran = monographs(*map(str, words))
    assert ran.returncode == 0, (words, ran.stdout, ran.stderr)
    return ran.stdout


@pytest.mark.slow
def test_the_whole_life_of_a_release(place: str, tmp_path: Path) -> None:
    """Every command that takes `--outputs` takes the address of a bucket, and `fetch` downloads from it."""
    seeds, at = tmp_path / "seeds", ("--outputs", place)
    seeds.mkdir()
    (seeds / "a.txt").write_text(_SEED, encoding="utf-8")
    assert f"Released 1.0.0 in {place}/releases/1.0.0" in _run("release", "--seeds", seeds, *at)
    assert "no release was made" in _run("release", "--seeds", seeds, *at)
    (seeds / "b.txt").write_text(_SEED.replace("Aspirin", "Baclofen"), encoding="utf-8")
    assert "Released 1.1.0" in _run("release", "--seeds", seeds, *at)
    assert _run("list", *at).count("published") == 2
    assert json.loads(_run("show", *at, "--json"))["version"] == "1.1.0"
    assert "b.txt: monograph new" in _run("diff", "1.0.0", "1.1.0", *at)
    assert "every release is whole" in _run("verify", "--deep", *at)
    assert "is reproduced" in _run("reproduce", "--seeds", seeds, *at)
    assert "The latest is 1.0.0." in _run("yank", "1.1.0", "--reason", "Wrong.", *at)
    assert "The latest is 1.1.0." in _run("unyank", "1.1.0", "--reason", "Right.", *at)
    assert "is there and whole" in _run("fetch", place, "--to", tmp_path / "fetched")
    assert (tmp_path / "fetched/1.1.0/data/strengths.csv").read_bytes().count(b"\n") == 3
    put(place, "index.json", b"{")
    assert "index.json" in _run("rebuild-index", *at)
    assert "withdrawn" in _run("withdraw", "1.0.0", "--reason", "No licence.", *at)
    assert "nothing to remove" in _run("gc", *at)
    assert "every release is whole" in _run("verify", *at)
    assert not any(name.startswith("releases/1.0.0/data") for name in objects(place))


def test_a_bucket_holds_the_files_of_a_folder(place: str, tmp_path: Path) -> None:
    """Byte for byte: releases, log, and what is derived from it, but for downloads; nothing of scratch is left."""
    for tables in (small_tables(), small_tables(**CORRECTED)):
        for outputs in (place, tmp_path / "outputs"):
            publish(tables, BUILD, outputs)
    for outputs in (place, tmp_path / "outputs"):
        yank(outputs, "1.0.1", "Wrong.")
    paths = [path for path in (tmp_path / "outputs").rglob("*") if path.is_file() and path.parent.name != "downloads"]
    on_disk = {path.relative_to(tmp_path / "outputs").as_posix(): path.read_bytes() for path in paths}
    assert objects(place) == on_disk


def test_an_unfinished_download_goes_on(outputs: str, tmp_path: Path) -> None:
    """From the byte where it stopped."""
    whole = objects(outputs)["releases/1.0.0/data/sections.parquet"]
    part = tmp_path / "1.0.0/data/sections.parquet.part"
    part.parent.mkdir(parents=True)
    part.write_bytes(whole[:1000])
    assert "data/sections.parquet" in fetch(outputs, tmp_path).new
    assert (tmp_path / "1.0.0/data/sections.parquet").read_bytes() == whole


def test_older_inputs_are_refused(outputs: str) -> None:
    """A copy of the seeds that was released before does not undo what came after it."""
    publish(small_tables(**CORRECTED), replace(BUILD, rules="newer"), outputs)
    with pytest.raises(ReleaseRefusedError, match="old copy of the seeds"):
        publish(small_tables(), BUILD, outputs)


def _truncated(outputs: str) -> None:
    put(outputs, "releases/1.0.0/data/routes.csv", b"x")


def _missing(outputs: str) -> None:
    delete(outputs, "releases/1.0.0/data/routes.csv")


def _extra(outputs: str) -> None:
    put(outputs, "releases/1.0.0/data/routes.csv.bak", b"x")


@pytest.mark.parametrize("damage", [_truncated, _missing, _extra])
def test_damage_is_found(outputs: str, damage: Callable[[str], None]) -> None:
    """The file is named by its place in the bucket."""
    damage(outputs)
    assert any("releases/1.0.0/data/routes.csv" in problem for problem in _problems(outputs))


def test_what_was_never_committed_goes_after_a_day(outputs: str, tmp_path: Path) -> None:
    """Nobody can see who is writing into a bucket, so that a younger claim stays even where a person asks for it."""
    put(outputs, "releases/1.0.1/build.json", b"{}")
    put(outputs, ".scratch/left", b"")
    gone = collect(outputs, older_than=0)
    assert (gone.uncommitted, gone.resting, gone.rest_days, gone.scratch) == ((), ("1.0.1",), 1, 0)
    for name, key in s3_backends["123456789012"]["aws"].buckets[BUCKET].keys.items():
        if tmp_path.name in name:
            key.last_modified -= timedelta(days=2)
    gone = collect(outputs, older_than=0)
    assert (gone.uncommitted, gone.resting, gone.scratch) == (("1.0.1",), (), 1)
    assert _problems(outputs) == []
    assert not any(name.startswith((".scratch", "releases/1.0.1")) for name in objects(outputs))


# --- stores with faults ----------------------------------------------------------------------------------------------


def _forgetful(door: Door, environ: Environ, start: Callable[..., Any]) -> Reply:
    """Knows nothing of conditional writes, as some that speak the protocol."""
    environ.pop("HTTP_IF_NONE_MATCH", None)
    return door.pass_on(environ, start)


def test_a_store_that_ignores_create_only_is_refused(outputs: str, door: Door) -> None:
    """Before anything is published, withdrawn or yanked; what was there stays as it was."""
    before = objects(outputs)
    door.fault = _forgetful
    with pytest.raises(OutputsUnusableError, match="one name to two files"):
        publish(small_tables(**CORRECTED), BUILD, outputs)
    with pytest.raises(OutputsUnusableError, match="one name to two files"):
        withdraw(outputs, "1.0.0", "A reason.")
    assert objects(outputs) == before


def _losing(_: Door, environ: Environ, start: Callable[..., Any]) -> Reply | None:
    """Says that it has taken a file, and has not."""
    if environ["REQUEST_METHOD"] == "PUT" and environ["PATH_INFO"].endswith("data/routes.csv"):
        return reply(environ, start, "200 OK", "")
    return None


def test_a_file_that_the_store_has_lost_stops_the_release(outputs: str, door: Door) -> None:
    """Everything is read back before it counts; once the store keeps what it is given, the next run completes it."""
    door.fault = _losing
    with pytest.raises(VersionTakenError, match=r"routes\.csv: is not as it was built"):
        publish(small_tables(**CORRECTED), BUILD, outputs)
    assert (latest(outputs), _problems(outputs)) == ("1.0.0", [])
    door.fault = None
    assert publish(small_tables(**CORRECTED), BUILD, outputs).version == "1.0.1"
    assert _problems(outputs) == []


def _once(answer: Callable[[Door, Environ, Callable[..., Any]], Reply]) -> Callable[..., Reply | None]:
    """The fault at the first commit, and no other."""
    done: list[str] = []

    def fault(door: Door, environ: Environ, start: Callable[..., Any]) -> Reply | None:
        if done or environ["REQUEST_METHOD"] != "PUT" or "/log/" not in environ["PATH_INFO"]:
            return None
        done.append(environ["PATH_INFO"])
        return answer(door, environ, start)

    return fault


def _conflict(_: Door, environ: Environ, start: Callable[..., Any]) -> Reply:
    xml = "<Error><Code>ConditionalRequestConflict</Code></Error>"
    return reply(environ, start, "409 Conflict", xml)


def _answer_lost(door: Door, environ: Environ, start: Callable[..., Any]) -> Reply:
    door.pass_on(environ, lambda *_: None)
    return reply(environ, start, "503 Service Unavailable", "<Error><Code>SlowDown</Code></Error>")


@pytest.mark.parametrize("answer", [_conflict, _answer_lost])
def test_a_commit_that_is_answered_badly_is_made_once(
    outputs: str, door: Door, answer: Callable[[Door, Environ, Callable[..., Any]], Reply]
) -> None:
    """A conflict that nobody won is tried again; a commit whose answer was lost is found in the log."""
    door.fault = _once(answer)
    assert publish(small_tables(**CORRECTED), BUILD, outputs).version == "1.0.1"
    assert list(log.releases(log.read_log(store_at(outputs)))) == ["1.0.0", "1.0.1"]
    assert _problems(outputs) == []


# --- several at once, and killed -------------------------------------------------------------------------------------


def _publish_value(variables: dict[str, str], outputs: str, value: float) -> bool:
    os.environ.update(variables)
    return publish(small_tables(**edited("strengths", "5 mg", numerator_value=value)), BUILD, outputs).is_new


@pytest.mark.slow
@pytest.mark.parametrize("again", RACES)
@pytest.mark.parametrize("kinds", [1, OTHERS], ids=["same content", "different content"])
def test_eight_publishers_at_once(outputs: str, variables: dict[str, str], kinds: int, again: int) -> None:
    """One release for each content, in order, each from the one before; index equal to log."""
    values = [100.0 + again + number % kinds for number in range(OTHERS)]
    with ProcessPoolExecutor(OTHERS, CHILDREN) as pool:
        new = sum(pool.map(_publish_value, [variables] * OTHERS, [outputs] * OTHERS, values))
    tried("a race of eight publishers in a bucket")
    released = list(log.releases(log.read_log(store_at(outputs))))
    assert (new, len(released)) == (kinds, 1 + kinds)
    assert [read_release(outputs, after)["previous"] for after in released[1:]] == released[:-1]
    digests = [read_release(outputs, version)["content_sha256"] for version in released]
    assert all(one != other for one, other in pairwise(digests))
    assert _problems(outputs) == []


def _die_at(variables: dict[str, str], outputs: str, wanted: int) -> None:
    os.environ.update(variables)
    publish(small_tables(**CORRECTED), BUILD, outputs, step=dying_at(wanted))


def _assert_whole_and_repaired(outputs: str, before: dict[str, bytes]) -> None:
    """The old release or the new one, whole; the same call again ends well, and made one release in all."""
    version = latest(outputs)
    assert version in ("1.0.0", "1.0.1")
    derived = (
        ("index.json:", "VERSION:", "CHANGELOG.md:", "feed.atom:", "dataset.jsonld:") if version == "1.0.1" else ()
    )
    assert [str(problem) for problem in verify(outputs) if not str(problem).startswith(derived)] == []
    kept = {name: data for name, data in before.items() if "/" in name}
    assert kept.items() <= objects(outputs).items()
    publish(small_tables(**CORRECTED), BUILD, outputs)
    assert list(log.releases(log.read_log(store_at(outputs)))) == ["1.0.0", "1.0.1"]
    assert _problems(outputs) == []


@pytest.mark.slow
def test_killed_at_steps_of_an_upload(place: str, variables: dict[str, str]) -> None:
    """After each named step, and after some of the files; from MONOGRAPHS_KILLS=100 on, after every file."""
    told: list[str] = []
    publish(small_tables(), BUILD, f"{place}/counted")
    publish(small_tables(**CORRECTED), BUILD, f"{place}/counted", step=told.append)
    steps = numbers_to_die_at(told, every=16)
    assert {"built", "claimed", "verified", "committed", "derived"} <= set(told)
    for number in steps:
        outputs = f"{place}/{number}"
        publish(small_tables(), BUILD, outputs)
        before = objects(outputs)
        child = CHILDREN.Process(target=_die_at, args=(variables, outputs, number))
        child.start()
        child.join()
        assert child.exitcode == -signal.SIGKILL
        tried("an upload, killed at a step")
        _assert_whole_and_repaired(outputs, before)


@pytest.mark.slow
def test_killed_at_random_moments(place: str, variables: dict[str, str]) -> None:
    """A signal from outside, at moments that no code has chosen, from the start of a process to its end."""
    share = 0.0
    for number in range(-(-KILLS // 5)):
        outputs = f"{place}/{number}"
        publish(small_tables(), BUILD, outputs)
        before = objects(outputs)
        child = CHILDREN.Process(target=_publish_value, args=(variables, outputs, 10.0))
        child.start()
        share = (share + 0.618034) % 1
        time.sleep(share * 3)  # about what it takes
        child.kill()
        child.join()
        tried("an upload, killed at a random moment", has_ended=child.exitcode != 0)
        _assert_whole_and_repaired(outputs, before)


# --- credentials -----------------------------------------------------------------------------------------------------


def _talkative(_: Door, environ: Environ, start: Callable[..., Any]) -> Reply:
    """Quotes the key and what was signed, as S3 does where a signature is wrong."""
    signed = f"{environ.get('HTTP_AUTHORIZATION', '')} {SECRET}"
    xml = f"<Error><Code>SignatureDoesNotMatch</Code><AWSAccessKeyId>{KEY}</AWSAccessKeyId><S>{signed}</S></Error>"
    return reply(environ, start, "403 Forbidden", xml)


def _assert_silent(told: str) -> None:
    assert not [secret for secret in (KEY, SECRET, "Signature=", "Authorization") if secret in told]


@pytest.mark.parametrize("words", [("list",), ("verify",), ("yank", "1.0.0", "--reason", "A reason."), ("gc",)])
def test_credentials_are_in_no_output(outputs: str, variables: dict[str, str], door: Door, words: list[str]) -> None:
    """Not even where the store quotes them in its answer: one sentence names the address and the code of the store."""
    door.fault = _talkative
    command = [sys.executable, "-m", "pipelines.cli", *words, "--outputs", outputs]
    ran = subprocess.run(command, env=os.environ | variables, capture_output=True, text=True, check=False)
    assert (ran.returncode, ran.stdout, ran.stderr.count("\n")) == (1, "", 1)
    assert outputs in ran.stderr
    assert "SignatureDoesNotMatch" in ran.stderr
    _assert_silent(ran.stderr)


def test_credentials_are_in_no_traceback(outputs: str, door: Door, capfd: pytest.CaptureFixture[str]) -> None:
    """Neither in the error nor in those that it hangs on to, as a log of runs would keep them."""
    door.fault = _talkative
    with pytest.raises(OutputsUnusableError) as refused:
        publish(small_tables(), BUILD, outputs)
    error: BaseException | None = refused.value
    while error is not None:
        _assert_silent("".join(traceback.format_exception(error, chain=False)) + repr(error.args))
        error = error.__cause__ or error.__context__
    _assert_silent("".join(capfd.readouterr()))


@pytest.mark.parametrize(
    ("address", "words"),
    [
        (f"s3://{KEY}:{SECRET}@bucket/prefix", "must not hold credentials"),
        (f"s3://bucket/prefix?X-Amz-Signature={SECRET}", "must not hold credentials"),
        ("ftp" + "://bucket/prefix", "names no store"),
        ("s3:///prefix", "names no store"),
        (f"s3://no-such-bucket-{OTHERS}/prefix", "no such file or bucket"),
    ],
)
def test_an_address_that_names_no_store_is_refused(variables: dict[str, str], address: str, words: str) -> None:
    """What the address holds is not repeated where it holds a secret."""
    assert variables
    with pytest.raises(OutputsUnusableError, match=words) as refused:
        publish(small_tables(), BUILD, address)
    _assert_silent(str(refused.value))
