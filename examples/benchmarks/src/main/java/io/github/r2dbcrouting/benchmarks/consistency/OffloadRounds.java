package io.github.r2dbcrouting.benchmarks.consistency;

import io.github.r2dbcrouting.benchmarks.answers.Answer;
import io.github.r2dbcrouting.benchmarks.answers.Answers;
import io.github.r2dbcrouting.benchmarks.answers.SessionRows;
import io.github.r2dbcrouting.benchmarks.answers.SessionScript;
import io.github.r2dbcrouting.benchmarks.answers.SessionTally;
import io.github.r2dbcrouting.benchmarks.answers.VersionedRows;
import io.github.r2dbcrouting.benchmarks.frame.RoundPlan;
import io.github.r2dbcrouting.benchmarks.load.Load;
import io.github.r2dbcrouting.benchmarks.load.StatementCounts;
import io.github.r2dbcrouting.benchmarks.measuring.Meter;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.function.BooleanSupplier;
import java.util.function.IntFunction;
import java.util.stream.Stream;
import reactor.core.publisher.Mono;

/** Lets answers take turns in short rounds, each time beginning with another one and every other time backwards. */
final class OffloadRounds {

    /** The name of the load whose sessions wrote long ago. */
    static final String CAUGHT_UP = "reads only, caught up";

    private static final Duration WARM_UP_TURN = Duration.ofMillis(150);
    /** Within it every node was probed twice. */
    private static final Duration LONG_AGO = Answers.PROBE_INTERVAL.multipliedBy(3);

    private static final Duration LONGEST_WRITE = Duration.ofSeconds(10);

    private static final int READERS = 16;
    private static final String DONE = "done";

    private final Answers answers;
    private final StatementCounts counts;
    private final Load load = new Load(VersionedRows.KEYS);
    private final Meter meter = new Meter();

    OffloadRounds(Answers answers, StatementCounts counts) {
        this.answers = answers;
        this.counts = counts;
    }

    /** Runs everything that will be measured, in turn, for at least a time. */
    void warmUp(List<Integer> sessions, Collection<Answer> which, Duration time) {
        BooleanSupplier cold = Load.during(time);
        while (cold.getAsBoolean()) {
            for (int number : sessions) {
                for (Answer answer : which) {
                    run(playing(SessionScript.MIXED, answer, new SessionTally()), number, WARM_UP_TURN);
                }
            }
        }
    }

    /** Measures a number of rounds, in each of which every answer has a turn of the same length. */
    List<OffloadTurn> measure(SessionScript script, int sessions, Collection<Answer> which, int rounds, Duration length)
            throws IOException {
        List<OffloadTurn> turns = new ArrayList<>();
        for (int round = 0; round < rounds; round++) {
            for (Answer answer : RoundPlan.order(which, round)) {
                SessionTally tally = new SessionTally();
                turns.add(measure(
                        new Turn(script.toString(), sessions, round, answer),
                        playing(script, answer, tally),
                        tally,
                        length));
            }
        }
        return turns;
    }

    /** Measures reads of sessions that have written long ago, so that all replicas are known to have caught up with them. */
    List<OffloadTurn> caughtUp(Answer answer, int rounds, Duration length) throws IOException {
        List<Writer> writers =
                Stream.generate(() -> writer(answer)).limit(READERS).toList();
        run(reading(writers, new SessionTally()), READERS, LONG_AGO);
        List<OffloadTurn> turns = new ArrayList<>();
        for (int round = 0; round < rounds; round++) {
            SessionTally tally = new SessionTally();
            turns.add(measure(new Turn(CAUGHT_UP, READERS, round, answer), reading(writers, tally), tally, length));
        }
        return turns;
    }

    private OffloadTurn measure(Turn turn, IntFunction<Mono<String>> work, SessionTally tally, Duration length)
            throws IOException {
        StatementCounts.Reading countsBefore = counts.read();
        Meter.Reading before = meter.read();
        run(work, turn.sessions(), length);
        Meter.Reading used = meter.read().since(before);
        return new OffloadTurn(
                turn.load(),
                turn.sessions(),
                turn.round(),
                turn.answer(),
                used,
                counts.read().since(countsBefore),
                tally.sums());
    }

    private void run(IntFunction<Mono<String>> work, int concurrent, Duration length) {
        load.run(work, concurrent, Load.during(length));
    }

    private IntFunction<Mono<String>> playing(SessionScript script, Answer answer, SessionTally tally) {
        return number -> script.play(answers, answer).doOnNext(tally::add).thenReturn(DONE);
    }

    private static IntFunction<Mono<String>> reading(List<Writer> writers, SessionTally tally) {
        return number -> Mono.defer(() -> {
            Writer writer = writers.get(number % READERS);
            SessionTally one = new SessionTally();
            return SessionScript.read(writer.session(), writer.key(), one)
                    .then(Mono.fromRunnable(() -> tally.add(one)))
                    .thenReturn(DONE);
        });
    }

    private Writer writer(Answer answer) {
        SessionRows session = answers.begin(answer);
        int key = answers.rows().nextKey();
        session.write(key, answers.rows().nextVersion()).block(LONGEST_WRITE);
        return new Writer(session, key);
    }

    /** Whose turn it is, and with what. */
    private record Turn(String load, int sessions, int round, Answer answer) {}

    /** A session that has written. */
    private record Writer(SessionRows session, int key) {}
}
