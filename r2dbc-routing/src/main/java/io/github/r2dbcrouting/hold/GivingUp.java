package io.github.r2dbcrouting.hold;

import io.github.r2dbcrouting.dialect.ConnectionHolder;
import io.github.r2dbcrouting.dialect.ErrorKind;
import io.github.r2dbcrouting.error.NodeUnreachableException;
import io.github.r2dbcrouting.services.ConnectionServices;
import io.github.r2dbcrouting.topology.NodeState;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;

/** Gives up what runs on a hold whose node is silent: it fails as after any other loss of its connection. */
final class GivingUp implements ConnectionHolder {

    private final Hold hold;
    private final SignsOfLife signs = new SignsOfLife();

    /** Why it was given up while something ran on it. */
    private volatile @Nullable String lostSince;

    GivingUp(Hold hold) {
        this.hold = hold;
    }

    /** The hold was taken, and this is told of its node from now on. */
    void begin() {
        NodeState now = node();
        signs.waitFrom(now);
        if (now != null && now.failures() > 0) {
            unheard(now);
        }
        String reason = hold.lease().cutOffSince();
        if (reason != null) {
            cutOff(reason);
        }
    }

    /** Something has ended, and something else goes on. */
    void somethingEnded() {
        signs.somethingEnded();
        if (!hold.isPinned()) {
            // The other reads go on: their node was alive until now.
            signs.waitFrom(node());
        }
    }

    private @Nullable NodeState node() {
        return hold.services().routing().topology().current().node(hold.lease().node());
    }

    @Override
    public int progress() {
        return hold.hasUnderWay() ? signs.ended() : 0;
    }

    @Override
    public void unheard(NodeState node) {
        if (!hold.isOver() && signs.areTooFew(node, hold.isPinned())) {
            cutOff(node.failures() + (node.failures() == 1 ? " probe" : " probes") + " of it failed: "
                    + node.problem());
        }
    }

    @Override
    public void cutOff(String reason) {
        if (!hold.connection().runOnEventLoop(() -> giveUp(reason))) {
            Mono<Void> elsewhere = Mono.fromRunnable(() -> giveUp(reason));
            ConnectionServices services = hold.services();
            // Not here: what fails then may call the user back.
            services.background()
                    .run(
                            "giving up a connection",
                            elsewhere.subscribeOn(services.waiting().timers()));
        }
    }

    private void giveUp(String reason) {
        if (!hold.isOver()) {
            lostSince = reason;
            hold.transaction().lose(givenUp(null));
            hold.discard();
        }
    }

    /** Returns what an error on the connection says. */
    ErrorKind kindOf(Throwable error) {
        ErrorKind kind = hold.connection().calls().kindOf(error);
        return lostSince == null || kind == ErrorKind.UNSENT ? kind : ErrorKind.NODE_FAULT;
    }

    /** Returns the error that the user gets. */
    Throwable translate(Throwable error) {
        return lostSince == null ? hold.connection().calls().translate(error) : givenUp(error);
    }

    private NodeUnreachableException givenUp(@Nullable Throwable error) {
        return new NodeUnreachableException(
                "node " + hold.lease().node() + ": given up while a statement ran on it, since " + lostSince, error);
    }
}
