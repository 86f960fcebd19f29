into_layers = (64, 784)
out_of_layers = (64, 1)
returned = (64,)
