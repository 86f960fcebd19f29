# TODO: write a prediction in place of each `...`.
after_first_pooling = ...  # a tuple
num_features = ...  # a number
raises_at = ...  # a line, such as "x = self.conv1(images)"
