"""How long a check may take, unless its exercise says otherwise."""

SECONDS = 4  # by the clock and of the processor; with the parent's own work it stays below 5
PATIENCE = 4  # times as long by the clock, while other programs keep the processor busy
