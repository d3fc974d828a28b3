"""The models of a document, and how they are read. Knows nothing of shapes."""
