discriminator_calls = 4
raises_at = "g_loss.backward(inputs=list(generator.parameters()))"
moves_otherwise = "nobody"
