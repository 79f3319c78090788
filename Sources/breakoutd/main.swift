print("breakoutd")
