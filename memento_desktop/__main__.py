"""`python -m memento_desktop` is the `memento` command."""

from memento_desktop.cli.main import main

if __name__ == "__main__":
    main()
