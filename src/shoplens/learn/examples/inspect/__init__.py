"""The examples, told in plain lines to whoever runs the shop."""
