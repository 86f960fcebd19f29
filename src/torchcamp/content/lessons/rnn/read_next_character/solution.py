targets_of_hello = "ello"
logits_shape = (3, 100, 8)
parrot_is_perfect = True
