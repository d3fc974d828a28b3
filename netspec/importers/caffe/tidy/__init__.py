"""A flat network to a spec that a person would keep."""
