"""What a person can do something about: each error of this kind is one sentence with a place and a remedy."""


class MonographsError(Exception):
    """Shown by the command as it is, without a traceback."""
