"""A feed or an upload goes in: what is asked for, kept, proven, and done in the background.

Read ``feeds`` first.
"""
