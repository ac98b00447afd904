"""Settings for every test."""

import os

from hypothesis import settings

# CI tries the same examples each time, so that a red build is about the change; at home each run tries new ones.
settings.register_profile("ci", derandomize=True, database=None, deadline=None, print_blob=True)
settings.register_profile("home", deadline=None)
settings.load_profile("ci" if os.environ.get("CI") else "home")
