# TODO: write a prediction in place of each `...`.
discriminator_calls = ...  # a number
raises_at = ...  # a line, such as "d_optimizer.step()"
moves_otherwise = ...  # "generator", "discriminator", "both" or "nobody"
