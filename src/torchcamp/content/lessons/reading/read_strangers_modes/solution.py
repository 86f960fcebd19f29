norm_modes = ["train", "eval", "eval"]
same_twice = False
line_to_move = "model.train()"
