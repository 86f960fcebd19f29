# TODO: write a prediction in place of each `...`.
can_learn = ...  # a set of names, such as {"0.weight", "0.bias"}
norm_mode = ...  # "train" or "eval"
statistics_move = ...  # True or False
