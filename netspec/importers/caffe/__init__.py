"""Caffe's files: definitions of networks and solvers as text, trained weights."""
