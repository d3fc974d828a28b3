"""What makes one network another: which layers, and what they cost."""
