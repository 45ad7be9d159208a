"""The shop that comes with Shoplens: rendered products, photos of them, and what is true of each.

Nothing comes in; feeds, pictures and their truth go out. Read ``shop`` first, then
``data/DATASHEET.md``.
"""
