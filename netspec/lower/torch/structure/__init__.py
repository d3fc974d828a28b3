"""What each scope becomes, and what its `forward` does."""
