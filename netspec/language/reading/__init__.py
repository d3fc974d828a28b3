"""From YAML values to a document: what stands where, checked for form.

Reading resolves no name and evaluates no expression; it only takes the text apart.
"""
