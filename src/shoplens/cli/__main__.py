"""``python -m shoplens.cli`` is ``shoplens``."""

from shoplens.cli.main import main

main()
