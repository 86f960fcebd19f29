"""How many lessons are kept in memory."""

KERNELS = "TORCHCAMP_KERNELS"  # environment variable of the server: how many kernels live at a time
NUM_KERNELS = 2  # the lesson that is worked on, and one to look something up in
