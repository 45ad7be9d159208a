"""Why a product stands in an answer, in words and as a picture; read ``explain`` first."""
