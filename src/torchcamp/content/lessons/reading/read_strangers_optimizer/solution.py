never_moves = {"stem.weight", "stem.bias"}
without_decay = {"body.bias", "norm.weight", "norm.bias"}
decay_of_head = 0.01
