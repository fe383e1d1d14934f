-- The user of the statements. Run it in the application's database, here "app", as the owner of its tables or a superuser.
CREATE ROLE routing_app LOGIN PASSWORD 'change-me';

-- Logging in, and looking into the schema.
GRANT CONNECT ON DATABASE app TO routing_app;
GRANT USAGE ON SCHEMA public TO routing_app;

-- What your statements need; take away what they do not.
GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO routing_app;
GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO routing_app;

-- Routing itself, cancelling at the server and resetting a session need nothing more.
