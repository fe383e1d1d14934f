package io.github.r2dbcrouting.cluster.oracle;

import io.github.r2dbcrouting.cluster.oracle.CorpusText.Mark;
import io.github.r2dbcrouting.cluster.oracle.Ruling.Verdict;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;

/**
 * How somebody's idea of what is a read compares with what servers say.
 *
 * @param texts how many the servers were asked
 * @param reads how many of these are reads
 * @param wrongReads what was called a read and is none, with why not
 * @param hidden what was called a read and refused, for what its text does not show
 * @param missedReads reads that were not called so, with the reason in the corpus; those without a reason there are mismarked
 * @param mismarked texts of which the corpus says what the servers, or the idea, do not bear out
 */
public record CorpusFindings(
        int texts,
        int reads,
        List<String> wrongReads,
        List<String> hidden,
        List<String> missedReads,
        List<String> mismarked) {

    public CorpusFindings {
        wrongReads = List.copyOf(wrongReads);
        hidden = List.copyOf(hidden);
        missedReads = List.copyOf(missedReads);
        mismarked = List.copyOf(mismarked);
    }

    /** Compares for all texts of a corpus that the oracle's servers understand. */
    public static CorpusFindings of(Corpus corpus, ReadOnlyOracle oracle, Predicate<String> isRead) {
        Collector collector = new Collector();
        for (CorpusText text : corpus.texts()) {
            if (!text.mark().isForMysqlOnly()) {
                collector.add(text, oracle.rule(text.sql()), isRead.test(text.sql()));
            }
        }
        return collector.findings();
    }

    /** Returns the share of reads that were not called so, in percent. */
    public double missedPercent() {
        return 100.0 * missedReads.size() / reads;
    }

    private static final class Collector {

        private int texts;
        private int reads;
        private final List<String> wrong = new ArrayList<>();
        private final List<String> hidden = new ArrayList<>();
        private final List<String> missed = new ArrayList<>();
        private final List<String> mismarked = new ArrayList<>();

        void add(CorpusText text, Ruling ruling, boolean calledRead) {
            texts++;
            Mark mark = text.mark();
            boolean trueRead = ruling.verdict() == Verdict.RUNS && mark != Mark.EFFECT;
            if (trueRead) {
                reads++;
            }
            if (trueRead && !calledRead) {
                missed.add(text + " -- " + text.reason());
            }
            if (calledRead && !trueRead && mark == Mark.HIDDEN) {
                hidden.add(text + " -- " + text.reason());
            } else if (calledRead && !trueRead && mark != Mark.FAILING_READ) {
                wrong.add(text + " -- " + (mark == Mark.EFFECT ? text.reason() : ruling));
            }
            if (!isBorneOut(mark, ruling.verdict(), calledRead)) {
                mismarked.add(mark + " " + text + " -- " + ruling + ", called a read: " + calledRead);
            }
        }

        private static boolean isBorneOut(Mark mark, Verdict verdict, boolean calledRead) {
            return switch (mark) {
                case NONE -> verdict == Verdict.REFUSED || (verdict == Verdict.RUNS && calledRead);
                case EFFECT -> verdict == Verdict.RUNS || verdict == Verdict.RUNS_WITH_EFFECT;
                case HIDDEN -> verdict == Verdict.REFUSED && calledRead;
                case PRIMARY -> verdict == Verdict.RUNS && !calledRead;
                case FAILS, FAILING_READ -> verdict == Verdict.FAILS;
                case MYSQL_READ, MYSQL_CHANGE -> false;
            };
        }

        CorpusFindings findings() {
            return new CorpusFindings(texts, reads, wrong, hidden, missed, mismarked);
        }
    }
}
