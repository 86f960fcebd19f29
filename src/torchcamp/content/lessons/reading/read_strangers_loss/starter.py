# TODO: write a prediction in place of each `...`.
loss_line = ...  # a line, such as "model = Tagger()"
scores_shape = ...  # a tuple
num_counted = ...  # a number
