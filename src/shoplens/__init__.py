"""Shoplens: self-hosted visual search and recommendation for any shop.

Start with ``types``, then ``engine``, then the rooms in the order of the data.
"""
