"""One file a kind of product: ``build`` models it, ``KIND`` says what the shop sells of it."""
