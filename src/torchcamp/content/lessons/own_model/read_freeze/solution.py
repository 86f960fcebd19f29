can_learn = {"3.weight", "3.bias"}
norm_mode = "eval"
statistics_move = True
