package io.github.r2dbcrouting.sql;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.r2dbcrouting.consistency.Consistency;
import io.github.r2dbcrouting.sql.StatementProfile.Access;
import io.github.r2dbcrouting.topology.NodeId;
import io.github.r2dbcrouting.topology.NodeRole;
import io.github.r2dbcrouting.topology.Places;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Which comments of a text are read, and what they ask for. */
class RoutingCommentTests {

    private static final SqlClassifier POSTGRESQL = SqlClassifier.forDialect(SqlDialect.POSTGRESQL);
    private static final SqlClassifier MYSQL = SqlClassifier.forDialect(SqlDialect.MYSQL);
    private static final RoutingComment ON_PRIMARY =
            new RoutingComment(null, NodeRole.PRIMARY, null, Places.ANY, null, null);

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/*+ route: primary */ select 1",
                "select 1 /*+ route: primary */",
                "select /*+ route: primary */ 1",
                "select/*+route:primary*/1",
                "select\n  /*+\n    ROUTE :\n    Primary\n  */\n  1",
                "select /*+\troute\t:\tPRIMARY\t*/ 1;",
                "select 1 -- said below\n/*+ route: primary, */",
                "select /* first */ /*+ route: primary */ /* last */ 1",
                "select /*+ route: primary */ 1 /*+ Route:,primary , PRIMARY */",
                "select /*+ MAX_EXECUTION_TIME(1000) route: primary */ 1",
                "select /*+ SeqScan(t) */ 1 /*+ route: primary */",
                "select /*+ Set(work_mem \"1 route: replica\") Leading((a (b c))) route: primary */ 1",
                "select 'x' /*+ route: primary */ 'y'",
                "select \u00a0/*+\u00a0route:\u00a0primary */ 1",
            })
    void shouldReadACommentWhereverAndHoweverItStands(String sql) {
        assertThat(POSTGRESQL.classify(sql).comment()).isEqualTo(ON_PRIMARY);
        assertThat(MYSQL.classify(sql).comment()).isEqualTo(ON_PRIMARY);
    }

    @ParameterizedTest
    @EnumSource(SqlDialect.class)
    void shouldReadEachHint(SqlDialect dialect) {
        assertThat(comment(dialect, "node=db2:5432")).isEqualTo(node("db2:5432"));
        assertThat(comment(dialect, "NODE = [fd00::2]:5432")).isEqualTo(node("[fd00::2]:5432"));
        assertThat(comment(dialect, "node=\"the big one\"")).isEqualTo(node("the big one"));
        assertThat(comment(dialect, "node='it''s, mine'")).isEqualTo(node("it's, mine"));
        assertThat(comment(dialect, "node=`a``b`")).isEqualTo(node("a`b"));
        assertThat(comment(dialect, "replica region=eu maxLag=500ms consistency=eventual"))
                .isEqualTo(new RoutingComment(
                        null,
                        NodeRole.REPLICA,
                        Consistency.eventual(),
                        Places.inRegion("eu"),
                        Duration.ofMillis(500),
                        null));
        assertThat(comment(dialect, "MAXLAG=1M,Region = 'eu west'"))
                .isEqualTo(
                        new RoutingComment(null, null, null, Places.inRegion("eu west"), Duration.ofMinutes(1), null));
        assertThat(comment(dialect, "tag=analytics zone=eu-1|eu-2 region='eu|us east'")
                        .places())
                .isEqualTo(new Places(List.of("analytics"), List.of("eu-1", "eu-2"), List.of("eu", "us east")));
        assertThat(comment(dialect, "maxLag=PT1.5S").maxLag()).isEqualTo(Duration.ofMillis(1500));
        assertThat(comment(dialect, "maxLag=pt2s").maxLag()).isEqualTo(Duration.ofSeconds(2));
    }

    @ParameterizedTest
    @CsvSource({
        "eventual, eventual",
        "readYourWrites, readYourWrites",
        "READYOURWRITES, readYourWrites",
        "session, session",
        "Strong, strong",
        "bounded(2s), bounded(PT2S)",
        "BOUNDED ( PT0.5S ), bounded(PT0.5S)",
        "bounded( 500 ms ), bounded(PT0.5S)",
    })
    void shouldReadEachLevelOfConsistency(String written, String level) {
        assertThat(comment(SqlDialect.POSTGRESQL, "consistency=" + written + " primary"))
                .isEqualTo(
                        new RoutingComment(null, NodeRole.PRIMARY, Consistency.valueOf(level), Places.ANY, null, null));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "select 1",
                "select '/*+ route: primary */'",
                "select 1 -- /*+ route: primary */",
                "select /* route: primary */ 1",
                "select /* + route: primary */ 1",
                "select /*+ SeqScan(t) */ 1",
                "select /*+ MAX_EXECUTION_TIME(1000) */ 1",
                "select /*+ INDEX(route idx) */ 1",
                "select /*+ QB_NAME(`route`) */ 1",
                "select /*+ Set(search_path \"route: primary\") */ 1",
                "select /*+ routes: primary */ 1",
                "select /*+*/ 1",
            })
    void shouldLeaveEverythingElseAlone(String sql) {
        assertThat(POSTGRESQL.classify(sql).comment()).isNull();
        assertThat(MYSQL.classify(sql).comment()).isNull();
    }

    @Test
    void shouldTakeACommentInQuotesOrInAnotherCommentForText() {
        assertThat(POSTGRESQL.classify("select $$/*+ route: primary */$$").comment())
                .isNull();
        assertThat(POSTGRESQL.classify("select $x$/*+ route: primary */$x$").comment())
                .isNull();
        assertThat(POSTGRESQL.classify("select E'\\'/*+ route: primary */'").comment())
                .isNull();
        assertThat(POSTGRESQL.classify("select \"/*+ route: primary */\"").comment())
                .isNull();
        assertThat(POSTGRESQL
                        .classify("select /* no /*+ route: primary */ */ 1")
                        .comment())
                .isNull();
        assertThat(MYSQL.classify("select \"/*+ route: primary */\"").comment()).isNull();
        assertThat(MYSQL.classify("select `/*+ route: primary */`").comment()).isNull();
        assertThat(MYSQL.classify("select '\\'/*+ route: primary */'").comment())
                .isNull();
        assertThat(MYSQL.classify("select 1 # /*+ route: primary */").comment()).isNull();
        assertThat(MYSQL.classify("select /* no /*+ route: primary */ 1").comment())
                .isNull();
        assertThat(MYSQL.classify("select /*! /*+ route: primary */ */ 1").comment())
                .isNull();
    }

    @Test
    void shouldReadWhatStoodBeforeATextBecameUnreadable() {
        StatementProfile profile = POSTGRESQL.classify("/*+ route: primary */ select 'x /*+ route: replica */");
        assertThat(profile.access()).isEqualTo(Access.UNKNOWN);
        assertThat(profile.comment()).isEqualTo(ON_PRIMARY);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "route primary | route | is not followed by a colon",
                "route = primary | route | is not followed by a colon",
                "SeqScan(t) route | route | is not followed by a colon",
                "route: | route: | is followed by nothing",
                "route: , | route: , | is followed by nothing",
                "route: main | main | is not known",
                "route: primary main | main | is not known",
                "route: primary=true | primary=true | is not known",
                "route: node | node | is not known",
                "route: bounded(2s) | bounded(2s) | is not known",
                "route: primary MAX_EXECUTION_TIME(1000) | MAX_EXECUTION_TIME(1000) | is not known",
                "route: node= | node= | has no value",
                "route: node=, primary | node= | has no value",
                "route: region='' | region='' | has no value",
                "route: region='eu | region='eu | has no value",
                "route: maxLag=soon | maxLag=soon | cannot be read",
                "route: maxLag=0s | maxLag=0s | cannot be read",
                "route: maxLag=-PT1S | maxLag=-PT1S | cannot be read",
                "route: maxLag=99999999999999999h | maxLag=99999999999999999h | cannot be read",
                "route: maxLag=P99999999999999999D | maxLag=P99999999999999999D | cannot be read",
                "route: consistency=some | consistency=some | cannot be read",
                "route: consistency=bounded | consistency=bounded | cannot be read",
                "route: consistency=bounded(0s) | consistency=bounded(0s) | cannot be read",
                "route: consistency=bounded(2s | consistency=bounded(2s | cannot be read",
                "route: consistency=eventual(2s) | consistency=eventual(2s) | cannot be read",
                "route: primary replica | replica | contradicts a hint before it",
                "route: node=r1 primary | primary | stands beside another hint that says where",
                "route: replica node=r1 | node=r1 | stands beside another hint that says where",
                "route: region=eu region=us | region=us | contradicts a hint before it",
            })
    void shouldSayWhatIsWrongWithAHint(String inside, String hint, String seen) {
        String sql = "select /*+ " + inside.trim() + " */ 1";
        RoutingComment.Defect defect = POSTGRESQL.classify(sql).comment().defect();
        assertThat(defect.hint()).isEqualTo(hint);
        assertThat(defect.seen()).isEqualTo(seen);
        assertThat(defect.place()).isEqualTo("character " + (sql.lastIndexOf(hint) + 1));
        assertThat(defect.needed()).isNotBlank();
        assertThat(MYSQL.classify(sql).access()).isIn(Access.READ, Access.UNKNOWN);
    }

    @Test
    void shouldSayOfTwoCommentsThatTheyContradictEachOther() {
        RoutingComment comment = POSTGRESQL
                .classify("/*+ route: primary */ select 1; /*+ route: replica */ select 2")
                .comment();
        assertThat(comment.defect().seen()).isEqualTo("contradicts a hint before it");
        assertThat(comment.defect().place()).isEqualTo("character 44");
    }

    @Test
    void shouldNotReadACommentWithinACommentOfItsOwn() {
        assertThat(POSTGRESQL
                        .classify("select /*+ route: primary /* for now */ */ 1")
                        .comment()
                        .defect()
                        .hint())
                .isEqualTo("/*");
    }

    @Test
    void shouldJoinWhatTheStatementsOfABatchAskFor() {
        RoutingComment region = new RoutingComment(null, null, null, Places.inRegion("eu"), null, null);
        assertThat(ON_PRIMARY.and(region))
                .isEqualTo(new RoutingComment(null, NodeRole.PRIMARY, null, Places.inRegion("eu"), null, null));
        assertThat(ON_PRIMARY.and(ON_PRIMARY)).isEqualTo(ON_PRIMARY);
        assertThat(ON_PRIMARY.and(node("r1")).defect().place()).isEqualTo("the batch");
        assertThat(region.and(new RoutingComment(null, null, null, Places.inRegion("us"), null, null))
                        .defect()
                        .seen())
                .isEqualTo("asks for different things in statements that are sent together");
        RoutingComment broken = comment(SqlDialect.POSTGRESQL, "main");
        assertThat(ON_PRIMARY.and(broken)).isSameAs(broken);
        assertThat(broken.and(ON_PRIMARY)).isSameAs(broken);
    }

    @Test
    void shouldKeepTheCommentOfATextThatWasLearntToWrite() {
        StatementProfiles profiles = StatementProfiles.of(POSTGRESQL, 10);
        profiles.learnWrite("select /*+ route: primary */ 1");
        assertThat(profiles.profile("select /*+ route: primary */ 1"))
                .returns(Access.WRITE, StatementProfile::access)
                .returns(ON_PRIMARY, StatementProfile::comment);
    }

    @Test
    void shouldReadAMultitudeOfCommentsInLinearTime() {
        String sql = "select " + "/*+route:node=x(*/".repeat(300_000) + " 1";
        assertThat(POSTGRESQL.classify(sql).comment()).isEqualTo(node("x("));
    }

    private static RoutingComment comment(SqlDialect dialect, String hints) {
        return SqlClassifier.forDialect(dialect)
                .classify("select /*+ route: " + hints + " */ 1")
                .comment();
    }

    private static RoutingComment node(String name) {
        return new RoutingComment(new NodeId(name), null, null, Places.ANY, null, null);
    }
}
