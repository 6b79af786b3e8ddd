-- As the superuser, once, after the first migrate: what was recorded can be added to and read by the service, nothing else.
REVOKE UPDATE, DELETE, TRUNCATE ON ledger_entry FROM weiduan;
