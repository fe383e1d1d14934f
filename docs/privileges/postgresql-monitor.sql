-- The user that watches the nodes. Run it in the application's database, here "app", as a superuser.
CREATE ROLE routing_monitor LOGIN PASSWORD 'change-me';

-- Logging in. Roles, positions and lag need nothing more.
GRANT CONNECT ON DATABASE app TO routing_monitor;

-- Seeing whether a replica receives changes, from whom and on which timeline. pg_monitor holds this and more.
GRANT pg_read_all_stats TO routing_monitor;
