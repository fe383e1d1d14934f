package io.github.r2dbcrouting.hold;

import io.github.r2dbcrouting.transaction.LostTransaction;
import io.github.r2dbcrouting.transaction.TransactionChange;
import org.jspecify.annotations.Nullable;

/** What is known of the transaction on a hold besides what its driver knows: that it is on its way, or lost with the connection. */
public final class HeldTransaction {

    private final Hold hold;
    private volatile @Nullable TransactionChange change;
    private volatile @Nullable LostTransaction lost;

    HeldTransaction(Hold hold) {
        this.hold = hold;
    }

    /** A text is about to be sent that may begin or end a transaction. */
    public void changes(TransactionChange sent) {
        change = sent;
    }

    /** The answer to such a text has come to its end. */
    public void changed(TransactionChange over) {
        if (change == over) {
            change = null;
        }
    }

    /** Returns the last text on its way that may begin or end a transaction, or {@code null}. */
    public @Nullable TransactionChange change() {
        return change;
    }

    /** The connection is lost. */
    void lose(Throwable cause) {
        TransactionChange present = change;
        if (lost == null && (hold.isInTransaction() || present != null && present.begins())) {
            lost = LostTransaction.now(
                    hold.lease().node(), cause, hold.services().waiting().timers());
        }
    }

    /** Returns the transaction that was lost with this connection and that its owner has not ended, or {@code null}. */
    public @Nullable LostTransaction lost() {
        return lost;
    }

    /** The owner has ended a transaction that was lost. */
    public void endLost() {
        LostTransaction present = lost;
        if (present != null) {
            lost = present.end();
        }
    }

    /** Returns the error that the user gets who was in a transaction, if it is lost. */
    public Throwable translate(Throwable error) {
        LostTransaction present = lost;
        return present != null && hold.kindOf(error).isLostConnection() ? present.error() : hold.translate(error);
    }
}
