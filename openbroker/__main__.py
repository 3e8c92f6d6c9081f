"""``python -m openbroker`` is the ``openbroker`` command."""

from openbroker.cli import main

if __name__ == "__main__":
    main()
