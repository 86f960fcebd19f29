# TODO: write a prediction in place of each `...`.
into_generator = ...  # a tuple
returned = ...  # a list of two numbers
class_ten = ...  # "zeros", "nine" or "raise"
