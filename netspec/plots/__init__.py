"""Figures as plots for a paper: what layers cost, a sweep's front, the curves of runs."""
