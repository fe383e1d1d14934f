package io.github.r2dbcrouting;

import io.github.r2dbcrouting.discovery.NodeDiscovery;
import io.github.r2dbcrouting.discovery.ReplicaMapper;
import io.github.r2dbcrouting.error.InvalidRoutingOptionException;
import io.github.r2dbcrouting.services.PrimaryAdmission;
import io.github.r2dbcrouting.services.RouteListener;
import io.github.r2dbcrouting.settings.DiscoverySettings;
import org.jspecify.annotations.Nullable;

/**
 * What only a builder takes, since it is no text.
 *
 * @param listener is told of each statement
 * @param admission the gate before the primary
 * @param discovery where the list of nodes comes from, or {@code null} for what the options say
 * @param mapper tells where a replica is found that its primary names
 */
record Extensions(
        RouteListener listener,
        PrimaryAdmission admission,
        @Nullable NodeDiscovery discovery,
        ReplicaMapper mapper) {

    static final Extensions NONE = new Extensions(route -> {}, PrimaryAdmission.open(), null, ReplicaMapper.usual());

    /** Refuses options that need what is not there. */
    void requireFor(DiscoverySettings settings) {
        if (settings.mode() == DiscoverySettings.Mode.OWN && discovery == null) {
            throw new InvalidRoutingOptionException(
                    RoutingOptions.DISCOVERY.name(),
                    "is 'own'",
                    "static, dns or server",
                    "give a discovery of your own to the builder, which sets this");
        }
    }
}
