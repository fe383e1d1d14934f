package io.github.r2dbcrouting.virtual;

import io.github.r2dbcrouting.hold.Hold;
import io.github.r2dbcrouting.sql.StatementProfile;
import io.github.r2dbcrouting.sql.StatementProfile.Access;
import io.github.r2dbcrouting.sql.StatementProfile.Trait;
import io.github.r2dbcrouting.transaction.Footprint;
import io.github.r2dbcrouting.transaction.ReadLog;
import io.github.r2dbcrouting.transaction.SeenResult;
import io.github.r2dbcrouting.transaction.TransactionText;
import io.github.r2dbcrouting.transaction.TransactionText.Ending;
import java.util.function.Supplier;
import reactor.core.publisher.Mono;

/**
 * A transaction that reads on a replica until something comes that is not surely a read. Then, before that is sent, it moves:
 * it is rolled back there and begun on the primary, where its reads are repeated and must give what its user has seen. After
 * that it is a transaction like any other. One that cannot move is rolled back, and stays so until its user ends it.
 */
public final class OptimisticTransaction {

    private final VirtualSession session;
    private final ReadLog log;
    private final Mono<Void> move;
    private volatile boolean moving;

    /**
     * Creates a transaction that is about to begin on a replica.
     *
     * @param beginOnPrimary begins what its user has asked for anew
     */
    OptimisticTransaction(VirtualSession session, TransactionControl control, Supplier<Mono<Void>> beginOnPrimary) {
        this.session = session;
        this.log = session.services().optimism().begin();
        // Shared by all who wait for it, and brought to its end when they give up, as any begin is.
        this.move = log.close()
                .then(step(control::leave))
                .then(step(beginOnPrimary))
                .then(step(() -> control.onPin(connection -> log.replay(connection.driver()))))
                .then(step(() -> Mono.fromRunnable(() -> session.endOptimism(this))))
                .onErrorResume(error -> step(control::leave).onErrorComplete().then(Mono.error(error)))
                .cache();
    }

    /** What is to be done unless the session has ended meanwhile, or was begun anew by another user. */
    private Mono<Void> step(Supplier<Mono<Void>> step) {
        return Mono.defer(() -> session.optimistic() == this ? step.get() : Mono.error(VirtualSession.closedError()));
    }

    boolean isMoving() {
        return moving;
    }

    /** Returns what moves it to the primary, once; all others get the same outcome. */
    public Mono<Void> move() {
        return Mono.defer(() -> {
            moving = true;
            return move;
        });
    }

    /** Emits {@code true} when the statement may be sent; completes empty if nothing needs to be. */
    public Mono<Boolean> before(Recipe recipe, StatementProfile profile) {
        Ending ending = TransactionText.ending(recipe.sql(), profile);
        if (ending != Ending.NONE) {
            return ended(ending == Ending.COMMIT);
        }
        return mayRead(recipe, profile) ? Mono.just(true) : move().thenReturn(true);
    }

    /** Emits {@code true} when its end may be sent; completes empty if there is nothing to roll back any more. */
    Mono<Boolean> ended(boolean committing) {
        return !moving
                ? Mono.just(true)
                : move.thenReturn(true).onErrorResume(error -> {
                    session.endOptimism(this);
                    return committing ? Mono.error(error) : Mono.empty();
                });
    }

    private boolean mayRead(Recipe recipe, StatementProfile profile) {
        Hold pinned = session.pinned();
        if (moving || pinned == null) {
            return false;
        }
        if (pinned.transaction().lost() != null) {
            // Of a part that was lost nobody knows what it would have been: that is an error, as in any transaction.
            return !log.isWhole();
        }
        return profile.access() == Access.READ
                && !profile.altersSession()
                && !profile.controlsTransaction()
                && !profile.has(Trait.LOCKS)
                && !profile.has(Trait.SEVERAL)
                && recipe.shape().hasOneResult()
                && log.takes(recipe.sql(), size(recipe));
    }

    private static long size(Recipe recipe) {
        Footprint footprint = new Footprint(recipe.sql());
        recipe.bind(footprint);
        return footprint.bytes();
    }

    /** Records a read that is about to be sent on its replica. */
    public SeenResult record(Recipe recipe) {
        return log.add(recipe.sql(), size(recipe), recipe::execute);
    }

    /** A read failed before anything of it was seen, and is sent on the primary instead. */
    public void forget(SeenResult seen) {
        log.forget(seen);
    }
}
