"""A server's shop from Python: a question becomes HTTP, what comes back becomes dataclasses.

Read ``wire`` first: a request is data, so everything but the sending is written once, in
``asking``, for ``Client`` and ``AsyncClient`` alike.
"""
