"""A question goes to an OpenAI-compatible server within a budget, its text comes back unread."""
