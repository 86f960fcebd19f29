linear_inside = "eval"
dropout_afterwards = "eval"
linear_after_error = "train"
