package io.github.r2dbcrouting.monitor;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

class TransitionLogTests {

    private final ListAppender<ILoggingEvent> lines = new ListAppender<>();
    private final Logger logger = (Logger) LoggerFactory.getLogger(TopologyMonitor.class);

    @BeforeEach
    void listen() {
        lines.start();
        logger.addAppender(lines);
        logger.setLevel(Level.INFO);
        logger.setAdditive(false);
    }

    @AfterEach
    void leave() {
        logger.detachAppender(lines);
        logger.setLevel(null);
        logger.setAdditive(true);
    }

    private List<String> taken() {
        List<String> text =
                lines.list.stream().map(ILoggingEvent::getFormattedMessage).toList();
        lines.list.clear();
        return text;
    }

    @Test
    void shouldWriteALineForEachTransitionAndNoneBetween() {
        ScriptedCluster cluster = ScriptedCluster.started();
        assertThat(taken())
                .containsExactly(
                        "node a is healthy, role primary, generation 1",
                        "node b is healthy, role replica, generation 1",
                        "node c is healthy, role replica, generation 1",
                        "the primary is a, epoch 1");

        cluster.settle();
        assertThat(taken()).isEmpty();

        cluster.node("a").refuses("connection refused");
        cluster.node("c").detached();
        cluster.settle();
        assertThat(taken())
                .containsExactly(
                        "node a is unhealthy: connection refused", "there is no primary any more, the last one was a");

        cluster.node("b").promoted(2);
        cluster.settle();
        assertThat(taken())
                .containsExactly(
                        "node b changed its role from replica to primary, generation 2", "the primary is b, epoch 2");

        cluster.node("a").restarted("started-2").follows("b").on(2);
        cluster.settle();
        assertThat(taken()).containsExactly("node a is healthy, role replica, generation 2");

        cluster.node("a").restarted("started-3");
        cluster.settle();
        assertThat(taken()).containsExactly("node a may have restarted, generation 3");
    }

    @Test
    void shouldWarnOfAnAlarmOnceAndSayWhenItIsOver() {
        ScriptedCluster cluster = ScriptedCluster.started();
        taken();
        cluster.node("b").promoted(2);
        cluster.settle();
        cluster.settle();
        assertThat(lines.list)
                .filteredOn(line -> line.getLevel() == Level.WARN)
                .extracting(ILoggingEvent::getFormattedMessage)
                .singleElement()
                .asString()
                .startsWith("alarm: more than one writable node: a is taken");
        taken();

        cluster.node("b").follows("a").on(1);
        cluster.settle();
        assertThat(taken()).anyMatch(line -> line.startsWith("the alarm is over: more than one"));
    }

    @Test
    void shouldNotTakeAPauseForAChange() {
        ScriptedCluster cluster = ScriptedCluster.started();
        taken();
        cluster.monitor.pause().subscribe();
        cluster.settle();
        cluster.monitor.start();
        cluster.settle();

        assertThat(taken())
                .as("only that nobody knows what happened meanwhile")
                .allMatch(line -> line.endsWith("may have restarted, generation 2"));
    }

    @Test
    void shouldWriteAnUnexpectedFailureOncePerChange() {
        ScriptedCluster cluster = ScriptedCluster.started();
        taken();
        cluster.node("b").misbehaviour = () -> {
            throw new IllegalStateException("thrown at once");
        };
        cluster.settle();
        cluster.settle();

        assertThat(taken())
                .containsExactly(
                        "probe of node b failed in an unexpected way",
                        "node b is unhealthy: the probe failed: java.lang.IllegalStateException: thrown at once");
    }

    @Test
    void shouldWarnOnceOfANodeThatMustNotBeUsed() {
        ScriptedCluster cluster = ScriptedCluster.started();
        taken();
        cluster.node("c").unfit("runs version 9");
        cluster.settle();
        assertThat(lines.list).extracting(ILoggingEvent::getLevel).containsExactly(Level.WARN);
        assertThat(taken()).containsExactly("node c must not be used: it runs version 9, needed better; mend it");

        cluster.node("c").refuses("connection refused");
        cluster.settle();
        assertThat(taken()).containsExactly("node c is unhealthy: connection refused");
    }
}
