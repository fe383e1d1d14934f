-- The user that commands the nodes. Run it in the application's database, here "app", as a superuser.
CREATE ROLE routing_control LOGIN PASSWORD 'change-me';

-- Logging in. Advisory locks, on a replica too, need nothing more.
GRANT CONNECT ON DATABASE app TO routing_control;

-- Promoting a replica.
GRANT EXECUTE ON FUNCTION pg_promote(boolean, integer) TO routing_control;

-- Letting a replica follow another node. Before PostgreSQL 15 only a superuser may use ALTER SYSTEM.
GRANT ALTER SYSTEM ON PARAMETER primary_conninfo TO routing_control;
GRANT EXECUTE ON FUNCTION pg_reload_conf() TO routing_control;

-- Ending the sessions of other users, superusers excepted.
GRANT pg_signal_backend TO routing_control;
