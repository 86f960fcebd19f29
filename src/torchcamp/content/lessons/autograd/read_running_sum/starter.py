# TODO: write a prediction in place of each `...`.
needs_grad = ...  # True or False
graphs_kept = ...  # a number from 0 to 3
second_means = ...  # a dict, such as {"loss": 2.3}
