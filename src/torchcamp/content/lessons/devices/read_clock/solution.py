waits = "synchronize(self.device)"
second_row = 3
without_it = "too small"
