package io.github.r2dbcrouting.dialect.postgresql;

import io.github.r2dbcrouting.sql.FunctionCatalog;
import io.r2dbc.spi.Row;
import java.util.Arrays;
import java.util.Objects;
import java.util.stream.Stream;

/** What PostgreSQL says of its functions, in a few long rows instead of thousands of short ones. */
final class PostgresqlFunctions {

    /**
     * An aggregate is as volatile as what it calls: its own volatility says nothing. Procedures are left out, since only CALL
     * runs them, and so is what no statement can call.
     */
    static final String SQL = """
            SELECT built_in, harmless, array_agg(name) AS names FROM (
              SELECT p.proname::text AS name, n.nspname = 'pg_catalog' AS built_in,
                bool_and(p.provolatile <> 'v' AND v.oid IS NULL) AS harmless
              FROM pg_catalog.pg_proc p
              JOIN pg_catalog.pg_namespace n ON n.oid = p.pronamespace
              LEFT JOIN pg_catalog.pg_aggregate a ON a.aggfnoid = p.oid
              LEFT JOIN LATERAL (
                SELECT f.oid FROM pg_catalog.pg_proc f
                WHERE p.prokind = 'a' AND f.provolatile = 'v' AND f.oid IN (a.aggtransfn, a.aggfinalfn, a.aggcombinefn,
                  a.aggserialfn, a.aggdeserialfn, a.aggmtransfn, a.aggminvtransfn, a.aggmfinalfn)
                LIMIT 1) v ON true
              WHERE p.prokind IN ('f', 'w', 'a') AND NOT 'internal'::regtype = ANY (p.proargtypes)
              GROUP BY 1, 2) AS f
            GROUP BY 1, 2""";

    private PostgresqlFunctions() {}

    static Stream<FunctionCatalog.Entry> read(Row row) {
        boolean builtIn = Boolean.TRUE.equals(row.get("built_in", Boolean.class));
        boolean harmless = Boolean.TRUE.equals(row.get("harmless", Boolean.class));
        return Arrays.stream(Objects.requireNonNull(row.get("names", String[].class)))
                .map(name -> new FunctionCatalog.Entry(name, builtIn, harmless));
    }
}
