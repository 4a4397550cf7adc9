"""The processes that work on one database: which are alive, and what only one of them does."""
