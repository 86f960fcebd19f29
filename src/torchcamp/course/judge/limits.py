"""How long a check may take, unless its exercise says otherwise."""

SECONDS = 4  # by the clock and of the processor; with the parent's own work it stays below 5
