package io.github.r2dbcrouting.history;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.function.LongPredicate;
import reactor.core.publisher.Flux;

/**
 * Concurrent sessions that add unique values to keys and read them back, in rounds with keys of their own: so the history of one round
 * is all that is kept. What the sessions do is the same for the same seed, when they do it is not.
 */
public final class Workload {

    private static final Duration LIMIT = Duration.ofMinutes(5);

    /** A session moves on to the next key after so many steps. */
    private static final int STEPS_PER_KEY = 6;

    private final Subject subject;
    private final Set<Guarantee> guarantees;
    private final long seed;
    private final int sessions;
    private final int steps;

    /**
     * Creates the workload.
     *
     * @param guarantees what is promised
     * @param seed decides what is done
     * @param sessions how many do it at the same time
     * @param steps how many steps of one to five operations each of them takes in a round
     */
    public Workload(Subject subject, Set<Guarantee> guarantees, long seed, int sessions, int steps) {
        this.subject = subject;
        this.guarantees = Set.copyOf(guarantees);
        this.seed = seed;
        this.sessions = sessions;
        this.steps = steps;
    }

    /**
     * Works round after round and checks each while the next one is under way; blocks.
     *
     * @param goOn whether to begin another round after so many operations
     */
    public Findings run(LongPredicate goOn) {
        Findings findings = new Findings(seed);
        CompletableFuture<Void> checking = CompletableFuture.completedFuture(null);
        long done = 0;
        for (int round = 0; goOn.test(done); round++) {
            int from = round * keys();
            Recorder recorder = work(round, from);
            done += recorder.size();
            checking.join();
            checking = CompletableFuture.runAsync(() -> check(recorder, from, findings));
        }
        checking.join();
        return findings;
    }

    private int keys() {
        return steps / STEPS_PER_KEY + SessionScript.WINDOW;
    }

    private Recorder work(int round, int from) {
        Recorder recorder = new Recorder();
        Random random = new Random(seed + round);
        Flux.range(round * sessions, sessions)
                .map(number -> new SessionScript(subject.open(), recorder, number, random.nextLong()))
                .flatMap(script -> script.run(steps, step -> from + step / STEPS_PER_KEY), sessions)
                .blockLast(LIMIT);
        return recorder;
    }

    private void check(Recorder recorder, int from, Findings findings) {
        Map<Integer, long[]> truth = subject.truth(from, from + keys());
        List<Operation> last = new ArrayList<>();
        truth.forEach((key, values) ->
                last.add(Operation.read(-1, key, values, Operation.NEVER, Operation.NEVER, "in the end")));
        List<Operation> operations = recorder.operations(truth);
        findings.add(operations, HistoryChecker.check(operations, last, guarantees), recorder.problems());
    }
}
