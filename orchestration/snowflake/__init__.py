"""What is particular to Snowflake: the account, its key, its refusals."""
