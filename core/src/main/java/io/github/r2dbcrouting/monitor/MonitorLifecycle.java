package io.github.r2dbcrouting.monitor;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;
import reactor.core.publisher.Mono;
import reactor.core.publisher.MonoSink;

/**
 * Follows the last wish: to watch, to pause or to end. Closing takes time; what is wished meanwhile comes after it, so that
 * a connection is never opened while its predecessor is being closed. The end is final.
 */
final class MonitorLifecycle {

    private enum Wish {
        PAUSED,
        RUNNING,
        ENDED
    }

    private enum Phase {
        STOPPED,
        RUNNING,
        CLOSING,
        ENDED
    }

    private final AtomicReference<Wish> wish = new AtomicReference<>(Wish.PAUSED);
    private final SingleOwner owner;
    private final Runnable begin;
    private final Supplier<Mono<Void>> close;
    private final Runnable end;

    // Touched by the owner only.
    private final List<MonoSink<Void>> waitingForStop = new ArrayList<>();
    private Phase phase = Phase.STOPPED;

    /**
     * Creates a lifecycle at rest. All steps run on the owner.
     *
     * @param begin starts watching
     * @param close stops watching at once, and returns what closes the connections
     * @param end is the last step of all
     */
    MonitorLifecycle(SingleOwner owner, Runnable begin, Supplier<Mono<Void>> close, Runnable end) {
        this.owner = owner;
        this.begin = begin;
        this.close = close;
        this.end = end;
    }

    /** Returns whether nodes are watched. To be asked on the owner. */
    boolean isRunning() {
        return phase == Phase.RUNNING;
    }

    /** Returns whether nodes are never watched again. To be asked on the owner. */
    boolean hasEnded() {
        return phase == Phase.ENDED;
    }

    void start() {
        wish(Wish.RUNNING);
    }

    Mono<Void> pause() {
        return stop(Wish.PAUSED);
    }

    Mono<Void> end() {
        return stop(Wish.ENDED);
    }

    private Mono<Void> stop(Wish wanted) {
        return Mono.create(sink -> {
            wish(wanted);
            owner.execute(() -> {
                waitingForStop.add(sink);
                fulfil();
            });
        });
    }

    private void wish(Wish wanted) {
        if (wish.get() == wanted) {
            return;
        }
        Wish before = wish.getAndUpdate(present -> present == Wish.ENDED ? present : wanted);
        if (before != Wish.ENDED) {
            owner.execute(this::fulfil);
        }
    }

    private void fulfil() {
        Wish wanted = wish.get();
        if (wanted == Wish.RUNNING && phase == Phase.STOPPED) {
            phase = Phase.RUNNING;
            begin.run();
        } else if (wanted != Wish.RUNNING && phase == Phase.RUNNING) {
            phase = Phase.CLOSING;
            close.get().subscribe(null, error -> owner.execute(this::closed), () -> owner.execute(this::closed));
        }
        if (wanted == Wish.ENDED && phase == Phase.STOPPED) {
            phase = Phase.ENDED;
            end.run();
        }
        if (phase != Phase.CLOSING) {
            List<MonoSink<Void>> stopped = List.copyOf(waitingForStop);
            waitingForStop.clear();
            stopped.forEach(MonoSink::success);
        }
    }

    private void closed() {
        phase = Phase.STOPPED;
        fulfil();
    }
}
