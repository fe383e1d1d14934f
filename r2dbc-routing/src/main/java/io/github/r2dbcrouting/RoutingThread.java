package io.github.r2dbcrouting;

import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import reactor.core.scheduler.Scheduler;
import reactor.core.scheduler.Schedulers;

/**
 * The thread of a factory's monitor: a daemon that ends when there is nothing to do. Nothing of the user's runs on it. It
 * does not declare itself non-blocking, since waiting for work with a time limit would then count as blocking.
 */
final class RoutingThread extends Thread {

    private static final long KEEP_ALIVE_SECONDS = 1;

    private RoutingThread(Runnable work) {
        super(work, "r2dbc-routing-monitor");
        setDaemon(true);
    }

    static Scheduler scheduler() {
        ScheduledThreadPoolExecutor executor = new ScheduledThreadPoolExecutor(1, RoutingThread::new);
        executor.setRemoveOnCancelPolicy(true);
        executor.setKeepAliveTime(KEEP_ALIVE_SECONDS, TimeUnit.SECONDS);
        executor.allowCoreThreadTimeOut(true);
        return Schedulers.fromExecutorService(executor, "r2dbc-routing");
    }
}
