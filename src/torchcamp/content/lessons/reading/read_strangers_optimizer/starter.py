# TODO: write a prediction in place of each `...`. Names are such as "body.bias".
never_moves = ...  # a set of names
without_decay = ...  # a set of names
decay_of_head = ...  # a number
