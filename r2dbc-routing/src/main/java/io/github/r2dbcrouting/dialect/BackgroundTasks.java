package io.github.r2dbcrouting.dialect;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import reactor.core.Disposable;
import reactor.core.Disposables;
import reactor.core.publisher.Mono;

/**
 * Owns the work that nobody waits for, such as closing a connection after its user has gone: its subscriptions and its
 * errors. Disposing it gives up what is still under way.
 */
public final class BackgroundTasks implements Disposable {

    private static final Logger logger = LoggerFactory.getLogger(BackgroundTasks.class);

    private final Disposable.Composite running = Disposables.composite();

    /**
     * Runs a task now.
     *
     * @param what names it in the log if it fails
     */
    public void run(String what, Mono<?> task) {
        Disposable.Swap self = Disposables.swap();
        if (!running.add(self)) {
            return;
        }
        self.update(task.doFinally(signal -> running.remove(self))
                .subscribe(null, error -> logger.debug("{} failed", what, error)));
    }

    @Override
    public void dispose() {
        running.dispose();
    }

    @Override
    public boolean isDisposed() {
        return running.isDisposed();
    }
}
