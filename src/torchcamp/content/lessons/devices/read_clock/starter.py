# TODO: write a prediction in place of each `...`.
waits = ...  # a line, such as "self.step = step"
second_row = ...  # a number
without_it = ...  # "too small", "too large" or "the same"
