package io.github.r2dbcrouting.benchmarks.faults;

import io.github.r2dbcrouting.benchmarks.load.Database;
import io.github.r2dbcrouting.cluster.LocalCluster;

/**
 * A table that every replica fails to read while it is told to, with the error of a server whose disk is full, which is what
 * servers say of themselves when nothing is wrong with the connection.
 */
final class FailingReads {

    static final String TABLE = "failing_item";

    private final LocalCluster cluster;

    FailingReads(LocalCluster cluster, Database database) {
        this.cluster = cluster;
        cluster.execute("CREATE TABLE fault (present int NOT NULL)");
        cluster.execute("INSERT INTO fault VALUES (0)");
        cluster.execute(
                switch (database) {
                    case POSTGRESQL ->
                        "CREATE FUNCTION readable() RETURNS boolean LANGUAGE plpgsql AS $$ BEGIN"
                                + " IF pg_is_in_recovery() AND (SELECT present FROM fault) = 1 THEN"
                                + " RAISE 'No space left on device' USING ERRCODE = '53100'; END IF; RETURN true; END $$";
                    case MARIADB ->
                        "CREATE FUNCTION readable() RETURNS INT READS SQL DATA BEGIN"
                                + " IF @@read_only AND (SELECT present FROM fault) = 1 THEN"
                                + " SIGNAL SQLSTATE 'HY000' SET MYSQL_ERRNO = 1021, MESSAGE_TEXT = 'Disk full'; END IF;"
                                + " RETURN 1; END";
                });
        cluster.execute("CREATE VIEW " + TABLE + " AS SELECT id, name FROM item WHERE "
                + (database == Database.POSTGRESQL ? "readable()" : "readable() = 1"));
    }

    /** Returns when the replicas know. */
    void fail(boolean failing) {
        cluster.execute("UPDATE fault SET present = " + (failing ? 1 : 0));
        cluster.awaitReplication();
    }
}
