"""The one exception of this room: its message is a single line that a learner can act on."""


class DataError(Exception):
    """Data that cannot be found, fetched or used."""

    for_user = True  # the message is one line, written for whoever typed the command
