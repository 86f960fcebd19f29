after_project = (5, 4096)
after_view = (5, 64, 8, 8)
after_up1 = (5, 32, 16, 16)
