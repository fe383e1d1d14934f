package io.github.r2dbcrouting.benchmarks.frame;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** A picture of what grows in proportion, or should: lines from 0 on both axes, and the ideal one beside them. */
public final class LineChart {

    private static final int WIDTH = 640;
    private static final int HEIGHT = 420;
    private static final int LEFT = 64;
    private static final int TOP = 48;
    private static final int RIGHT = 24;
    private static final int BOTTOM = 56;
    private static final List<String> COLOURS = List.of("#1f6feb", "#d1571a", "#2a8f4c", "#8250df");

    private final String title;
    private final String across;
    private final String upwards;
    private final List<Line> lines = new ArrayList<>();

    /**
     * One place on a line.
     *
     * @param at the place on the axis across, positive
     * @param height how high, and the interval in which it lies
     */
    public record Point(double at, Estimate height) {}

    private record Line(String name, List<Point> points) {}

    /**
     * Creates a picture without lines.
     *
     * @param across what the axis to the right is
     * @param upwards what the other one is; both have the same unit, so that the ideal is as much upwards as across
     */
    public LineChart(String title, String across, String upwards) {
        this.title = title;
        this.across = across;
        this.upwards = upwards;
    }

    /** Adds a line through points, in their order. */
    public void add(String name, List<Point> points) {
        lines.add(new Line(name, List.copyOf(points)));
    }

    /** Returns the picture as SVG. */
    public String svg() {
        double most = lines.stream()
                .flatMap(line -> line.points().stream())
                .mapToDouble(point -> Math.max(point.at(), point.height().high()))
                .max()
                .orElse(1);
        Canvas canvas = new Canvas(Math.ceil(most));
        canvas.frame(title, across, upwards);
        canvas.ideal();
        for (int i = 0; i < lines.size(); i++) {
            Line line = lines.get(i);
            // Where two lines meet, their numbers stand on both sides.
            canvas.line(line.points(), COLOURS.get(i % COLOURS.size()), i % 2 == 0);
            canvas.legend(i, line.name(), COLOURS.get(i % COLOURS.size()));
        }
        return canvas.finish();
    }

    /** Writes the elements one after the other. */
    private static final class Canvas {

        private final StringBuilder svg = new StringBuilder();
        private final double most;

        Canvas(double most) {
            this.most = most;
            add(
                    "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %d %d\" font-family=\"sans-serif\" font-size=\"13\">",
                    WIDTH, HEIGHT);
            add("<rect width=\"%d\" height=\"%d\" fill=\"white\"/>", WIDTH, HEIGHT);
        }

        void frame(String title, String across, String upwards) {
            add("<text x=\"%d\" y=\"26\" font-size=\"16\" font-weight=\"bold\">%s</text>", LEFT, escaped(title));
            int step = (int) Math.max(1, Math.ceil(most / 10));
            for (int i = 0; i <= most; i += step) {
                add(
                        "<line x1=\"%d\" y1=\"%.1f\" x2=\"%d\" y2=\"%.1f\" stroke=\"#e3e3e3\"/>",
                        LEFT, y(i), WIDTH - RIGHT, y(i));
                add("<text x=\"%d\" y=\"%.1f\" text-anchor=\"end\">%d</text>", LEFT - 8, y(i) + 4, i);
                add("<text x=\"%.1f\" y=\"%d\" text-anchor=\"middle\">%d</text>", x(i), HEIGHT - BOTTOM + 20, i);
            }
            add(
                    "<text x=\"%.1f\" y=\"%d\" text-anchor=\"middle\">%s</text>",
                    x(most / 2), HEIGHT - 12, escaped(across));
            add(
                    "<text transform=\"translate(20 %.1f) rotate(-90)\" text-anchor=\"middle\">%s</text>",
                    y(most / 2), escaped(upwards));
        }

        void ideal() {
            add(
                    "<line x1=\"%.1f\" y1=\"%.1f\" x2=\"%.1f\" y2=\"%.1f\" stroke=\"#999\" stroke-dasharray=\"5 4\"/>",
                    x(0), y(0), x(most), y(most));
            add(
                    "<text x=\"%.1f\" y=\"%.1f\" fill=\"#777\" text-anchor=\"end\">in proportion</text>",
                    x(most) - 14, y(most) + 4);
        }

        void line(List<Point> points, String colour, boolean above) {
            StringBuilder path = new StringBuilder();
            for (Point point : points) {
                path.append(String.format(
                        Locale.ROOT,
                        "%.1f,%.1f ",
                        x(point.at()),
                        y(point.height().value())));
            }
            add(
                    "<polyline points=\"%s\" fill=\"none\" stroke=\"%s\" stroke-width=\"2\"/>",
                    path.toString().trim(), colour);
            for (Point point : points) {
                double x = x(point.at());
                add(
                        "<line x1=\"%.1f\" y1=\"%.1f\" x2=\"%.1f\" y2=\"%.1f\" stroke=\"%s\"/>",
                        x, y(point.height().low()), x, y(point.height().high()), colour);
                add(
                        "<circle cx=\"%.1f\" cy=\"%.1f\" r=\"4\" fill=\"%s\"/>",
                        x, y(point.height().value()), colour);
                add(
                        "<text x=\"%.1f\" y=\"%.1f\" fill=\"%s\" text-anchor=\"%s\">%s</text>",
                        x + (above ? -8 : 8),
                        y(point.height().value()) + (above ? -6 : 16),
                        colour,
                        above ? "end" : "start",
                        Numbers.ratio(point.height().value()));
            }
        }

        void legend(int row, String name, String colour) {
            int y = TOP + 14 + 20 * row;
            add("<rect x=\"%d\" y=\"%d\" width=\"18\" height=\"3\" fill=\"%s\"/>", LEFT + 14, y, colour);
            add("<text x=\"%d\" y=\"%d\">%s</text>", LEFT + 40, y + 6, escaped(name));
        }

        String finish() {
            return svg.append("</svg>\n").toString();
        }

        private double x(double value) {
            return LEFT + value / most * (WIDTH - LEFT - RIGHT);
        }

        private double y(double value) {
            return HEIGHT - BOTTOM - value / most * (HEIGHT - TOP - BOTTOM);
        }

        private void add(String format, Object... values) {
            svg.append(String.format(Locale.ROOT, format, values)).append('\n');
        }

        private static String escaped(String text) {
            return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;");
        }
    }
}
