"""What Alembic runs: the steps in the transaction of the connection that it was given."""

from alembic import context

from smsgate.gateway import tables

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=tables.metadata,
    render_as_batch=True,  # SQLite changes a column by copying its table
    transactional_ddl=True,  # SQLite's is, too, as its transaction is begun here
)
context.run_migrations()
