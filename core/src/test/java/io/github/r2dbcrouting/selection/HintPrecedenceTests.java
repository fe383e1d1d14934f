package io.github.r2dbcrouting.selection;

import static io.github.r2dbcrouting.topology.Nodes.id;
import static org.assertj.core.api.Assertions.assertThat;

import io.github.r2dbcrouting.consistency.Consistency;
import io.github.r2dbcrouting.sql.RoutingComment;
import io.github.r2dbcrouting.topology.NodeId;
import io.github.r2dbcrouting.topology.Places;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BiConsumer;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** Each level of hints against each other, and wish by wish. A level is told by the node, region or lag that it wishes. */
class HintPrecedenceTests {

    private static final List<String> STATEMENT_LEVELS =
            List.of("named in the context", "comment", "context", "factory");
    private static final List<String> TRANSACTION_LEVELS = List.of("context", "definition", "factory");

    @TestFactory
    List<DynamicTest> shouldLetTheStrongerOfAnyTwoLevelsOfAStatementSayWhere() {
        return pairs(STATEMENT_LEVELS, (strong, weak) -> {
            RoutingHints context = strong.equals("named in the context") || weak.equals("named in the context")
                    ? RoutingHints.of(id("named in the context"))
                    : strong.equals("context") || weak.equals("context")
                            ? RoutingHints.of(Places.inRegion("context"))
                            : RoutingHints.NONE;
            RoutingComment comment = strong.equals("comment") || weak.equals("comment")
                    ? new RoutingComment(id("comment"), null, null, Places.inRegion("comment"), null, null)
                    : null;
            RoutingHints factory = weak.equals("factory")
                    ? RoutingHints.of(id("factory")).or(RoutingHints.of(Places.inRegion("factory")))
                    : RoutingHints.NONE;
            RoutingHints resolved = HintPrecedence.ofStatement(comment, context, factory);
            assertThat(List.of(
                            String.valueOf(resolved.node()),
                            resolved.places().regions().stream().findFirst().orElse("null")))
                    .contains(strong);
        });
    }

    @TestFactory
    List<DynamicTest> shouldLetTheStrongerOfAnyTwoLevelsOfATransactionSayWhere() {
        return pairs(TRANSACTION_LEVELS, (strong, weak) -> {
            List<RoutingHints> levels = TRANSACTION_LEVELS.stream()
                    .map(level -> level.equals(strong) || level.equals(weak)
                            ? RoutingHints.of(new NodeId(level))
                            : RoutingHints.NONE)
                    .toList();
            assertThat(HintPrecedence.ofTransaction(levels.get(0), levels.get(1), levels.get(2))
                            .node())
                    .isEqualTo(id(strong));
        });
    }

    @Test
    void shouldDecideWishByWish() {
        RoutingComment comment = new RoutingComment(null, null, Consistency.eventual(), Places.ANY, null, null);
        RoutingHints context = RoutingHints.of(Places.inRegion("eu")).or(RoutingHints.of(Consistency.strong()));
        RoutingHints factory = RoutingHints.ofMaxLag(Duration.ofSeconds(1)).or(RoutingHints.of(Places.inRegion("us")));
        assertThat(HintPrecedence.ofStatement(comment, context, factory))
                .isEqualTo(new RoutingHints(
                        null, null, Consistency.eventual(), Places.inRegion("eu"), Duration.ofSeconds(1), null, null));
    }

    @Test
    void shouldKeepWhatOnlyTheContextCanSayBesideAComment() {
        RoutingComment comment = new RoutingComment(id("r1"), null, null, Places.ANY, null, null);
        assertThat(HintPrecedence.ofStatement(comment, RoutingHints.IDEMPOTENT, RoutingHints.NONE))
                .isEqualTo(RoutingHints.of(id("r1")).or(RoutingHints.IDEMPOTENT));
    }

    @Test
    void shouldMakeNothingAnewForAStatementWithoutHints() {
        assertThat(HintPrecedence.ofStatement(null, RoutingHints.NONE, RoutingHints.NONE))
                .isSameAs(RoutingHints.NONE);
    }

    private static List<DynamicTest> pairs(List<String> levels, BiConsumer<String, String> check) {
        List<DynamicTest> tests = new ArrayList<>();
        for (int strong = 0; strong < levels.size(); strong++) {
            for (int weak = strong + 1; weak < levels.size(); weak++) {
                String one = levels.get(strong);
                String other = levels.get(weak);
                tests.add(DynamicTest.dynamicTest(one + " over " + other, () -> check.accept(one, other)));
            }
        }
        return tests;
    }
}
