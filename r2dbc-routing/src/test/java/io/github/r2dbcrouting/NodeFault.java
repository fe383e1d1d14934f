package io.github.r2dbcrouting;

import io.github.r2dbcrouting.cluster.ClusterNode;
import io.github.r2dbcrouting.cluster.TcpProxy.Direction;
import java.time.Duration;

/** What can befall a node that is reached through its proxy. */
enum NodeFault {
    FREEZE {
        @Override
        void strike(ClusterNode node) {
            node.freeze();
        }
    },
    BLACK_HOLE {
        @Override
        void strike(ClusterNode node) {
            node.proxy().blackHole();
        }
    },
    NOTHING_ARRIVES {
        @Override
        void strike(ClusterNode node) {
            node.proxy().blackHole(Direction.TO_SERVER);
        }
    },
    NOTHING_COMES_BACK {
        @Override
        void strike(ClusterNode node) {
            node.proxy().blackHole(Direction.TO_CLIENT);
        }
    },
    LATENCY {
        @Override
        void strike(ClusterNode node) {
            node.proxy().latency(Duration.ofSeconds(30));
        }
    },
    RESET {
        @Override
        void strike(ClusterNode node) {
            node.proxy().reset();
        }
    },
    RESET_AND_FULL_QUEUE {
        @Override
        void strike(ClusterNode node) {
            node.proxy().ignoreAttempts();
            node.proxy().reset();
        }
    };

    abstract void strike(ClusterNode node);

    void end(ClusterNode node) {
        node.thaw();
        node.proxy().heal();
    }

    /** Returns whether the drivers notice by themselves that their connections are gone. */
    boolean isNoticed() {
        return this == RESET || this == RESET_AND_FULL_QUEUE;
    }

    /** Returns whether the node cannot be reached until the fault is ended. */
    boolean isLasting() {
        return this != RESET;
    }
}
