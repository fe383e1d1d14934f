package io.github.r2dbcrouting.dialect;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.r2dbcrouting.dialect.postgresql.PostgresqlDialect;
import io.github.r2dbcrouting.error.SecretUnavailableException;
import io.github.r2dbcrouting.topology.NodeId;
import io.github.r2dbcrouting.topology.NodeProblem;
import io.r2dbc.spi.R2dbcPermissionDeniedException;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** What the error of a probe says of its node. */
class FailedProbeTests {

    @Test
    void shouldNotTakeAWantOfSecretsForAnAnswerOfTheNode() {
        Throwable error = new SecretUnavailableException(
                new NodeId("db1"), Duration.ofSeconds(1), new IllegalStateException("the vault is sealed"));
        NodeProblem problem = problem(error);

        assertThat(problem.kind()).isEqualTo(NodeProblem.Kind.UNASKED);
        assertThat(problem)
                .hasToString("was not connected to, for want of a password or TLS material, needed one from its"
                        + " supplier within 1000 ms; look at the supplier, whose error is the cause");
    }

    @Test
    void shouldTakeARefusalForAnAnswer() {
        assertThat(problem(new R2dbcPermissionDeniedException("wrong password", "28P01"))
                        .kind())
                .isEqualTo(NodeProblem.Kind.REFUSING);
    }

    private static NodeProblem problem(Throwable error) {
        return FailedProbe.problem(error, new PostgresqlDialect().kindOf(error));
    }
}
