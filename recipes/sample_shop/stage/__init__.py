"""How a product is photographed: in the ``studio``, in everyday ``places``, with its ``truth``."""
