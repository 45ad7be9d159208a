"""Each kind of feed in its own words: a source in, a stream of Product or Rejection out.

Read ``plain`` first.
"""
