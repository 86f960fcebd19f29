# TODO: write a prediction in place of each `...`.
norm_modes = ...  # a list of three words, "train" or "eval"
same_twice = ...  # True or False
line_to_move = ...  # a line, such as "opt.step()"
