package io.github.r2dbcrouting.benchmarks;

import io.github.r2dbcrouting.cluster.ClusterNode;

/** What is done to a replica, and undone. */
enum ReplicaFault {
    KILL {
        @Override
        void inflict(ClusterNode replica) {
            replica.kill();
        }

        @Override
        void mend(ClusterNode replica) {
            replica.start();
        }
    },
    FREEZE {
        @Override
        void inflict(ClusterNode replica) {
            replica.freeze();
        }

        @Override
        void mend(ClusterNode replica) {
            replica.thaw();
        }
    };

    abstract void inflict(ClusterNode replica);

    /** Returns when the replica answers again. */
    abstract void mend(ClusterNode replica);
}
