"""The routes, by what they are about: each parses, asks the engine once, and renders."""
