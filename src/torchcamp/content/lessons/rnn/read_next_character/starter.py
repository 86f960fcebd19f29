# TODO: write a prediction in place of each `...`.
targets_of_hello = ...  # a string
logits_shape = ...  # a tuple
parrot_is_perfect = ...  # True or False
