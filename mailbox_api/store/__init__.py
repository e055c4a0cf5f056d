"""All SQL: SQLAlchemy Core tables and statements, one text for SQLite and PostgreSQL."""
