"""Networks as drawings: what stands in one (`scene`), where (`layout`), and how it's written."""
