package io.github.r2dbcrouting.benchmarks.frame;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.r2dbcrouting.benchmarks.frame.LineChart.Point;
import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.w3c.dom.Document;

class LineChartTests {

    @Test
    void shouldDrawEachPointOnItsLine() throws Exception {
        LineChart chart = new LineChart("a < b & c", "replicas", "times one");
        chart.add("reads", List.of(point(1, 1), point(2, 1.9), point(8, 7.5)));
        chart.add("mixed", List.of(point(1, 1), point(8, 4)));
        Document document = DocumentBuilderFactory.newInstance()
                .newDocumentBuilder()
                .parse(new ByteArrayInputStream(chart.svg().getBytes(StandardCharsets.UTF_8)));
        assertThat(document.getElementsByTagName("polyline").getLength()).isEqualTo(2);
        assertThat(document.getElementsByTagName("circle").getLength()).isEqualTo(5);
        assertThat(document.getDocumentElement().getTextContent()).contains("a < b & c", "reads", "mixed", "7.500");
    }

    private static Point point(double at, double height) {
        return new Point(at, new Estimate(height, height - 0.1, height + 0.1));
    }
}
