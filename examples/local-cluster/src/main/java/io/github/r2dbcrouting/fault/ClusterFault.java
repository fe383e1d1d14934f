package io.github.r2dbcrouting.fault;

import io.github.r2dbcrouting.cluster.ClusterNode;
import io.github.r2dbcrouting.cluster.ClusterNode.OpenTransaction;
import io.github.r2dbcrouting.cluster.LocalCluster;
import io.github.r2dbcrouting.cluster.LocalClusterException;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/** What can go wrong with a cluster under load, without another node taking the place of the primary. */
public enum ClusterFault {
    /** A replica receives, and shows what it had. */
    REPLAY_PAUSED {
        @Override
        public Struck strike(LocalCluster cluster, ClusterNode replica) {
            replica.pauseReplay();
            return new Struck(() -> isBehind(cluster), replica::resumeReplay);
        }
    },
    /** All replicas show what they had, each something else. */
    EVERY_REPLAY_PAUSED {
        @Override
        public Struck strike(LocalCluster cluster, ClusterNode replica) {
            cluster.replicas().forEach(ClusterNode::pauseReplay);
            return new Struck(() -> isBehind(cluster), () -> cluster.replicas().forEach(ClusterNode::resumeReplay));
        }
    },
    /** A statement on a replica holds a lock that the replay waits for. */
    REPLAY_BLOCKED {
        @Override
        public Struck strike(LocalCluster cluster, ClusterNode replica) {
            cluster.execute("CREATE TABLE IF NOT EXISTS locked (number int)");
            cluster.awaitReplication();
            OpenTransaction reader = replica.begin("SELECT number FROM locked");
            cluster.execute("TRUNCATE TABLE locked");
            return new Struck(() -> isBehind(cluster), reader::close);
        }
    },
    /** A replica crashes, and comes back after a while. */
    REPLICA_KILLED {
        @Override
        public Struck strike(LocalCluster cluster, ClusterNode replica) {
            replica.kill();
            return new Struck(() -> !replica.isRunning(), replica::start);
        }
    },
    /** A replica crashes and comes back at once, as it was a while ago; and it stays as late as that. */
    REPLICA_SET_BACK(Database.POSTGRESQL) {
        @Override
        public Struck strike(LocalCluster cluster, ClusterNode replica) {
            long before = replayed(replica);
            // From its restart on: until then it has replayed everything at once.
            replica.execute("ALTER SYSTEM SET recovery_min_apply_delay = '5s'");
            replica.kill();
            replica.start();
            boolean older = replayed(replica) < before;
            return new Struck(() -> older, () -> {
                replica.execute("ALTER SYSTEM RESET recovery_min_apply_delay");
                replica.execute("SELECT pg_reload_conf()");
            });
        }

        private static long replayed(ClusterNode replica) {
            return number(replica, "SELECT pg_last_wal_replay_lsn() - '0/0'");
        }
    },
    /** A replica accepts connections and statements, and answers none. */
    REPLICA_FROZEN {
        @Override
        public Struck strike(LocalCluster cluster, ClusterNode replica) {
            replica.freeze();
            return new Struck(replica::isFrozen, replica::thaw);
        }
    },
    /** Nothing comes through between a replica and those who reach it by its proxy. */
    REPLICA_CUT_OFF {
        @Override
        public Struck strike(LocalCluster cluster, ClusterNode replica) {
            replica.proxy().blackHole();
            return new Struck(
                    () -> replica.proxy().connections() > 0,
                    () -> replica.proxy().heal());
        }
    },
    /** Everything takes longer between a replica and those who reach it by its proxy. */
    REPLICA_SLOW {
        @Override
        public Struck strike(LocalCluster cluster, ClusterNode replica) {
            replica.proxy().latency(LATENCY);
            return new Struck(
                    () -> replica.proxy().connections() > 0,
                    () -> replica.proxy().heal());
        }
    },
    /** The primary ends in order, and comes back at once. */
    PRIMARY_RESTARTED {
        @Override
        public Struck strike(LocalCluster cluster, ClusterNode replica) {
            long before = cluster.primary().pid();
            cluster.primary().restart();
            return new Struck(() -> cluster.primary().pid() != before, () -> {});
        }
    },
    /** The primary crashes, and comes back. */
    PRIMARY_KILLED {
        @Override
        public Struck strike(LocalCluster cluster, ClusterNode replica) {
            cluster.primary().kill();
            return new Struck(
                    () -> !cluster.primary().isRunning(),
                    () -> cluster.primary().start());
        }
    },
    /** Commits wait for a synchronous standby that never answers: replicas show what the primary does not show yet. */
    COMMITS_HELD(Database.POSTGRESQL) {
        @Override
        public Struck strike(LocalCluster cluster, ClusterNode replica) {
            cluster.synchronousStandbys("nobody");
            return new Struck(
                    () -> number(
                                    cluster.primary(),
                                    "SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'SyncRep'")
                            > 0,
                    () -> cluster.synchronousStandbys(""));
        }
    },
    /** The same by the acknowledgement of a replica that does not come. */
    ACKNOWLEDGEMENTS_HELD(Database.MARIADB) {
        @Override
        public Struck strike(LocalCluster cluster, ClusterNode replica) {
            cluster.execute("SET GLOBAL rpl_semi_sync_master_wait_point = AFTER_SYNC");
            cluster.execute("SET GLOBAL rpl_semi_sync_master_timeout = 30000");
            cluster.execute("SET GLOBAL rpl_semi_sync_master_enabled = ON");
            return new Struck(
                    () -> number(
                                    cluster.primary(),
                                    "SELECT COUNT(*) FROM information_schema.processlist WHERE state LIKE '%semi-sync%'")
                            > 0,
                    () -> cluster.execute("SET GLOBAL rpl_semi_sync_master_enabled = OFF"));
        }
    };

    private static final Duration LATENCY = Duration.ofMillis(20);
    private static final Duration TIME_TO_CATCH_UP = Duration.ofMillis(200);

    private final List<Database> databases;

    /** Where it can happen. */
    private enum Database {
        POSTGRESQL,
        MARIADB
    }

    ClusterFault(Database... databases) {
        this.databases = databases.length == 0 ? List.of(Database.values()) : List.of(databases);
    }

    /** Returns the faults that a database can have, by its name such as {@code postgresql}. */
    public static List<ClusterFault> on(String database) {
        Database wanted = Database.valueOf(database.toUpperCase(Locale.ROOT));
        return Arrays.stream(values())
                .filter(fault -> fault.databases.contains(wanted))
                .toList();
    }

    /** Brings it about; returns when it is there. */
    public abstract Struck strike(LocalCluster cluster, ClusterNode replica);

    private static boolean isBehind(LocalCluster cluster) {
        try {
            cluster.awaitReplication(TIME_TO_CATCH_UP);
            return false;
        } catch (LocalClusterException late) {
            return true;
        }
    }

    private static long number(ClusterNode node, String query) {
        return Long.parseLong(String.valueOf(node.query(query).get(0).get(0)));
    }

    /** Returns the name as people read it. */
    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT).replace('_', ' ');
    }
}
