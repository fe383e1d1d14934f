package io.github.r2dbcrouting.benchmarks.faults;

import io.github.r2dbcrouting.benchmarks.load.Database;
import io.github.r2dbcrouting.cluster.ClusterNode;
import io.github.r2dbcrouting.cluster.LocalCluster;
import java.time.Duration;
import java.util.List;

/** What goes wrong during a soak, and is mended at once or within two seconds. */
enum SoakFault {
    KILL_REPLICA {
        @Override
        void strike(LocalCluster cluster, ClusterNode replica, Database database) {
            replica.kill();
        }

        @Override
        void mend(LocalCluster cluster, ClusterNode replica) {
            replica.start();
        }
    },
    FREEZE_REPLICA {
        @Override
        void strike(LocalCluster cluster, ClusterNode replica, Database database) throws InterruptedException {
            replica.freeze();
            Thread.sleep(OUTAGE.toMillis());
        }

        @Override
        void mend(LocalCluster cluster, ClusterNode replica) {
            replica.thaw();
        }
    },
    KILL_SESSIONS_OF_REPLICA {
        @Override
        void strike(LocalCluster cluster, ClusterNode replica, Database database) {
            for (List<String> session : replica.query(database.sessionsOf(cluster.username()))) {
                replica.execute(database.killing(session.get(0)));
            }
        }
    },
    RESTART_REPLICA {
        @Override
        void strike(LocalCluster cluster, ClusterNode replica, Database database) {
            replica.restart();
        }
    },
    /** Nobody takes its place: it comes back as what it was. */
    KILL_PRIMARY {
        @Override
        void strike(LocalCluster cluster, ClusterNode replica, Database database) {
            cluster.primary().kill();
        }

        @Override
        void mend(LocalCluster cluster, ClusterNode replica) {
            cluster.primary().start();
        }

        @Override
        boolean hitsWrites() {
            return true;
        }
    };

    private static final Duration OUTAGE = Duration.ofMillis(1_500);

    /** Returns when it has struck. */
    abstract void strike(LocalCluster cluster, ClusterNode replica, Database database) throws InterruptedException;

    /** Returns when what was struck answers again. */
    void mend(LocalCluster cluster, ClusterNode replica) {}

    /** Returns whether a write that was in flight may fail. */
    boolean hitsWrites() {
        return false;
    }
}
