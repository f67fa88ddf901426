"""``python -m MMEdu`` is ``mmedu``."""

from MMEdu.cli import main

if __name__ == "__main__":
    main()
