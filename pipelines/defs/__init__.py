"""Dagster, and only here: assets, their checks, the release job, and what starts it by itself.

`pipelines.definitions` puts these together; `watch` alone knows nothing of Dagster.
"""
