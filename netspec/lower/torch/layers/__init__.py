"""What each layer becomes in PyTorch: a module a family."""
