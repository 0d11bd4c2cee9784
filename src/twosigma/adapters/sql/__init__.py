"""The store on SQLite and PostgreSQL: SQLAlchemy Core, Alembic migrations, a hand-made hit path."""
