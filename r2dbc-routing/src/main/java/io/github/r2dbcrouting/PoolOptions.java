package io.github.r2dbcrouting;

import io.github.r2dbcrouting.settings.PoolSettings;

/** Reads what is set for pools. */
final class PoolOptions {

    private PoolOptions() {}

    static PoolSettings read(OptionReader reader) {
        PoolSettings defaults = PoolSettings.defaults();
        return new PoolSettings(
                new PoolSettings.Size(
                        reader.integer(
                                RoutingOptions.INITIAL_SIZE, defaults.size().initial()),
                        reader.integer(RoutingOptions.MIN_IDLE, defaults.size().minIdle()),
                        reader.integer(RoutingOptions.MAX_SIZE, defaults.size().max())),
                reader.duration(RoutingOptions.MAX_IDLE_TIME, defaults.maxIdleTime()),
                reader.duration(RoutingOptions.MAX_LIFE_TIME, defaults.maxLifeTime()),
                reader.duration(RoutingOptions.WARM_UP, defaults.warmUp()),
                new PoolSettings.Queue(
                        reader.duration(
                                RoutingOptions.ACQUIRE_TIMEOUT, defaults.queue().acquireTimeout()),
                        reader.integer(
                                RoutingOptions.ACQUIRE_QUEUE, defaults.queue().acquireQueue()),
                        reader.integer(
                                RoutingOptions.SPILL_AFTER, defaults.queue().spillAfter())),
                defaults.timeouts());
    }
}
