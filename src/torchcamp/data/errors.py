"""The one exception of this room: its message is a single line that a learner can act on."""


class DataError(Exception):
    """Data that cannot be found, fetched or used."""
