"""Candidates become a ranking: rules, traits, variety, and how sure it all is."""
