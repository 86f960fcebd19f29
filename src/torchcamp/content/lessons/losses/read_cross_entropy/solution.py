import math

loss_of_no_idea = math.log(10)
accuracy_of_no_idea = 0.25
with_softmax = "larger"
