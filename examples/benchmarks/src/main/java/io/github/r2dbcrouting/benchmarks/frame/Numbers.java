package io.github.r2dbcrouting.benchmarks.frame;

import java.util.Locale;

/** Numbers as people read them, the same in every country. */
public final class Numbers {

    private Numbers() {}

    /** Returns three decimals for a ratio, fewer for a greater number, none that are zero. */
    public static String plain(double value) {
        int decimals = Math.abs(value) >= 1_000 ? 0 : Math.abs(value) >= 10 ? 1 : 3;
        String text = String.format(Locale.ROOT, "%,." + decimals + "f", value);
        return text.contains(".") ? text.replaceAll("0+$", "").replaceAll("\\.$", "") : text;
    }

    /** Returns always three decimals. */
    public static String ratio(double value) {
        return String.format(Locale.ROOT, "%.3f", value);
    }

    /** Returns a ratio and its interval. */
    public static String ratio(Estimate estimate) {
        return ratio(estimate.value()) + " " + range(estimate.low(), estimate.high());
    }

    public static String range(double low, double high) {
        return "[" + ratio(low) + " .. " + ratio(high) + "]";
    }

    public static String interval(Estimate estimate) {
        return "[" + plain(estimate.low()) + " .. " + plain(estimate.high()) + "]";
    }
}
