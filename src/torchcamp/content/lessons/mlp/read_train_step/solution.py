fills_gradients = """losses["loss"].backward()"""
changes_weights = """optimizer.step()"""
one_line_down = "not at all"
