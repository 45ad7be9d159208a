"""The history of the tables, one file a step; ``shoplens.database.migrate`` walks it."""
