# TODO: write a prediction in place of each `...`.
shape = ...  # a tuple
num_true = ...  # a number
without_none = ...  # "same", "transposed" or "raise"
