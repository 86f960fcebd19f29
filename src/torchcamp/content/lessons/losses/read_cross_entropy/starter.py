import math

# TODO: write a prediction in place of each `...`. You may compute, for example with math.log.
loss_of_no_idea = ...  # a number
accuracy_of_no_idea = ...  # a number from 0 to 1
with_softmax = ...  # "same", "larger" or "raises"
