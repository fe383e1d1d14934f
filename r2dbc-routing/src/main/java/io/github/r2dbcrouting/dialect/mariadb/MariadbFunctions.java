package io.github.r2dbcrouting.dialect.mariadb;

import io.github.r2dbcrouting.sql.FunctionCatalog;
import io.r2dbc.spi.Row;
import java.util.Locale;
import java.util.Objects;

/** What MariaDB says of the stored functions that the user may see; it has the built-in ones in no table. */
final class MariadbFunctions {

    /**
     * A function that says only {@code CONTAINS SQL} has said nothing, since that is what the server writes down for it, and may
     * do anything.
     */
    static final String SQL = "SELECT routine_name AS name, sql_data_access IN ('NO SQL', 'READS SQL DATA') AS harmless"
            + " FROM information_schema.routines WHERE routine_type = 'FUNCTION'";

    private MariadbFunctions() {}

    static FunctionCatalog.Entry read(Row row) {
        Number harmless = (Number) Objects.requireNonNull(row.get("harmless"));
        return new FunctionCatalog.Entry(
                Objects.requireNonNull(row.get("name", String.class)).toLowerCase(Locale.ROOT),
                false,
                harmless.intValue() != 0);
    }
}
