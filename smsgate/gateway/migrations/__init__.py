"""The steps from each version of the tables to the next, which Alembic takes in order."""
