returned = (8, 24, 14, 14)
num_weights = 600
size_with_4 = 29
