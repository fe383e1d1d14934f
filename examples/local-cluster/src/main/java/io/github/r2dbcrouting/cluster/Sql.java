package io.github.r2dbcrouting.cluster;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.ResultSetMetaData;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Administrative statements over JDBC. */
final class Sql {

    private Sql() {}

    static void execute(Connection connection, String sql) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    /** Returns every row as text; SQL's NULL is {@code null}. */
    static List<List<@Nullable String>> query(Connection connection, String sql) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet result = statement.executeQuery(sql)) {
            int columns = result.getMetaData().getColumnCount();
            List<List<@Nullable String>> rows = new ArrayList<>();
            while (result.next()) {
                List<@Nullable String> row = new ArrayList<>();
                for (int column = 1; column <= columns; column++) {
                    row.add(result.getString(column));
                }
                rows.add(row);
            }
            return rows;
        }
    }

    /** Returns the only value of a query that has exactly one, which is not NULL. */
    static String value(Connection connection, String sql) throws SQLException {
        String value = query(connection, sql).get(0).get(0);
        if (value == null) {
            throw new SQLException("NULL from " + sql);
        }
        return value;
    }

    /** Returns the first row of a query by the names of its columns, empty if there is none; NULL is an empty text. */
    static Map<String, String> row(Connection connection, String sql) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet result = statement.executeQuery(sql)) {
            Map<String, String> row = new HashMap<>();
            if (result.next()) {
                ResultSetMetaData columns = result.getMetaData();
                for (int column = 1; column <= columns.getColumnCount(); column++) {
                    String value = result.getString(column);
                    row.put(columns.getColumnLabel(column), value == null ? "" : value);
                }
            }
            return row;
        }
    }

    /** Like {@link #value}, for conditions. */
    static String first(Connection connection, String sql) {
        try {
            return value(connection, sql);
        } catch (SQLException e) {
            throw new LocalClusterException("Failed: " + sql + ": " + e.getMessage(), e);
        }
    }

    /** Whether a query's only value is 1, for conditions. */
    static boolean isOne(Connection connection, String sql) {
        return first(connection, sql).equals("1");
    }
}
