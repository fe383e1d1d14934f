-- The user of the statements. Run it on the primary; the application's database is "app" here.
CREATE USER routing_app@'%' IDENTIFIED BY 'change-me';

-- What your statements need; take away what they do not.
GRANT SELECT, INSERT, UPDATE, DELETE, EXECUTE, CREATE TEMPORARY TABLES ON app.* TO routing_app@'%';

-- Routing itself and cancelling at the server need nothing more: a user may end the statements of its own sessions.
-- Do not give it READ_ONLY ADMIN, with which a misrouted write could land on a replica.
