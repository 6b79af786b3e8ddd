-- psql -v owner_password="'…'" -v service_password="'…'" -f roles.sql, as the superuser, once, before the first migrate.
-- The owner makes and changes tables. The service reads and writes rows; neither is a superuser.
CREATE ROLE weiduan_owner LOGIN PASSWORD :owner_password;
CREATE ROLE weiduan LOGIN PASSWORD :service_password;
CREATE DATABASE weiduan OWNER weiduan_owner ENCODING 'UTF8' TEMPLATE template0;
\connect weiduan
REVOKE ALL ON SCHEMA public FROM PUBLIC;
GRANT ALL ON SCHEMA public TO weiduan_owner;
GRANT USAGE ON SCHEMA public TO weiduan;
CREATE EXTENSION IF NOT EXISTS btree_gist;
ALTER DEFAULT PRIVILEGES FOR ROLE weiduan_owner GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO weiduan;
ALTER DEFAULT PRIVILEGES FOR ROLE weiduan_owner GRANT USAGE, SELECT ON SEQUENCES TO weiduan;
