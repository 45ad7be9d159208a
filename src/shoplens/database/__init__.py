"""The system of record's tables, connections and migrations; read ``tables`` first."""
