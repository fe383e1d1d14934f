-- The user that watches the nodes. Run it on the primary. Roles, positions and lag need no privilege.
CREATE USER routing_monitor@'%' IDENTIFIED BY 'change-me';

-- Seeing whether a replica receives changes, and from whom (SHOW REPLICA STATUS).
GRANT SLAVE MONITOR ON *.* TO routing_monitor@'%';
