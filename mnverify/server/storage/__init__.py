"""What the service keeps: tables, transactions, and one module of queries for each thing that is kept."""
