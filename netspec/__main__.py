"""`python -m netspec`."""

from netspec.cli import main

if __name__ == "__main__":  # a sweep's processes import it under another name
    main()
