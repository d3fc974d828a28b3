"""The spec's expressions over the names of a constructor, and numbers that know theirs."""
