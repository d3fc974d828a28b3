"""What memory a network takes, to the byte: to hold its weights, to run it, to train it."""
