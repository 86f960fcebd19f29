shape = (5, 3)
num_true = 5
without_none = "raise"
