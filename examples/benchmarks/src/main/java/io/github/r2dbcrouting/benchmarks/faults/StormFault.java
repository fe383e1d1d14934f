package io.github.r2dbcrouting.benchmarks.faults;

import io.github.r2dbcrouting.cluster.ClusterNode;
import io.github.r2dbcrouting.cluster.LocalCluster;
import java.util.Locale;

/** What befalls all replicas at once, and is undone. */
enum StormFault {
    KILLED {
        @Override
        void strike(LocalCluster cluster, FailingReads reads) {
            cluster.replicas().forEach(ClusterNode::kill);
        }

        @Override
        void mend(LocalCluster cluster, FailingReads reads) {
            cluster.replicas().forEach(ClusterNode::start);
        }
    },
    FROZEN {
        @Override
        void strike(LocalCluster cluster, FailingReads reads) {
            cluster.replicas().forEach(ClusterNode::freeze);
        }

        @Override
        void mend(LocalCluster cluster, FailingReads reads) {
            cluster.replicas().forEach(ClusterNode::thaw);
        }
    },
    /** They answer probes, and fail every read: the monitor finds nothing wrong with them. */
    FAILING {
        @Override
        void strike(LocalCluster cluster, FailingReads reads) {
            reads.fail(true);
        }

        @Override
        void mend(LocalCluster cluster, FailingReads reads) {
            reads.fail(false);
        }
    };

    abstract void strike(LocalCluster cluster, FailingReads reads);

    /** Returns when the replicas answer again. */
    abstract void mend(LocalCluster cluster, FailingReads reads);

    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
