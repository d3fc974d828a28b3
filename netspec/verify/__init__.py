"""What is promised of a network, held against what its targets make of it."""

from netspec.verify.compare import verify as verify
