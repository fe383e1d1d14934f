package io.github.r2dbcrouting.fault;

import java.util.function.BooleanSupplier;

/** A fault that has come and not gone yet. */
public final class Struck {

    private final BooleanSupplier effect;
    private final Runnable mending;

    Struck(BooleanSupplier effect, Runnable mending) {
        this.effect = effect;
        this.mending = mending;
    }

    /** Returns whether it has done by now what it is meant to do; blocks. */
    public boolean hasEffect() {
        return effect.getAsBoolean();
    }

    /** Ends it; returns when what was struck answers again. To be called once. */
    public void mend() {
        mending.run();
    }
}
