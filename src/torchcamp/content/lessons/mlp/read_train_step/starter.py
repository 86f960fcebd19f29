# TODO: write a prediction in place of each `...`.
fills_gradients = ...  # a line, such as """images, labels = batch"""
changes_weights = ...  # a line
one_line_down = ...  # "as before", "twice as far" or "not at all"
