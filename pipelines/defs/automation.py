"""What runs by itself: the release job, the sensor that starts it if a seed has changed, and a daily safety net.

The sensor looks at names, sizes and times first, and at content only if one of them has moved. It asks for a run
if the content differs from that of its last request, once the files have rested from one tick to the next: a
burst of changes makes one run, and a file that is being written is left alone. What changes during a run is seen by
the next tick. A tick only hashes for a while; the next one goes on from there.

A request is made once for each change, whatever becomes of its run: what failed for good would fail again. The run
itself tries again if that may help, the schedule does each day, and the next change is a request of its own.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import dagster as dg

from pipelines.defs.assets import code_tables, seed_documents
from pipelines.defs.lost_runs import end_lost_runs
from pipelines.defs.resources import Folders
from pipelines.defs.watch import Notes, WatchedFile, files_in, stamp_of_files
from schemas import codes

RELEASE_JOB = "release_job"
SENSOR = "seeds_changed"
_LOOK_EVERY = int(
    dg.EnvVar("MONOGRAPHS_LOOK_EVERY").get_value("15") or 15
)  # seconds; listing 100,000 files takes about one
_HASHING_SECONDS = 20.0  # of the 60 that Dagster grants a tick; listing needs some of them too
_LONGEST_WAIT = 20  # ticks, five minutes: files that never rest for so long are released all the same
_NOTES = "seeds_changed.sqlite"
_DATA_VERSION = "dagster/data_version"  # the tag by which Dagster knows the version of data that others make

every_day = dg.ScheduleDefinition(
    name="every_day",
    job_name=RELEASE_JOB,
    cron_schedule="0 3 * * *",
    execution_timezone="UTC",
    default_status=dg.DefaultScheduleStatus.RUNNING,
    description="Makes sure once a day that the last release is that of the seeds and the code as they are.",
)


@dg.sensor(
    name="lost_runs",
    default_status=dg.DefaultSensorStatus.RUNNING,
    minimum_interval_seconds=_LOOK_EVERY,
    description="Ends runs whose process is gone, so that the next can begin.",
)
def lost_runs(context: dg.SensorEvaluationContext, folders: Folders) -> dg.SkipReason:
    """One look at the runs that began here and have not ended."""
    ended = end_lost_runs(context.instance, folders.kept)
    return dg.SkipReason(f"Ended, since their process is gone: {', '.join(ended)}." if ended else "No run is lost.")


@dataclass(frozen=True, slots=True)
class Seen:
    """What the sensor remembers: the stamp and content of its last request, and what has moved since."""

    change_no: int
    stamp: str = ""
    content: str = ""
    moving: str = ""
    waited: int = 0


@dg.sensor(
    name=SENSOR,
    job_name=RELEASE_JOB,
    default_status=dg.DefaultSensorStatus.RUNNING,
    minimum_interval_seconds=_LOOK_EVERY,
    description="Makes a release if seeds, corrections or code tables have changed in content.",
)
def seeds_changed(context: dg.SensorEvaluationContext, folders: Folders) -> dg.SensorResult:
    """One look at the folders: a request for a run, or the reason why there is none."""
    seen = _remembered(context)
    stamp = stamp_of_files(_watched(folders))
    if stamp == seen.stamp:
        return _wait("Nothing has moved.", replace(seen, moving="", waited=0))
    if stamp != seen.moving and seen.waited < _LONGEST_WAIT:
        why = "Files have moved; waiting until they rest."
        return _wait(why, replace(seen, moving=stamp, waited=seen.waited + 1))
    digests, left = Notes(folders.kept / _NOTES).learn(lambda: _watched(folders), _HASHING_SECONDS)
    if left:
        return _wait(f"Files have moved; {left} are still to be compared, at the next tick.", seen)
    content = "-".join(digests.values())
    if content == seen.content:
        return _wait("Files were touched; their content is the same.", Seen(seen.change_no, stamp, content))
    return _request(Seen(seen.change_no + 1, stamp, content), digests)


def _watched(folders: Folders) -> Iterator[WatchedFile]:
    """Everything in the seeds folder, since corrections and origins stand there too, and the code tables."""
    yield from files_in(Path(folders.seeds), seed_documents.key.path[-1])
    yield from (file for file in files_in(codes.FOLDER, code_tables.key.path[-1]) if file.name.endswith(b".csv"))


def _request(seen: Seen, digests: Mapping[str, str]) -> dg.SensorResult:
    """The key is that of a change, not of a content alone: a change that is taken back is a change too."""
    content = hashlib.sha256(seen.content.encode()).hexdigest()
    request = dg.RunRequest(run_key=f"{seen.change_no}-{content}", tags={"monographs/content": content[:12]})
    given = [dg.AssetMaterialization(name, tags={_DATA_VERSION: digest}) for name, digest in digests.items()]
    return dg.SensorResult([request], cursor=_written(seen), asset_events=given)


def _wait(why: str, seen: Seen) -> dg.SensorResult:
    return dg.SensorResult(skip_reason=why, cursor=_written(seen))


def _written(seen: Seen) -> str:
    return json.dumps(asdict(seen))


def _remembered(context: dg.SensorEvaluationContext) -> Seen:
    """The cursor; if a person has cleared it, the count of changes goes on, for a key is never used twice."""
    if context.cursor:
        return Seen(**json.loads(context.cursor))
    return Seen(len(context.instance.get_run_records(dg.RunsFilter(tags={"dagster/sensor_name": SENSOR}))))
