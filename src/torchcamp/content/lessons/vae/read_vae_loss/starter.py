# TODO: write a prediction in place of each `...`.
pixels_shape = ...  # a tuple
elbo_moves = ...  # True or False
times_smaller = ...  # a number
