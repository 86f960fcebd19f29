# TODO: write a prediction in place of each `...`.
visible_shape = ...  # a tuple
visible_values = ...  # a set
probs_changed = ...  # True or False
