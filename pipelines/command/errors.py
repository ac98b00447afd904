"""The errors that a person can do something about: shown as one sentence, without a traceback."""

from pipelines.corrections import CorrectionError
from pipelines.engine import SeedsError
from pipelines.release.errors import ReleaseError
from schemas.codes import CodeTableError

EXPECTED = (CodeTableError, CorrectionError, ReleaseError, SeedsError)
