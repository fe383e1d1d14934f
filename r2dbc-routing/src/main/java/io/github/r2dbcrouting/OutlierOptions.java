package io.github.r2dbcrouting;

import io.github.r2dbcrouting.error.InvalidRoutingOptionException;
import io.github.r2dbcrouting.outlier.OutlierSettings;
import io.r2dbc.spi.Option;
import java.time.Duration;

/** Reads when nodes are left out or held back although they answer. */
final class OutlierOptions {

    private OutlierOptions() {}

    static OutlierSettings read(OptionReader reader) {
        OutlierSettings defaults = OutlierSettings.defaults();
        int errors = atLeastTwo(RoutingOptions.OUTLIER_ERRORS, reader, defaults.consecutiveErrors());
        double factor = reader.number(
                RoutingOptions.OUTLIER_LATENCY_FACTOR, defaults.latency().factor());
        require(factor > 1, RoutingOptions.OUTLIER_LATENCY_FACTOR, factor, "more than 1");
        OutlierSettings.Latency latency = new OutlierSettings.Latency(
                factor,
                reader.positive(
                        RoutingOptions.OUTLIER_LATENCY_FLOOR, defaults.latency().floor()));
        return new OutlierSettings(
                reader.flag(RoutingOptions.OUTLIER_DETECTION, defaults.enabled()),
                errors,
                latency,
                term(reader, defaults.term()),
                new OutlierSettings.Flapping(
                        atLeastTwo(
                                RoutingOptions.FLAP_CHANGES,
                                reader,
                                defaults.flapping().changes()),
                        reader.positive(
                                RoutingOptions.FLAP_WINDOW, defaults.flapping().window())));
    }

    private static OutlierSettings.Term term(OptionReader reader, OutlierSettings.Term defaults) {
        Duration base = reader.positive(RoutingOptions.EJECTION_TIME, defaults.base());
        Duration longest = reader.positive(
                RoutingOptions.MAX_EJECTION_TIME, base.compareTo(defaults.longest()) > 0 ? base : defaults.longest());
        require(
                longest.compareTo(base) >= 0,
                RoutingOptions.MAX_EJECTION_TIME,
                longest,
                "ejectionTime, which is " + base + ", or more");
        double share = reader.number(RoutingOptions.MAX_EJECTED_SHARE, defaults.mostShare());
        require(share > 0 && share <= 1, RoutingOptions.MAX_EJECTED_SHARE, share, "above 0 and at most 1");
        return new OutlierSettings.Term(base, longest, share);
    }

    private static int atLeastTwo(Option<Integer> option, OptionReader reader, int otherwise) {
        int number = reader.integer(option, otherwise);
        require(number >= 2, option, number, "at least 2, since one may be an accident");
        return number;
    }

    private static void require(boolean satisfied, Option<?> option, Object value, String needed) {
        if (!satisfied) {
            throw new InvalidRoutingOptionException(
                    option.name(),
                    "is " + value,
                    needed,
                    "leave it at its default, or set outlierDetection to false to leave out no replica");
        }
    }
}
