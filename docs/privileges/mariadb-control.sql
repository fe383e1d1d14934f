-- The user that commands the nodes. Run it on the primary. GET_LOCK, on a replica too, needs no privilege.
CREATE USER routing_control@'%' IDENTIFIED BY 'change-me';

-- Letting a replica follow another node, or nobody: STOP, CHANGE, START SLAVE.
GRANT REPLICATION SLAVE ADMIN ON *.* TO routing_control@'%';

-- Making a promoted replica forget whom it followed: RESET SLAVE ALL.
GRANT RELOAD ON *.* TO routing_control@'%';

-- Opening a node for writes and closing it: SET GLOBAL read_only.
GRANT READ_ONLY ADMIN ON *.* TO routing_control@'%';

-- Ending the sessions of other users (KILL), and seeing which there are.
GRANT CONNECTION ADMIN, PROCESS ON *.* TO routing_control@'%';
