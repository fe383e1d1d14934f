-- The user that watches the nodes. Run it in the application's database, here "app", as a superuser.
CREATE ROLE routing_monitor LOGIN PASSWORD 'change-me';

-- Logging in. Roles, positions and lag need nothing more.
GRANT CONNECT ON DATABASE app TO routing_monitor;

-- Seeing whether a replica receives changes, from whom and on which timeline. pg_monitor holds this and more.
GRANT pg_read_all_stats TO routing_monitor;

-- Optional: telling lost writes from kept ones also after a primary that was promoted has been restarted. The function reads the
-- history files of the timelines and nothing else; EXECUTE on pg_read_file would open the whole data directory, passwords included.
CREATE FUNCTION routing_timeline_history(timeline integer) RETURNS text
    LANGUAGE sql STABLE STRICT SECURITY DEFINER SET search_path = pg_catalog
    AS $$ SELECT pg_read_file('pg_wal/' || lpad(upper(to_hex(timeline)), 8, '0') || '.history') $$;
REVOKE EXECUTE ON FUNCTION routing_timeline_history(integer) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION routing_timeline_history(integer) TO routing_monitor;
