package io.github.r2dbcrouting.sql;

import io.github.r2dbcrouting.sql.Word.Keyword;
import io.github.r2dbcrouting.sql.Word.Position;

/**
 * The words of MySQL and MariaDB together. Where one of them lacks a function, a text that calls it fails there anyway. A
 * word that the grammar knows is never a stored function unless it is quoted or qualified.
 */
final class MysqlWords {

    private static final String AGGREGATES = """
            any_value avg bit_and bit_or bit_xor count group_concat grouping json_arrayagg json_objectagg max median
            min std stddev stddev_pop stddev_samp sum var_pop var_samp variance
            cume_dist dense_rank first_value lag last_value lead nth_value ntile percent_rank percentile_cont
            percentile_disc rank row_number rownum
            """;

    private static final String EXPRESSIONS = """
            cast coalesce convert decode_histogram decode_oracle default elt field find_in_set greatest if ifnull interval isnull least name_const
            nullif nvl nvl2 row strcmp
            """;

    private static final String NUMBERS = """
            abs acos asin atan atan2 bit_count ceil ceiling conv cos cot crc32 crc32c degrees exp floor ln log log10
            log2 mod oct pi pow power radians rand round sign sin sqrt tan truncate
            """;

    private static final String STRINGS = """
            aes_decrypt aes_encrypt ascii bin bit_length char char_length character_length charset chr coercibility
            collation compress concat concat_ws decode encode encrypt export_set extractvalue format from_base64 hex
            insert instr kdf lcase left length lengthb locate lower lpad ltrim make_set match md5 mid
            natural_sort_key octet_length ord password position quote random_bytes regexp_instr regexp_like
            regexp_replace regexp_substr repeat replace reverse right rpad rtrim sformat sha sha1 sha2 soundex space
            statement_digest statement_digest_text substr substring substring_index to_base64 to_char trim ucase
            uncompress uncompressed_length unhex updatexml upper weight_string
            bin_to_uuid is_uuid sys_guid uuid uuid_short uuid_to_bin
            """;

    private static final String DATES = """
            add_months adddate addtime convert_tz curdate current_date current_time current_timestamp curtime date
            date_add date_format date_sub datediff day dayname dayofmonth dayofweek dayofyear extract from_days
            from_unixtime get_format hour last_day localtime localtimestamp makedate maketime microsecond minute
            month monthname now period_add period_diff quarter sec_to_time second sleep str_to_date subdate subtime
            sysdate time time_format time_to_sec timediff timestamp timestampadd timestampdiff to_days to_seconds
            unix_timestamp utc_date utc_time utc_timestamp week weekday weekofyear year yearweek
            """;

    private static final String DOCUMENTS = """
            json_array json_array_append json_array_insert json_array_intersect json_compact json_contains
            json_contains_path json_depth json_detailed json_equals json_exists json_extract json_insert json_keys
            json_length json_loose json_merge json_merge_patch json_merge_preserve json_normalize json_object
            json_object_filter_keys json_object_to_array json_overlaps json_pretty json_query json_quote json_remove
            json_replace json_schema_valid json_schema_validation_report json_search json_set json_storage_free
            json_storage_size json_table json_type json_unquote json_valid json_value
            column_add column_check column_create column_delete column_exists column_get column_json column_list
            """;

    private static final String SHAPES_AND_NETWORKS = """
            geometrycollection linestring multilinestring multipoint multipolygon point polygon
            st_area st_asbinary st_asgeojson st_astext st_aswkb st_aswkt st_boundary st_buffer st_centroid
            st_contains st_convexhull st_crosses st_difference st_dimension st_disjoint st_distance
            st_distance_sphere st_endpoint st_envelope st_equals st_exteriorring st_geohash st_geomfromgeojson
            st_geomfromtext st_geomfromwkb st_geometryn st_geometrytype st_interiorringn st_intersection
            st_intersects st_isclosed st_isempty st_issimple st_isvalid st_latfromgeohash st_latitude st_length
            st_linefromtext st_longfromgeohash st_longitude st_makeenvelope st_numgeometries st_numinteriorrings
            st_numpoints st_overlaps st_pointfromgeohash st_pointfromtext st_pointn st_polygonfromtext st_simplify
            st_srid st_startpoint st_swapxy st_symdifference st_touches st_transform st_union st_within st_x st_y
            area asbinary asgeojson astext aswkb aswkt boundary buffer centroid contains convexhull crosses dimension
            disjoint endpoint envelope equals exteriorring geomcollfromtext geomcollfromwkb geometryfromtext
            geometryfromwkb geometryn geometrytype geomfromtext geomfromwkb glength interiorringn intersects isclosed
            isempty isring issimple linefromtext linefromwkb mlinefromtext mlinefromwkb mpointfromtext mpointfromwkb
            mpolyfromtext mpolyfromwkb numgeometries numinteriorrings numpoints overlaps pointfromtext pointfromwkb
            pointn pointonsurface polyfromtext polyfromwkb polygonfromwkb srid startpoint st_geomcollfromtext
            st_geometryfromtext st_isring st_pointonsurface st_relate touches within x y
            mbrcontains mbrcoveredby mbrcovers mbrdisjoint mbrequals mbrintersects mbroverlaps mbrtouches mbrwithin
            inet6_aton inet6_ntoa inet_aton inet_ntoa is_ipv4 is_ipv4_compat is_ipv4_mapped is_ipv6
            """;

    private static final String SERVER = """
            analyse benchmark connection_id current_role current_user database format_bytes format_pico_time gtid_subset
            gtid_subtract icu_version schema session_user system_user user version
            """;

    private static final String TYPES = """
            binary bit datetime dec decimal double fixed float int integer nchar numeric real varbinary varchar
            bigint mediumint smallint tinyint
            """;

    static final Vocabulary VOCABULARY = new Vocabulary.Builder()
            .verbs(Verb.QUERY, "do select values table with")
            .verbs(Verb.SHOW, "checksum help show")
            .verbs(Verb.EXPLAIN, "explain describe desc")
            .verbs(Verb.CHANGE, "insert update delete replace")
            .verbs(Verb.CREATE, "create")
            .verbs(Verb.SCHEMA, "alter drop import install rename uninstall")
            .verbs(Verb.DEFINE, "binlog clone kill purge resignal restart restore shutdown signal")
            .verbs(Verb.DEFINE_ALONE, "analyze cache change check grant optimize repair reset revoke stop truncate")
            .verbs(Verb.LOCK_ALONE, "backup flush lock unlock")
            .verbs(Verb.BEGIN, "begin")
            .verbs(Verb.START, "start")
            .verbs(Verb.END, "commit rollback")
            .verbs(Verb.SAVEPOINT, "release savepoint")
            .verbs(Verb.PREPARE, "prepare")
            .verbs(Verb.SET, "set")
            .verbs(Verb.SESSION, "deallocate get handler use")
            .verbs(Verb.ANYTHING, "call execute load")
            .verbs(Verb.DISTRIBUTED, "xa")
            .keywords(Keyword.CLAUSE, "group having limit order returning union where window")
            .keywords(Keyword.JOIN, "straight_join")
            .keywords(Keyword.DIAGNOSTICS, "errors profile profiles warnings")
            .keywords(Keyword.MODIFIER, "delayed high_priority ignore low_priority")
            .keywords(Keyword.ROUTINE, "event function package procedure trigger")
            .positions(Position.RESERVED, """
                    against all and any as between by case collate columns cross cube distinct distinctrow div else end
                    except exists for force from group having in index intersect into is join key lateral like limit
                    minus not of offset on or order over partition regexp rlike rollup select separator some
                    straight_join then to union use using value values when where with within xor
                    """)
            .functions(Effect.NONE, AGGREGATES)
            .functions(Effect.NONE, EXPRESSIONS)
            .functions(Effect.NONE, NUMBERS)
            .functions(Effect.NONE, STRINGS)
            .functions(Effect.NONE, DATES)
            .functions(Effect.NONE, DOCUMENTS)
            .functions(Effect.NONE, SHAPES_AND_NETWORKS)
            .functions(Effect.NONE, SERVER)
            .functions(Effect.NONE, TYPES)
            .functions(Effect.WRITES, "nextval setval")
            .functions(Effect.HOLDS, "get_lock release_lock release_all_locks")
            .functions(Effect.LOCAL, """
                    found_rows last_insert_id lastval row_count identity last_gtid insert_id warning_count error_count
                    is_free_lock is_used_lock load_file binlog_gtid_pos master_gtid_wait master_pos_wait
                    source_pos_wait wait_for_executed_gtid_set wsrep_last_seen_gtid wsrep_last_written_gtid
                    """)
            .build();

    private MysqlWords() {}
}
