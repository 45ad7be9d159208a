"""How it is shipped: the shop's ``feeds``, the ``pack`` of files, sheets to look at."""
