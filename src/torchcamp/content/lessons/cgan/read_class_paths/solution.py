into_generator = (8, 74)
returned = [3, 4]
class_ten = "raise"
