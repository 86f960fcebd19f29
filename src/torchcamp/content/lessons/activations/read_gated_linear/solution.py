weight_shape = (800, 784)
returned = (32, 400)
half_open = 1.5
