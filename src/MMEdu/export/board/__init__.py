"""What is copied to a board as it is. Its files import nothing of ours and run on Python 3.7."""
