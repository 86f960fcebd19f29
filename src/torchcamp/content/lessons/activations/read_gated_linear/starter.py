# TODO: write a prediction in place of each `...`.
weight_shape = ...  # a tuple
returned = ...  # a tuple
half_open = ...  # a number
