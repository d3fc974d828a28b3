"""Networks from other formats, as values with positions that the language reads like a spec's."""
