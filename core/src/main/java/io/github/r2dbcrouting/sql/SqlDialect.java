package io.github.r2dbcrouting.sql;

/** The lexical rules by which a text is read. */
public enum SqlDialect {
    POSTGRESQL,
    MYSQL,
    MARIADB
}
