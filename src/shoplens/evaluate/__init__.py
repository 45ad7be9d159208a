"""Judgements and answers become figures: is the search good, and did a change make it better?

In come questions whose right products are known, and a way to ask; out go metrics with intervals,
comparisons and a report. Read ``metrics`` first.
"""
