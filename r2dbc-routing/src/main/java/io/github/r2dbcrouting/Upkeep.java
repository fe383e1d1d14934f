package io.github.r2dbcrouting;

import io.github.r2dbcrouting.discovery.DiscoveryWatch;
import io.github.r2dbcrouting.monitor.TopologyMonitor;
import io.github.r2dbcrouting.outlier.OutlierRounds;
import io.github.r2dbcrouting.services.ConnectionServices;
import io.github.r2dbcrouting.settings.RoutingSettings;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import reactor.core.Disposable;
import reactor.core.Disposables;
import reactor.core.scheduler.Scheduler;

/**
 * What is looked at again and again while a factory is used: its nodes, those that are to be found, what is silent on them, and the
 * secrets they are opened with. Runs on the monitor's scheduler, one thread at a time.
 */
final class Upkeep {

    private static final long SHORTEST_TICK = TimeUnit.MILLISECONDS.toNanos(10);
    private static final long LONGEST_TICK = TimeUnit.SECONDS.toNanos(1);

    private final ConnectionServices services;
    private final TopologyMonitor monitor;
    private final @Nullable DiscoveryWatch discovery;
    private final @Nullable OutlierRounds outliers;
    private final Scheduler scheduler;
    private final long secretCheckInterval;
    private final long suspectAfter;
    private final long tick;
    private long secretsCheckedAt;

    Upkeep(
            ConnectionServices services,
            TopologyMonitor monitor,
            @Nullable DiscoveryWatch discovery,
            OutlierRounds outliers,
            Scheduler scheduler,
            RoutingSettings settings) {
        this.services = services;
        this.monitor = monitor;
        this.discovery = discovery;
        this.outliers = settings.outliers().enabled() ? outliers : null;
        this.scheduler = scheduler;
        this.secretCheckInterval = settings.secretCheckInterval().toNanos();
        this.suspectAfter = services.exchanges().suspectAfter().toNanos();
        long checkInterval = discovery == null
                ? secretCheckInterval
                : Math.min(secretCheckInterval, settings.discovery().interval().toNanos());
        long soonest = Math.min(Math.min(settings.idleTimeout().toNanos() / 2, checkInterval), suspectAfter / 4);
        this.tick = Math.max(SHORTEST_TICK, Math.min(LONGEST_TICK, soonest));
    }

    /**
     * Begins to watch the nodes, and to look at what else there is.
     *
     * @param look is called at each tick, and calls {@link #look()} if the factory is still used
     * @return ends the looking
     */
    Disposable begin(Runnable look) {
        secretsCheckedAt = now();
        monitor.start();
        discover();
        Disposable looking = scheduler.schedulePeriodically(look, tick, tick, TimeUnit.NANOSECONDS);
        return outliers == null ? looking : Disposables.composite(looking, outliers.begin());
    }

    /** Looks for nodes, doubts what is silent, and asks for other secrets when that is due. */
    void look() {
        discover();
        services.pools().suspectSilent(monitor, now(), suspectAfter);
        if (now() - secretsCheckedAt >= secretCheckInterval) {
            secretsCheckedAt = now();
            services.background()
                    .run("asking for other secrets", services.pools().renewIfChanged());
        }
    }

    private void discover() {
        if (discovery != null) {
            discovery.look();
        }
    }

    private long now() {
        return scheduler.now(TimeUnit.NANOSECONDS);
    }
}
