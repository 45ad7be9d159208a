"""The system of record: tables, migrations, connections, transactions; read ``tables`` first."""
