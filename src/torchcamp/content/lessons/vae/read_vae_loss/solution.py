pixels_shape = (16, 784)
elbo_moves = False
times_smaller = 784
