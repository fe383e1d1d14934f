package io.github.r2dbcrouting.connection;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.reactivestreams.Subscription;

class DemandTests {

    private final Demand demand = new Demand();

    @Test
    void shouldAskASourceForWhatWasRequestedBeforeItCame() {
        Source source = new Source();
        demand.request(2);
        demand.request(3);
        demand.source(source);
        assertThat(source.asked).containsExactly(5L);
    }

    @Test
    void shouldAskForNothingUntilSomethingIsRequested() {
        Source source = new Source();
        demand.source(source);
        assertThat(source.asked).isEmpty();
        demand.request(1);
        demand.request(7);
        assertThat(source.asked).containsExactly(1L, 7L);
    }

    @Test
    void shouldAskANewSourceForAllThatWasRequestedSoFar() {
        Source first = new Source();
        Source second = new Source();
        demand.request(2);
        demand.source(first);
        demand.request(3);
        demand.source(second);
        demand.request(4);
        assertThat(first.asked).containsExactly(2L, 3L);
        assertThat(second.asked).containsExactly(5L, 4L);
    }

    @Test
    void shouldNotExceedTheLargestDemand() {
        Source source = new Source();
        demand.request(Long.MAX_VALUE);
        demand.request(Long.MAX_VALUE);
        demand.source(source);
        assertThat(source.asked).containsExactly(Long.MAX_VALUE);
    }

    @Test
    void shouldIgnoreARequestForNothing() {
        Source source = new Source();
        demand.source(source);
        demand.request(0);
        assertThat(source.asked).isEmpty();
    }

    /** A source answers a request with a row, and the subscriber that row with the next request. */
    @Test
    void shouldTakeRequestsFromWithinARequest() {
        List<Long> asked = new ArrayList<>();
        demand.source(new Subscription() {
            @Override
            public void request(long n) {
                asked.add(n);
                if (asked.size() < 3) {
                    demand.request(n + 1);
                    assertThat(asked.get(asked.size() - 1)).as("not nested").isEqualTo(n);
                }
            }

            @Override
            public void cancel() {}
        });
        demand.request(1);
        assertThat(asked).containsExactly(1L, 2L, 3L);
    }

    private static final class Source implements Subscription {

        final List<Long> asked = new ArrayList<>();

        @Override
        public void request(long n) {
            asked.add(n);
        }

        @Override
        public void cancel() {}
    }
}
