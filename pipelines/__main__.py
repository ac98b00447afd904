"""Begins the `monographs` command: whoever presses Ctrl-C while it is still being loaded gets a sentence, too."""

from __future__ import annotations

import sys

from pipelines.command import INTERRUPTED, INTERRUPTION


def main() -> None:
    """Loads the command and hands over to it."""
    try:
        from pipelines.cli import main as command  # noqa: PLC0415  (this is what takes its time)

        command()
    except KeyboardInterrupt:
        sys.stderr.write(f"{INTERRUPTION}\n")
        sys.exit(INTERRUPTED)


if __name__ == "__main__":
    main()
