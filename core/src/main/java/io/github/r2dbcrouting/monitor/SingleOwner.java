package io.github.r2dbcrouting.monitor;

import java.util.Objects;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;

/**
 * Runs tasks one after the other, in the order in which they came, on whichever thread finds nobody at work. A task that
 * is added from within a task runs after it. What tasks write, later tasks see.
 */
final class SingleOwner {

    private final Queue<Runnable> tasks = new ConcurrentLinkedQueue<>();
    private final AtomicInteger pending = new AtomicInteger();
    private final Consumer<Throwable> defects;

    /**
     * Creates an owner at rest.
     *
     * @param defects takes what a task throws; the next task runs nevertheless
     */
    SingleOwner(Consumer<Throwable> defects) {
        this.defects = defects;
    }

    /** Runs the task here and now, or leaves it to the thread that is at work. Never waits. */
    void execute(Runnable task) {
        tasks.add(task);
        if (pending.getAndIncrement() != 0) {
            return;
        }
        do {
            Runnable next = Objects.requireNonNull(tasks.poll(), "as many tasks as were counted");
            try {
                next.run();
            } catch (Throwable defect) {
                // Whatever it is: an owner that stops working without a sign would be worse.
                defects.accept(defect);
            }
        } while (pending.decrementAndGet() != 0);
    }
}
