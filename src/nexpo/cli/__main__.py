"""``python -m nexpo.cli`` is ``nexpo``."""

from nexpo.cli import main

if __name__ == "__main__":
    main()
