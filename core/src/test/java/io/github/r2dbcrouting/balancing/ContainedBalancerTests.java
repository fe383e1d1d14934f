package io.github.r2dbcrouting.balancing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

class ContainedBalancerTests {

    private final Replicas replicas = Replicas.of(3);
    private final Logger logger = (Logger) LoggerFactory.getLogger(ContainedBalancer.class);
    private final ListAppender<ILoggingEvent> logged = new ListAppender<>();

    @BeforeEach
    void listen() {
        logged.start();
        logger.addAppender(logged);
        logger.setAdditive(false);
    }

    @AfterEach
    void stopListening() {
        logger.detachAppender(logged);
        logger.setAdditive(true);
    }

    @Test
    void shouldLetABalancerPickAsItLikes() {
        ContainedBalancer balancer = new ContainedBalancer(candidates -> candidates.get(1), 1);
        assertThat(balancer.choose(replicas.candidates())).isSameAs(replicas.get(1));
        assertThat(balancer.failures()).isZero();
        assertThat(logged.list).isEmpty();
    }

    @Test
    void shouldPickByTheDefaultWhereABalancerThrows() {
        ContainedBalancer balancer = new ContainedBalancer(
                named("broken", candidates -> {
                    throw new IllegalStateException("no idea");
                }),
                1);
        assertThat(Arrays.stream(replicas.count(3_000, balancer))).allMatch(count -> count > 900);
        assertThat(balancer.failures()).isEqualTo(3_000);
        assertThat(logged.list).singleElement().satisfies(event -> {
            assertThat(event.getFormattedMessage())
                    .isEqualTo(
                            "the load balancer broken has failed; adaptive picks instead, each time that this happens;"
                                    + " it is counted and not logged again");
            assertThat(event.getThrowableProxy().getMessage()).isEqualTo("no idea");
        });
    }

    @Test
    void shouldPickByTheDefaultWhereABalancerReturnsWhatItWasNotGiven() {
        Candidate stranger = Replicas.of(1).get(0);
        ContainedBalancer balancer = new ContainedBalancer(named("odd", candidates -> stranger), 1);
        assertThat(replicas.candidates()).contains(balancer.choose(replicas.candidates()));
        assertThat(balancer.failures()).isEqualTo(1);
        assertThat(logged.list)
                .extracting(ILoggingEvent::getFormattedMessage)
                .singleElement()
                .asString()
                .startsWith("the load balancer odd has returned r0, which is none of [r0, r1, r2]; adaptive picks");
    }

    @Test
    void shouldPickByTheDefaultWhereABalancerReturnsNothing() {
        ContainedBalancer balancer = new ContainedBalancer(named("empty", candidates -> null), 1);
        assertThat(replicas.candidates()).contains(balancer.choose(replicas.candidates()));
        assertThat(balancer.failures()).isEqualTo(1);
    }

    @Test
    void shouldPickByTheDefaultWhereAClassOfABalancerIsMissing() {
        ContainedBalancer balancer = new ContainedBalancer(
                named("incomplete", candidates -> {
                    throw new NoClassDefFoundError("Hash");
                }),
                1);
        assertThat(replicas.candidates()).contains(balancer.choose(replicas.candidates()));
        assertThat(balancer.failures()).isEqualTo(1);
    }

    @Test
    void shouldNotContainWhatEndsTheProcess() {
        ContainedBalancer balancer = new ContainedBalancer(
                candidates -> {
                    throw new OutOfMemoryError("none left");
                },
                1);
        assertThatExceptionOfType(OutOfMemoryError.class).isThrownBy(() -> balancer.choose(replicas.candidates()));
    }

    @Test
    void shouldBeCalledAsWhatItContains() {
        assertThat(new ContainedBalancer(LoadBalancer.weighted(), 1)).hasToString("weighted");
    }

    private static LoadBalancer named(String name, LoadBalancer balancer) {
        return new LoadBalancer() {
            @Override
            public Candidate choose(List<Candidate> candidates) {
                return balancer.choose(candidates);
            }

            @Override
            public String toString() {
                return name;
            }
        };
    }
}
