"""A module for each version: made by ``tools/migration``, and looked through."""
