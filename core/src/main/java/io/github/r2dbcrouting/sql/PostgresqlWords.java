package io.github.r2dbcrouting.sql;

import io.github.r2dbcrouting.sql.Word.Keyword;
import io.github.r2dbcrouting.sql.Word.Position;

/**
 * The words of PostgreSQL. A function is listed as harmless if {@code pg_proc} of PostgreSQL 18 has only stable and
 * immutable ones of that name, or if a volatile one changes nothing and a replica executes it. What is not listed is for the
 * server's catalogue to tell. Functions that take SQL as text ({@code query_to_xml}, {@code ts_stat}, {@code ts_rewrite}) are
 * volatile there, and so unknown, and so are those that only an upgrade of the server calls.
 */
final class PostgresqlWords {

    private static final String AGGREGATES = """
            any_value array_agg avg bit_and bit_or bit_xor bool_and bool_or corr count covar_pop covar_samp every
            json_agg json_agg_strict json_arrayagg json_object_agg json_object_agg_strict json_object_agg_unique
            json_object_agg_unique_strict json_objectagg jsonb_agg jsonb_agg_strict jsonb_object_agg
            jsonb_object_agg_strict jsonb_object_agg_unique jsonb_object_agg_unique_strict max min mode
            percentile_cont percentile_disc range_agg range_intersect_agg regr_avgx regr_avgy regr_count
            regr_intercept regr_r2 regr_slope regr_sxx regr_sxy regr_syy stddev stddev_pop stddev_samp string_agg
            sum var_pop var_samp variance xmlagg
            cume_dist dense_rank first_value lag last_value lead nth_value ntile percent_rank rank row_number
            grouping rollup cube
            """;

    private static final String EXPRESSIONS = """
            cast coalesce extract greatest least normalize nullif overlay position row substring treat trim
            num_nonnulls num_nulls pg_typeof
            """;

    private static final String NUMBERS = """
            abs acos acosd acosh asin asind asinh atan atan2 atan2d atand atanh cbrt ceil ceiling cos cosd cosh cot
            cotd degrees div erf erfc exp factorial floor gamma gcd lcm lgamma ln log log10 min_scale mod pi pow
            power radians random random_normal round scale sign sin sind sinh sqrt tan tand tanh trim_scale trunc
            width_bucket
            """;

    private static final String STRINGS = """
            ascii bit_count bit_length btrim casefold char_length character_length chr concat concat_ws convert
            convert_from convert_to crc32 crc32c decode encode format get_bit get_byte initcap is_normalized left
            length like lower lpad ltrim md5 octet_length parse_ident quote_ident quote_literal quote_nullable
            regexp_count regexp_instr regexp_like regexp_match regexp_matches regexp_replace regexp_split_to_array
            regexp_split_to_table regexp_substr repeat replace reverse right rpad rtrim set_bit set_byte sha224
            sha256 sha384 sha512 split_part starts_with string_to_array string_to_table strpos substr to_ascii
            to_bin to_hex to_oct translate unicode_assigned unistr upper
            gen_random_uuid uuid_extract_timestamp uuid_extract_version uuidv4 uuidv7
            """;

    private static final String DATES = """
            age clock_timestamp current_time current_timestamp date_add date_bin date_part date_subtract date_trunc
            isfinite justify_days justify_hours justify_interval localtime localtimestamp make_date make_interval
            make_time make_timestamp make_timestamptz now pg_sleep pg_sleep_for pg_sleep_until statement_timestamp
            timeofday timezone to_char to_date to_number to_timestamp transaction_timestamp
            """;

    private static final String ARRAYS_AND_RANGES = """
            array_append array_cat array_dims array_fill array_length array_lower array_ndims array_position
            array_positions array_prepend array_remove array_replace array_reverse array_sample array_shuffle
            array_sort array_to_json array_to_string array_upper cardinality enum_first enum_last enum_range
            generate_series generate_subscripts trim_array unnest
            datemultirange daterange int4multirange int4range int8multirange int8range isempty lower_inc lower_inf
            multirange nummultirange numrange range_merge tsmultirange tsrange tstzmultirange tstzrange upper_inc
            upper_inf
            """;

    private static final String DOCUMENTS = """
            json json_array json_array_elements json_array_elements_text json_array_length json_build_array
            json_build_object json_each json_each_text json_exists json_extract_path json_extract_path_text
            json_object json_object_keys json_populate_record json_populate_recordset json_query json_scalar
            json_serialize json_strip_nulls json_table json_to_record json_to_recordset json_typeof json_value
            jsonb_array_elements jsonb_array_elements_text jsonb_array_length jsonb_build_array jsonb_build_object
            jsonb_each jsonb_each_text jsonb_extract_path jsonb_extract_path_text jsonb_insert jsonb_object
            jsonb_object_keys jsonb_path_exists jsonb_path_exists_tz jsonb_path_match jsonb_path_match_tz
            jsonb_path_query jsonb_path_query_array jsonb_path_query_array_tz jsonb_path_query_first
            jsonb_path_query_first_tz jsonb_path_query_tz jsonb_populate_record jsonb_populate_record_valid
            jsonb_populate_recordset jsonb_pretty jsonb_set jsonb_set_lax jsonb_strip_nulls jsonb_to_record
            jsonb_to_recordset jsonb_typeof row_to_json to_json to_jsonb
            xml_is_well_formed xml_is_well_formed_content xml_is_well_formed_document xmlattributes xmlcomment
            xmlconcat xmlelement xmlexists xmlforest xmlparse xmlpi xmlroot xmlserialize xmltable xpath xpath_exists
            array_to_tsvector get_current_ts_config json_to_tsvector jsonb_to_tsvector numnode phraseto_tsquery
            plainto_tsquery querytree setweight strip to_tsquery to_tsvector ts_delete ts_filter ts_headline ts_rank
            ts_rank_cd tsquery_phrase tsvector_to_array websearch_to_tsquery
            """;

    private static final String SHAPES_AND_NETWORKS = """
            area box center circle diagonal diameter height isclosed isopen line lseg npoints path pclose point
            polygon popen radius slope width
            abbrev broadcast family host hostmask inet_merge inet_same_family masklen netmask network set_masklen
            macaddr8_set7bit text
            """;

    private static final String SERVER = """
            col_description current_catalog current_database current_query current_schema current_schemas
            current_setting current_user format_type has_any_column_privilege has_column_privilege
            has_database_privilege has_function_privilege has_language_privilege has_parameter_privilege
            has_schema_privilege has_sequence_privilege has_server_privilege has_table_privilege
            has_tablespace_privilege has_type_privilege inet_client_addr inet_client_port inet_server_addr
            inet_server_port obj_description pg_backend_pid pg_char_to_encoding pg_client_encoding
            pg_collation_for pg_collation_is_visible pg_column_compression pg_column_is_updatable pg_column_size
            pg_conf_load_time pg_database_size pg_describe_object pg_encoding_to_char pg_function_is_visible
            pg_get_constraintdef pg_get_expr pg_get_function_arguments pg_get_function_identity_arguments
            pg_get_function_result pg_get_functiondef pg_get_indexdef pg_get_keywords pg_get_partition_constraintdef
            pg_get_partkeydef pg_get_ruledef pg_get_serial_sequence pg_get_statisticsobjdef pg_get_triggerdef
            pg_get_userbyid pg_get_viewdef pg_has_role pg_indexes_size pg_input_error_info pg_input_is_valid
            pg_is_in_recovery pg_is_wal_replay_paused pg_last_wal_receive_lsn pg_last_wal_replay_lsn
            pg_last_xact_replay_timestamp pg_my_temp_schema pg_partition_ancestors pg_partition_root
            pg_partition_tree pg_postmaster_start_time pg_relation_filenode pg_relation_is_updatable
            pg_relation_size pg_sequence_parameters pg_size_bytes pg_size_pretty pg_table_is_visible pg_table_size
            pg_tablespace_location pg_tablespace_size pg_timezone_names pg_total_relation_size pg_trigger_depth
            pg_type_is_visible pg_wal_lsn_diff row_security_active session_user shobj_description system_user
            to_regclass to_regcollation to_regnamespace to_regoper to_regoperator to_regproc to_regprocedure
            to_regrole to_regtype to_regtypemod version bernoulli system
            """;

    /** What administrators look at: volatile, but nothing is changed, and a replica tells of itself. */
    private static final String MONITORING = """
            amvalidate currtid2 pg_available_wal_summaries pg_blocking_pids pg_collation_actual_version
            pg_control_checkpoint pg_control_init pg_control_recovery pg_control_system
            pg_database_collation_actual_version pg_get_aios pg_get_backend_memory_contexts pg_get_loaded_modules
            pg_get_multixact_members pg_get_sequence_data pg_get_shmem_allocations pg_get_shmem_allocations_numa
            pg_get_wait_events pg_get_wal_replay_pause_state pg_get_wal_resource_managers pg_get_wal_summarizer_state
            pg_isolation_test_session_is_blocked pg_jit_available pg_last_committed_xact pg_lock_status
            pg_notification_queue_usage pg_prepared_xact pg_safe_snapshot_blocking_pids pg_sequence_last_value
            pg_show_replication_origin_status pg_stat_get_backend_io pg_stat_get_backend_wal pg_stat_get_io
            pg_stat_get_recovery_prefetch pg_stat_have_stats pg_wal_summary_contents pg_xact_commit_timestamp
            pg_xact_commit_timestamp_origin pg_xact_status txid_status
            """;

    /** What maintains the server or tables, which a replica cannot do or which is meant for the primary. */
    private static final String MAINTENANCE = """
            brin_desummarize_range brin_summarize_new_values brin_summarize_range gin_clean_pending_list
            pg_clear_attribute_stats pg_clear_relation_stats pg_copy_logical_replication_slot
            pg_copy_physical_replication_slot pg_create_logical_replication_slot pg_create_physical_replication_slot
            pg_drop_replication_slot pg_extension_config_dump pg_import_system_collations pg_nextoid
            pg_logical_slot_get_binary_changes pg_logical_slot_get_changes pg_logical_slot_peek_binary_changes
            pg_logical_slot_peek_changes pg_replication_origin_advance pg_replication_origin_create
            pg_replication_origin_drop pg_replication_origin_xact_reset pg_replication_origin_xact_setup
            pg_replication_slot_advance pg_restore_attribute_stats pg_restore_relation_stats
            pg_stop_making_pinned_objects pg_sync_replication_slots
            """;

    /** Files, statistics and processes of one node. */
    private static final String OF_ONE_NODE = """
            pg_backup_start pg_backup_stop pg_cancel_backend pg_create_restore_point pg_current_logfile
            pg_current_wal_flush_lsn pg_current_wal_insert_lsn pg_current_wal_lsn pg_export_snapshot
            pg_hba_file_rules pg_ident_file_mappings pg_log_backend_memory_contexts pg_log_standby_snapshot
            pg_ls_archive_statusdir pg_ls_dir pg_ls_logdir pg_ls_logicalmapdir pg_ls_logicalsnapdir
            pg_ls_replslotdir pg_ls_summariesdir pg_ls_tmpdir pg_ls_waldir pg_promote pg_read_binary_file
            pg_read_file pg_reload_conf pg_rotate_logfile pg_show_all_file_settings pg_stat_file pg_stat_reset
            pg_stat_reset_backend_stats pg_stat_reset_replication_slot pg_stat_reset_shared
            pg_stat_reset_single_function_counters pg_stat_reset_single_table_counters pg_stat_reset_slru
            pg_stat_reset_subscription_stats pg_switch_wal pg_terminate_backend pg_wal_replay_pause
            pg_wal_replay_resume pg_walfile_name pg_walfile_name_offset
            """;

    /** What the session or its transaction has or did. */
    private static final String OF_ONE_SESSION = """
            currval cursor_to_xml cursor_to_xmlschema lastval lo_close lo_export lo_get lo_lseek lo_lseek64 lo_open
            lo_tell lo_tell64 loread pg_replication_origin_progress pg_replication_origin_session_is_setup
            pg_replication_origin_session_progress pg_stat_get_xact_blocks_fetched pg_stat_get_xact_blocks_hit
            pg_stat_get_xact_function_calls pg_stat_get_xact_function_self_time
            pg_stat_get_xact_function_total_time pg_stat_get_xact_numscans pg_stat_get_xact_tuples_deleted
            pg_stat_get_xact_tuples_fetched pg_stat_get_xact_tuples_hot_updated
            pg_stat_get_xact_tuples_inserted pg_stat_get_xact_tuples_newpage_updated
            pg_stat_get_xact_tuples_returned pg_stat_get_xact_tuples_updated
            """;

    /** Types stand before a parenthesis with their precision, or as a cast in the form of a function. */
    private static final String TYPES = """
            bit bool bpchar char character date dec decimal float float4 float8 int2 int4 int8 interval
            national nchar numeric time timestamp timestamptz timetz varbit varchar varying
            """;

    static final Vocabulary VOCABULARY = new Vocabulary.Builder()
            .verbs(Verb.QUERY, "select values table with")
            .verbs(Verb.SHOW, "show")
            .verbs(Verb.EXPLAIN, "explain")
            .verbs(Verb.CHANGE, "insert update delete merge")
            .verbs(Verb.CREATE, "create")
            .verbs(Verb.SCHEMA, "alter drop import")
            .verbs(Verb.DEFINE, """
                    analyse analyze checkpoint cluster comment copy grant reassign refresh reindex revoke security
                    truncate vacuum
                    """)
            .verbs(Verb.LOCK, "lock")
            .verbs(Verb.BEGIN, "begin")
            .verbs(Verb.START, "start")
            .verbs(Verb.END, "abort commit end rollback")
            .verbs(Verb.SAVEPOINT, "release savepoint")
            .verbs(Verb.PREPARE, "prepare")
            .verbs(Verb.SET, "set")
            .verbs(Verb.SESSION, "close deallocate declare discard fetch move reset")
            .verbs(Verb.ANYTHING, "call do execute listen load notify unlisten")
            .keywords(Keyword.ANALYZE, "analyse")
            .keywords(Keyword.CLAUSE, "group having limit order returning union where window")
            .keywords(Keyword.TEMPORARY, "temp pg_temp")
            .keywords(Keyword.TRANSACTION, "transaction_deferrable transaction_isolation transaction_read_only")
            .positions(Position.RESERVED, "default exists except group only order table variadic window with")
            .positions(Position.PREFIX, """
                    all and any array as between case distinct else from having in intersect lateral like limit not
                    offset on or returning select some then to union using values when where
                    """)
            .positions(Position.INFIX, """
                    by columns escape filter first ilike join next operator over overlaps passing repeatable sets similar zone
                    """)
            .positions(Position.CHANGE, "conflict insert set")
            .functions(Effect.NONE, AGGREGATES)
            .functions(Effect.NONE, EXPRESSIONS)
            .functions(Effect.NONE, NUMBERS)
            .functions(Effect.NONE, STRINGS)
            .functions(Effect.NONE, DATES)
            .functions(Effect.NONE, ARRAYS_AND_RANGES)
            .functions(Effect.NONE, DOCUMENTS)
            .functions(Effect.NONE, SHAPES_AND_NETWORKS)
            .functions(Effect.NONE, SERVER)
            .functions(Effect.NONE, MONITORING)
            .functions(Effect.NONE, TYPES)
            .functions(Effect.WRITES, """
                    nextval setval pg_notify pg_current_xact_id txid_current pg_logical_emit_message
                    lo_creat lo_create lo_from_bytea lo_import lo_put lo_truncate lo_truncate64 lo_unlink lowrite
                    """)
            .functions(Effect.LOCKS, """
                    pg_advisory_xact_lock pg_advisory_xact_lock_shared pg_try_advisory_xact_lock
                    pg_try_advisory_xact_lock_shared
                    """)
            .functions(Effect.HOLDS, """
                    pg_advisory_lock pg_advisory_lock_shared pg_advisory_unlock pg_advisory_unlock_all
                    pg_advisory_unlock_shared pg_try_advisory_lock pg_try_advisory_lock_shared
                    """)
            .functions(Effect.WRITES, MAINTENANCE)
            .functions(Effect.SETS, """
                    set_config setseed pg_stat_clear_snapshot pg_stat_force_next_flush
                    pg_replication_origin_session_reset pg_replication_origin_session_setup
                    """)
            .functions(Effect.LOCAL, OF_ONE_NODE)
            .functions(Effect.LOCAL, OF_ONE_SESSION)
            .build();

    private PostgresqlWords() {}
}
