package io.github.r2dbcrouting.history;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/** The workload on subjects in memory, one of which keeps all promises, while each of the others breaks some. */
class WorkloadTests {

    private static final Set<Guarantee> ALL = EnumSet.allOf(Guarantee.class);

    /** What is wrong with a subject, and what must be found. */
    private enum Flaw {
        NONE(EnumSet.noneOf(Guarantee.class)),
        /** Reads show what was there a few writes ago. */
        LATE(EnumSet.of(Guarantee.READ_YOUR_WRITES, Guarantee.MONOTONIC_READS)),
        /** Reads of the latest do so. */
        LATEST_IS_LATE(EnumSet.of(Guarantee.LATEST)),
        /** What was added is shown in any order. */
        UNORDERED(EnumSet.of(Guarantee.MONOTONIC_WRITES, Guarantee.WRITES_FOLLOW_READS)),
        /** Who is told of a write before it is acknowledged does not see it before. */
        TOLD_TOO_EARLY(EnumSet.of(Guarantee.READ_YOUR_WRITES)),
        /** Some of what was acknowledged is gone. */
        FORGETFUL(EnumSet.of(Guarantee.NOTHING_LOST));

        private final Set<Guarantee> broken;

        Flaw(Set<Guarantee> broken) {
            this.broken = broken;
        }
    }

    @ParameterizedTest
    @EnumSource
    void shouldFindWhatASubjectBreaks(Flaw flaw) {
        Findings findings = run(flaw, 7, 5_000);

        assertThat(findings.violations())
                .as(findings.toString())
                .extracting(Violation::guarantee)
                .containsAll(flaw.broken);
        assertThat(findings.violations().isEmpty()).as(findings.toString()).isEqualTo(flaw == Flaw.NONE);
    }

    @Test
    void shouldDoTheSameForTheSameSeed() {
        Findings first = run(Flaw.NONE, 1, 2_000);
        Findings second = run(Flaw.NONE, 1, 2_000);

        assertThat(second.operations(Operation.Kind.READ)).isEqualTo(first.operations(Operation.Kind.READ));
        assertThat(second.operations()).isEqualTo(first.operations());
        assertThat(run(Flaw.NONE, 2, 2_000).operations(Operation.Kind.READ))
                .isNotEqualTo(first.operations(Operation.Kind.READ));
    }

    @Test
    void shouldPrintTheSeedAndTheShortestCounterexample() {
        assertThat(run(Flaw.LATE, 42, 2_000).toString())
                .startsWith("seed 42: ")
                .containsPattern("(?m)^READ_YOUR_WRITES: \\d+ is missing from key \\d+$")
                .containsPattern("(?m)^ +0\\.000 \\.\\. +[\\d.?]+ ms  session \\d+ added \\d+");
    }

    private static Findings run(Flaw flaw, long seed, long operations) {
        return new Workload(new Register(flaw), ALL, seed, 6, 60).run(done -> done < operations);
    }

    /** One list of values for each key. */
    private static final class Register implements Subject, Subject.Session {

        private final Flaw flaw;
        private final Random random = new Random(1);
        private final Map<Integer, List<Long>> keys = new HashMap<>();
        private final Set<Long> hidden = new HashSet<>();

        private Register(Flaw flaw) {
            this.flaw = flaw;
        }

        @Override
        public Session open() {
            return this;
        }

        @Override
        public synchronized Map<Integer, long[]> truth(int from, int to) {
            Map<Integer, long[]> truth = new HashMap<>();
            for (int key = from; key < to; key++) {
                truth.put(key, values(key, 0));
            }
            return truth;
        }

        @Override
        public Flux<?> add(int key, long value, AddKind kind) {
            Mono<Boolean> addition = Mono.fromSupplier(() -> add(key, value));
            if (flaw != Flaw.TOLD_TOO_EARLY) {
                return addition.flux();
            }
            return Flux.concat(Mono.just(true), Mono.defer(() -> addition).ignoreElement());
        }

        private synchronized boolean add(int key, long value) {
            if (flaw == Flaw.UNORDERED && random.nextBoolean()) {
                hidden.add(value);
            }
            if (flaw != Flaw.FORGETFUL || random.nextInt(10) > 0) {
                keys.computeIfAbsent(key, unknown -> new ArrayList<>()).add(value);
            }
            return true;
        }

        @Override
        public Mono<Reading> read(int key, ReadKind kind) {
            return Mono.fromSupplier(() -> {
                Flaw late = kind == ReadKind.LATEST ? Flaw.LATEST_IS_LATE : Flaw.LATE;
                return new Reading(read(key, flaw == late), System.nanoTime(), false, "");
            });
        }

        private synchronized long[] read(int key, boolean late) {
            long[] values = values(key, late ? random.nextInt(4) : 0);
            return LongStream.of(values)
                    .filter(value -> !hidden.contains(value) || random.nextBoolean())
                    .toArray();
        }

        private long[] values(int key, int behind) {
            List<Long> values = keys.getOrDefault(key, List.of());
            return values.subList(0, Math.max(0, values.size() - behind)).stream()
                    .mapToLong(Long::longValue)
                    .toArray();
        }
    }
}
