# The traps of values_test.sh, to be sourced by it.

TRAPS=(
  bits_keep_their_place
  enum_ordinal_0_is_not_the_member_empty_string
  members_keep_their_meaning_in_another_charset
  members_in_wide_charsets_keep_their_number
  set_keeps_member_64
  unsigned_is_unsigned
  auto_increment_0_is_no_new_id
  zero_and_partial_dates_stay
  timestamps_keep_their_moment_in_the_repeated_hour
  timestamps_from_1970_to_their_last_second
  negative_times_keep_their_fraction
  #  whole_seconds_in_the_old_format_are_read
  year_0_is_not_2000
  decimals_keep_every_digit
  floats_keep_every_bit_and_can_be_keys
  binary_keys_keep_their_trailing_zeros
  char_is_not_padded
  nul_bytes_do_not_end_a_value
  values_beyond_a_packet_are_not_put_together
  json_doubles_keep_every_bit
  json_keeps_types_that_have_no_text
  json_updates_in_part_are_applied
  json_of_mariadb_is_its_text
  geometries_keep_srid_and_axes
  vectors_uuids_and_addresses_keep_their_bytes
  quoting_does_not_depend_on_sql_mode
)

bits_keep_their_place() {
  table bits "a BIT(1), b BIT(12), c BIT(33), d BIT(64)" "0, 0, b'1', 0" "1, 0x801, 0x1FFFFFFFF, 0xFFFFFFFFFFFFFFFF" \
    "1, 0x100, 0x100000000, 0x8000000000000000" "NULL, NULL, NULL, NULL"
  values_are bits 'HEX(c + 0)' 1,1FFFFFFFF,100000000,NULL
  values_are bits 'CONCAT(a + 0, HEX(b + 0), HEX(d + 0))' 000,1801FFFFFFFFFFFFFFFF,11008000000000000000,NULL
  rows "CREATE TABLE bit_key (k BIT(33) PRIMARY KEY, v INT); INSERT INTO bit_key VALUES (1, 1), (0x1FFFFFFFF, 2), (0x100000000, 3);"
  changes "UPDATE bit_key SET v = v + 10; DELETE FROM bit_key WHERE k = 1; UPDATE bit_key SET k = 0x1FFFFFFFE WHERE k = 0x1FFFFFFFF;"
}

enum_ordinal_0_is_not_the_member_empty_string() {
  table enums "e ENUM('a','','b'), n ENUM('1','0','2') NOT NULL" "'zzz', 'zzz'" "'', '0'" "'b', '1'" "NULL, '2'"
  values_are enums "CONCAT(e + 0, ':', HEX(e), ':', n + 0)" 0::0,2::2,3:62:1,NULL
  rows "CREATE TABLE enum_key (k ENUM('a','','b') PRIMARY KEY, v INT); INSERT INTO enum_key VALUES ('zzz', 1), ('', 2), ('b', 3);"
  changes "UPDATE enum_key SET v = v + 10; DELETE FROM enum_key WHERE k + 0 = 2; UPDATE enum_key SET k = '' WHERE k + 0 = 0;"
}

members_keep_their_meaning_in_another_charset() {
  table members "e ENUM('programmée','x') CHARACTER SET latin1, s SET('é','ß') CHARACTER SET latin1" \
    "'programmée', 'é'" "'x', 'é,ß'" "NULL, ''"
  values_are members "CONCAT(e + 0, HEX(e), ' ', s + 0, HEX(s))" '170726F6772616D6DE965 1E9,278 3E92CDF,NULL'
}

# A digit is one byte to LOAD DATA, and half a character there.
members_in_wide_charsets_keep_their_number() {
  table wide_members "e ENUM('é','中') CHARACTER SET utf16, s SET('é','中') CHARACTER SET utf16, f ENUM('x','1') CHARACTER SET ucs2" \
    "'中', '中,é', '1'" "'é', '', 'x'" "'none', '中', NULL"
  values_are wide_members "CONCAT_WS(' ', e + 0, HEX(e), s + 0, HEX(s), f + 0)" '2 4E2D 3 00E9002C4E2D 2,1 00E9 0  1,0  2 4E2D'
}

set_keeps_member_64() {
  local members
  members=$(printf "'m%d'," {1..64})
  table sets "s SET(${members%,})" 9223372036854775808 18446744073709551615 1 0 NULL
  values_are sets 'CAST(s AS UNSIGNED)' 9223372036854775808,18446744073709551615,1,0,NULL
  values_are sets 'LEFT(s, 6)' 'm64,m1,m2,,m1,,NULL'
}

unsigned_is_unsigned() {
  table unsigneds "a TINYINT UNSIGNED, b SMALLINT UNSIGNED, c MEDIUMINT UNSIGNED, d INT UNSIGNED, e BIGINT UNSIGNED" \
    '255, 65535, 16777215, 4294967295, 18446744073709551615' '128, 32768, 8388608, 2147483648, 9223372036854775808' '127, 0, 0, 1, 9223372036854775807'
  values_are unsigneds "CONCAT_WS(' ', a, b, c, d, e)" \
    '255 65535 16777215 4294967295 18446744073709551615,128 32768 8388608 2147483648 9223372036854775808,127 0 0 1 9223372036854775807'
  rows "CREATE TABLE unsigned_key (k BIGINT UNSIGNED PRIMARY KEY, v INT);
    INSERT INTO unsigned_key VALUES (18446744073709551615, 1), (9223372036854775808, 2), (9223372036854775807, 3), (0, 4);"
  changes "UPDATE unsigned_key SET v = v + 10; DELETE FROM unsigned_key WHERE v = 12; UPDATE unsigned_key SET k = k - 1 WHERE v = 11;"
}

auto_increment_0_is_no_new_id() {
  rows "CREATE TABLE zero (k INT AUTO_INCREMENT PRIMARY KEY, v INT); INSERT INTO zero VALUES (0, 1), (-5, 2), (7, 3);
    CREATE TABLE zero_later (k BIGINT AUTO_INCREMENT PRIMARY KEY, v INT); INSERT INTO zero_later VALUES (9, 1);"
  changes "UPDATE zero SET v = v + 10; DELETE FROM zero WHERE k = -5; UPDATE zero SET k = -1 WHERE k = 0; INSERT INTO zero VALUES (0, 4);
    INSERT INTO zero_later VALUES (0, 2); UPDATE zero_later SET v = 3 WHERE k = 0;"
  [[ $STAGE != copied ]] || fact -5:2,0:1,7:3 "SELECT GROUP_CONCAT(k, ':', v ORDER BY k) FROM zero"
  [[ $STAGE != synced ]] || fact -1:11,0:4,7:13 "SELECT GROUP_CONCAT(k, ':', v ORDER BY k) FROM zero"
  [[ $STAGE != synced ]] || fact 0:3,9:1 "SELECT GROUP_CONCAT(k, ':', v ORDER BY k) FROM zero_later"
}

zero_and_partial_dates_stay() {
  table dates "d DATE, t DATETIME(3), s TIMESTAMP NULL" "'0000-00-00', '0000-00-00', '0000-00-00'" \
    "'2024-00-10', '2024-00-10 01:02:03.004', NULL" "'2024-02-31', '2024-02-31 23:59:59.999', '2024-02-29'" \
    "'0000-01-00', '0000-00-01', '0000-00-00'" "NULL, NULL, NULL"
  values_are dates d 0000-00-00,2024-00-10,2024-02-31,0000-01-00,NULL
  values_are dates t '0000-00-00 00:00:00.000,2024-00-10 01:02:03.004,2024-02-31 23:59:59.999,0000-00-01 00:00:00.000,NULL'
  values_are dates s '0000-00-00 00:00:00,NULL,2024-02-29 00:00:00,0000-00-00 00:00:00,NULL'
  rows "CREATE TABLE date_key (k DATE, k2 DATETIME, v INT, PRIMARY KEY (k, k2));
    INSERT INTO date_key VALUES ('0000-00-00', '0000-00-00', 1), ('2024-00-10', '2024-02-31', 2), ('2024-02-31', '2024-02-31', 3);"
  changes "UPDATE date_key SET v = v + 10; DELETE FROM date_key WHERE v = 12; UPDATE date_key SET k2 = '2024-02-00' WHERE v = 13;"
  [[ $STAGE != synced ]] || fact '0000-00-00 00:00:00=11,2024-02-00 00:00:00=13' "SELECT GROUP_CONCAT(k2, '=', v ORDER BY v) FROM date_key"
}

# 02:30 in Berlin, twice; the two have one text in the source's time zone.
timestamps_keep_their_moment_in_the_repeated_hour() {
  table moments "s TIMESTAMP NULL, t TIMESTAMP(6) NULL, d DATETIME" \
    "FROM_UNIXTIME(1729989000), FROM_UNIXTIME(1729989000.5), '2024-10-27 02:30:00'" \
    "FROM_UNIXTIME(1729992600), FROM_UNIXTIME(1729992600.5), '2024-10-27 02:30:00'" \
    "FROM_UNIXTIME(1711848600), NULL, '2024-03-31 02:30:00'" "NULL, NULL, NULL"
  values_are moments "CONCAT_WS(' ', s, t, d)" '2024-10-27 00:30:00 2024-10-27 00:30:00.500000 2024-10-27 02:30:00,'\
'2024-10-27 01:30:00 2024-10-27 01:30:00.500000 2024-10-27 02:30:00,2024-03-31 01:30:00 2024-03-31 02:30:00,'
  rows "CREATE TABLE moment_key (k TIMESTAMP NOT NULL DEFAULT '2000-01-01' PRIMARY KEY, v INT);
    INSERT INTO moment_key VALUES (FROM_UNIXTIME(1729989000), 1), (FROM_UNIXTIME(1729992600), 2), (FROM_UNIXTIME(1711848600), 3);"
  # In the server's own time zone, in which the first two look alike.
  changes "SET time_zone = 'SYSTEM'; UPDATE moment_key SET v = v + 10; DELETE FROM moment_key WHERE v = 12; UPDATE moments SET d = d WHERE id = 1;
    UPDATE moment_key SET k = k + INTERVAL 1 SECOND WHERE v = 13; SET time_zone = '+00:00';"
  [[ $STAGE != copied ]] || fact '1729989000=1,1729992600=2,1711848600=3' "SELECT GROUP_CONCAT(UNIX_TIMESTAMP(k), '=', v ORDER BY v) FROM moment_key"
  [[ $STAGE != synced ]] || fact '1729989000=11,1711848601=13' "SELECT GROUP_CONCAT(UNIX_TIMESTAMP(k), '=', v ORDER BY v) FROM moment_key"
  case $STAGE in copied | synced) ;; *) return 0 ;; esac
  [[ $(sql source "SELECT COUNT(DISTINCT CAST(s AS CHAR)) FROM traps.moments WHERE id < 3") == 1 ]] || wrong "the source is not in Berlin"
}

timestamps_from_1970_to_their_last_second() {
  table epochs "s TIMESTAMP NULL, t TIMESTAMP(6) NULL, d DATETIME" "'1970-01-01 00:00:01', '1970-01-01 00:00:01.000001', '1970-01-01'" \
    "'2038-01-19 03:14:07', '2038-01-19 03:14:07.999999', '2038-01-19 03:14:08'" "'0000-00-00', '0000-00-00', '1969-12-31 23:59:59'"
  values_are epochs s '1970-01-01 00:00:01,2038-01-19 03:14:07,0000-00-00 00:00:00'
  values_are epochs t '1970-01-01 00:00:01.000001,2038-01-19 03:14:07.999999,0000-00-00 00:00:00.000000'
  values_are epochs d '1970-01-01 00:00:00,2038-01-19 03:14:08,1969-12-31 23:59:59'
  within mariadb-11.8 || return 0
  table epochs_to_2106 "s TIMESTAMP NULL, t TIMESTAMP(6) NULL" "'2038-01-19 03:14:08', '2038-01-19 03:14:08.000001'" \
    "'2106-02-07 06:28:15', '2106-02-07 06:28:15.999999'"
  values_are epochs_to_2106 "CONCAT_WS(' ', s, t)" '2038-01-19 03:14:08 2038-01-19 03:14:08.000001,2106-02-07 06:28:15 2106-02-07 06:28:15.999999'
}

negative_times_keep_their_fraction() {
  table times "a TIME, b TIME(1), c TIME(6), d DATETIME(2)" "'-838:59:59', '-838:59:58.9', '-838:59:58.000001', '0001-01-01 00:00:00.01'" \
    "'838:59:59', '-00:00:00.5', '-00:00:00.5', '9999-12-31 23:59:59.99'" "'-00:00:01', '-00:00:01.1', '-00:00:00.000001', '2000-01-01'" \
    "'00:00:00', '00:00:00.1', '-01:00:00.000001', NULL" "NULL, NULL, '00:00:00.999999', NULL"
  values_are times c '-838:59:58.000001,-00:00:00.500000,-00:00:00.000001,-01:00:00.000001,00:00:00.999999'
  values_are times b '-838:59:58.9,-00:00:00.5,-00:00:01.1,00:00:00.1,NULL'
  values_are times "CONCAT_WS(' ', a, d)" '-838:59:59 0001-01-01 00:00:00.01,838:59:59 9999-12-31 23:59:59.99,-00:00:01 2000-01-01 00:00:00.00,00:00:00,'
  rows "CREATE TABLE time_key (k TIME(3) PRIMARY KEY, v INT); INSERT INTO time_key VALUES ('-00:00:00.5', 1), ('00:00:00.5', 2), ('-838:59:59', 3);"
  changes "UPDATE time_key SET v = v + 10; DELETE FROM time_key WHERE k = '-00:00:00.5'; UPDATE time_key SET k = '-00:00:00.001' WHERE v = 12;"
  [[ $STAGE != synced ]] || fact '-00:00:00.001:12,-838:59:59.000:13' "SELECT GROUP_CONCAT(k, ':', v ORDER BY v) FROM time_key"
}

whole_seconds_in_the_old_format_are_read() {
  within mariadb || return 0
  rows "SET GLOBAL mysql56_temporal_format = OFF;"
  table old_times "a TIME, b DATETIME, c TIMESTAMP NULL" "'-838:59:59', '0000-00-00', '0000-00-00'" \
    "'838:59:59', '9999-12-31 23:59:59', '2038-01-19 03:14:07'" "'-00:00:01', '2024-02-31 12:00:00', '1970-01-01 00:00:01'" "NULL, NULL, NULL"
  rows "SET GLOBAL mysql56_temporal_format = ON;"
  values_are old_times "CONCAT_WS(' ', a, b, c)" '-838:59:59 0000-00-00 00:00:00 0000-00-00 00:00:00,'\
'838:59:59 9999-12-31 23:59:59 2038-01-19 03:14:07,-00:00:01 2024-02-31 12:00:00 1970-01-01 00:00:01,'
}

year_0_is_not_2000() {
  table years "y YEAR" 0 "'00'" 1901 2155 NULL
  values_are years y '0000,2000,1901,2155,NULL'
  rows "CREATE TABLE year_key (k YEAR PRIMARY KEY, v INT); INSERT INTO year_key VALUES (0, 1), (2000, 2), (2155, 3);"
  changes "UPDATE year_key SET v = v + 10; DELETE FROM year_key WHERE k = 2000; UPDATE year_key SET k = 1901 WHERE k = 0;"
}

decimals_keep_every_digit() {
  local nines
  nines=$(printf '%065d' 0 | tr 0 9)
  table decimals "d DECIMAL(65,30), e DECIMAL(65,0), f DECIMAL(10,2)" "-0.000000000000000000000000000001, '$nines', -0.00" \
    "99999999999999999999999999999999999, '-$nines', -0.01" "-99999999999999999999999999999999999.999999999999999999999999999999, 0, 99999999.99" "NULL, NULL, NULL"
  values_are decimals d '-0.000000000000000000000000000001,99999999999999999999999999999999999.000000000000000000000000000000,-99999999999999999999999999999999999.999999999999999999999999999999,NULL'
  values_are decimals "CONCAT(e, ' ', f)" "$nines 0.00,-$nines -0.01,0 99999999.99,NULL"
  rows "CREATE TABLE decimal_key (k DECIMAL(65,30) PRIMARY KEY, v INT);
    INSERT INTO decimal_key VALUES (-0.000000000000000000000000000001, 1), (0, 2), (99999999999999999999999999999999999, 3);"
  changes "UPDATE decimal_key SET v = v + 10; DELETE FROM decimal_key WHERE k = 0; UPDATE decimal_key SET k = -k WHERE v = 11;"
  [[ $STAGE != synced ]] || fact 0.000000000000000000000000000001 "SELECT k FROM decimal_key WHERE v = 11"
}

floats_keep_every_bit_and_can_be_keys() {
  local bits="MID(HEX(POINT(k, 0)), 19, 16)"
  table floats "k FLOAT, d DOUBLE, r FLOAT(7,3)" "0.1, 0.1, 1234.567" "16777217, 9007199254740993, -0.001" "1e-40, 5e-324, 0" \
    "-3.4028234663852886e38, -1.7976931348623157e308, 9999.999" "1234567.9, 0.30000000000000004, 0.1" "NULL, NULL, NULL"
  values_are floats "$bits" 000000A09999B93F,0000000000007041,00000000206CA137,000000E0FFFFEFC7,000000E087D63241,NULL
  values_are floats "${bits/(k,/(d,}" 9A9999999999B93F,0000000000004043,0100000000000000,FFFFFFFFFFFFEFFF,343333333333D33F,NULL
  rows "CREATE TABLE float_key (k FLOAT PRIMARY KEY, v INT); INSERT INTO float_key VALUES (0.1, 1), (16777217, 2), (1e-40, 3), (1.1, 4), (-3e38, 5);
    CREATE TABLE double_key (k DOUBLE PRIMARY KEY, v INT);
    INSERT INTO double_key VALUES (0.1, 1), (0.30000000000000004, 2), (5e-324, 3), (-1.7976931348623157e308, 4);"
  changes "UPDATE float_key SET v = v + 10; UPDATE float_key SET k = k * 2 WHERE v <> 15; DELETE FROM float_key WHERE v = 14;
    UPDATE double_key SET v = v + 10; UPDATE double_key SET k = k / 3 WHERE v <> 13; DELETE FROM double_key WHERE v = 11;"
  [[ $STAGE != copied ]] || fact 1:000000A09999B93F,2:0000000000007041,3:00000000206CA137 "SELECT GROUP_CONCAT(v, ':', $bits ORDER BY v) FROM float_key WHERE v < 4"
  [[ $STAGE != synced ]] || fact 11:000000A09999C93F,12:0000000000008041,13:00000000206CB137 "SELECT GROUP_CONCAT(v, ':', $bits ORDER BY v) FROM float_key WHERE v < 15"
}

binary_keys_keep_their_trailing_zeros() {
  table binaries "b BINARY(4), v VARBINARY(4)" "x'AB000000', x'AB000000'" "x'AB', x'AB'" "x'00', x'00'" "'', ''" "x'20202020', x'2020'" "NULL, NULL"
  values_are binaries "CONCAT(HEX(b), ' ', HEX(v))" 'AB000000 AB000000,AB000000 AB,00000000 00,00000000 ,20202020 2020,NULL'
  rows "CREATE TABLE binary_key (k BINARY(4) PRIMARY KEY, v INT); INSERT INTO binary_key VALUES (x'AB000000', 1), (x'00', 2), (x'ABCD', 3), (x'AB2000', 4);"
  changes "UPDATE binary_key SET v = v + 10; DELETE FROM binary_key WHERE k = x'ABCD0000'; UPDATE binary_key SET k = x'AC00' WHERE v = 11;"
  [[ $STAGE != synced ]] || fact 00000000:12,AB200000:14,AC000000:11 "SELECT GROUP_CONCAT(HEX(k), ':', v ORDER BY k) FROM binary_key"
}

char_is_not_padded() {
  table chars "a CHAR(10), b CHAR(10) CHARACTER SET latin1, c VARCHAR(10), d CHAR(4) CHARACTER SET utf16" "'a', 'é', 'a  ', 'x'" \
    "' a ', ' ', ' ', ''" "'', '', '', 'é '" "NULL, NULL, NULL, NULL"
  values_are chars "CONCAT_WS(' ', HEX(a), HEX(b), HEX(c), HEX(d))" '61 E9 612020 0078,2061  20 ,   00E9,'
  rows "CREATE TABLE char_key (k CHAR(10), k2 VARCHAR(10), v INT, PRIMARY KEY (k, k2)); INSERT INTO char_key VALUES ('a', 'b ', 1), (' a', '', 2), ('', ' b', 3);"
  changes "UPDATE char_key SET v = v + 10; DELETE FROM char_key WHERE v = 12; UPDATE char_key SET k2 = 'b  ' WHERE v = 11; UPDATE char_key SET k = 'A' WHERE v = 11;"
  [[ $STAGE != synced ]] || fact 41:622020:11,:2062:13 "SELECT GROUP_CONCAT(HEX(k), ':', HEX(k2), ':', v ORDER BY v) FROM char_key"
}

# MariaDB has no type JSON of its own, and one of MySQL is refused there.
json_type() { if from mysql && to mariadb; then echo LONGTEXT; else echo JSON; fi; }

nul_bytes_do_not_end_a_value() {
  table nuls "c VARCHAR(20), t TEXT, b BLOB, j $(json_type)" "'a\\0b', '\\0', x'0000', '\"a\\\\u0000b\"'" "'\\0', 'x\\0', x'00', '[\"\\\\u0000\"]'" \
    "'', '', '', 'null'" "NULL, NULL, NULL, NULL"
  values_are nuls "CONCAT_WS(' ', HEX(c), HEX(t), HEX(b))" '610062 00 0000,00 7800 00,  ,'
  values_are nuls "HEX(JSON_UNQUOTE(j))" 610062,5B225C7530303030225D,6E756C6C,NULL
  rows "CREATE TABLE nul_key (k VARCHAR(10), k2 VARBINARY(10), v INT, PRIMARY KEY (k, k2)); INSERT INTO nul_key VALUES ('a\\0b', x'00', 1), ('\\0', x'0000', 2), ('', '', 3);"
  changes "UPDATE nul_key SET v = v + 10; DELETE FROM nul_key WHERE v = 12; UPDATE nul_key SET k2 = x'000000' WHERE v = 11;"
  [[ $STAGE != synced ]] || fact 610062:000000:11,::13 "SELECT GROUP_CONCAT(HEX(k), ':', HEX(k2), ':', v ORDER BY v) FROM nul_key"
}

# The target's max_allowed_packet of 16 MiB holds one of the values, but not two.
values_beyond_a_packet_are_not_put_together() {
  table large "b LONGBLOB, c MEDIUMTEXT" "REPEAT(x'00', 7900000), 'x'" "x'27', REPEAT('\\\\', 7900000)"
  values_are large "CONCAT(LENGTH(b), ' ', LENGTH(c))" '7900000 1,1 7900000'
}

json_doubles_keep_every_bit() {
  from mariadb || within mysql || return 0
  table doubles "j JSON" "'{\"a\": 1e25, \"b\": 0.1234567890123456789, \"c\": 1.0, \"d\": -0.0, \"e\": 5e-324}'" \
    "'[1.7976931348623157e308, 0.30000000000000004, 1e-7, 18446744073709551615, -9223372036854775808]'" "'[2.2250738585072014e-308, 123456789012345680000, 0.1, 1E2, 1.5]'"
  from mysql || return 0
  fact '{"a": 1e25, "b": 0.12345678901234568, "c": 1.0, "d": -0.0, "e": 5e-324}' "SELECT j FROM doubles WHERE id = 1"
  fact '[1.7976931348623157e308, 0.30000000000000004, 0.0000001, 18446744073709551615, -9223372036854775808]' "SELECT j FROM doubles WHERE id = 2"
  fact '[2.2250738585072014e-308, 1.2345678901234568e20, 0.1, 100.0, 1.5]' "SELECT j FROM doubles WHERE id = 3"
}

json_keeps_types_that_have_no_text() {
  within mysql || return 0
  table opaque "j JSON" "JSON_OBJECT('d', CAST(1.5 AS DECIMAL(10, 2)), 't', CAST('2024-10-27 02:30:00.123456' AS DATETIME(6)), 'b', (SELECT c FROM bits WHERE id = 2), 'x', x'00FF')" \
    "JSON_OBJECT('d', CAST('2024-02-29' AS DATE), 't', CAST('-00:00:00.5' AS TIME(6)), 'b', CAST(1 AS DECIMAL(65, 30)), 'x', 1e0)" \
    "CAST(TIMESTAMP('2024-01-01 00:00:00.000001') AS JSON)" "JSON_OBJECT('d', 1.0, 't', 1, 'b', YEAR('2024-01-01'), 'x', CAST('abc' AS BINARY))"
  values_are opaque "CONCAT_WS(' ', JSON_TYPE(j), JSON_TYPE(j->'\$.d'), JSON_TYPE(j->'\$.t'), JSON_TYPE(j->'\$.b'), JSON_TYPE(j->'\$.x'))" \
    'OBJECT DECIMAL DATETIME BIT BLOB,OBJECT DATE TIME DECIMAL DOUBLE,DATETIME,OBJECT DECIMAL INTEGER UNSIGNED INTEGER BLOB'
}

json_updates_in_part_are_applied() {
  within mysql || return 0
  local long log
  long=$(printf 'x%.0s' {1..200})
  table partial "j JSON, k JSON, v INT" "'{\"a\": \"1\", \"long\": \"$long\", \"list\": [1, 2, {\"b\": \"y\"}]}', '[1]', 1" \
    "'[\"long\", \"$long\", 3]', '[2]', 2" "'{\"long\": \"$long\"}', NULL, 3"
  changes "SET SESSION binlog_row_value_options = 'PARTIAL_JSON';
    UPDATE partial SET j = JSON_SET(j, '\$.a', '2', '\$.new', CAST(1.50 AS DECIMAL(5, 2))) WHERE id % 100 = 1;
    UPDATE partial SET j = JSON_REPLACE(j, '\$.list[2].b', 'z'), k = JSON_SET(k, '\$[0]', 7) WHERE id % 100 = 1;
    UPDATE partial SET j = JSON_REMOVE(j, '\$.list[0]'), v = v + 10 WHERE id % 100 = 1;
    UPDATE partial SET j = JSON_REMOVE(j, '\$[0]'), k = NULL WHERE id % 100 = 2; UPDATE partial SET j = JSON_SET(j, '\$.long', '') WHERE id % 100 = 3;
    SET SESSION binlog_row_value_options = '';"
  [[ $STAGE == synced ]] || return 0
  fact '{"a": "2", "new": 1.50, "list": [2, {"b": "z"}], "long": "'"$long"'"}' "SELECT j FROM partial WHERE id = 1"
  fact DECIMAL "SELECT JSON_TYPE(j->'\$.new') FROM partial WHERE id = 101"
  log=$(sql source 'SHOW BINARY LOGS' | tail -n 1 | cut -f1)
  sql source "SHOW BINLOG EVENTS IN '$log'" | grep $'\tUpdate_rows_partial\t' >"$WORK/partial" || wrong "no update in part is in the binlog"
}

json_of_mariadb_is_its_text() {
  from mariadb || return 0
  table json_texts "j JSON" "'{\"b\":1, \"a\":2}'" "' { \"a\" : 1.00 , \"a\" : 1e0 } '" "'\"\\\\u00e9\"'" NULL
  ! to mariadb || values_are json_texts j '{"b":1, "a":2}, { "a" : 1.00 , "a" : 1e0 } ,"\\u00e9",NULL'
}

geometries_keep_srid_and_axes() {
  table geometries "g GEOMETRY, p POINT" "ST_GeomFromText('POINT(1 2)', 4326), POINT(1, 2)" "ST_GeomFromText('LINESTRING(0 0,1e300 1e-300)'), POINT(-0.1, 1e10)" \
    "ST_GeomFromText('POINT(3 4)', 3857), ST_GeomFromText('POINT(5 6)', 4326)" "ST_GeomFromText('GEOMETRYCOLLECTION(POINT(1 1),LINESTRING(0 0,1 1))'), NULL"
  # To MySQL the first number is the latitude, which it stores second.
  if from mysql; then
    fact E610000001010000000000000000000040000000000000F03F "SELECT HEX(g) FROM geometries WHERE id = 1"
  else
    fact E61000000101000000000000000000F03F0000000000000040 "SELECT HEX(g) FROM geometries WHERE id = 1"
  fi
  values_are geometries "ST_SRID(g)" 4326,0,3857,0
  rows "CREATE TABLE places (k INT PRIMARY KEY, p POINT NOT NULL $(! within mysql || echo SRID 0), SPATIAL KEY (p)); INSERT INTO places VALUES (1, POINT(1, 2)), (2, POINT(3, 4));"
  changes "UPDATE places SET p = POINT(5, 6) WHERE k = 1; DELETE FROM places WHERE k = 2; INSERT INTO places VALUES (3, POINT(7, 8));"
  [[ $STAGE != synced ]] || fact 1,3 "SELECT GROUP_CONCAT(k ORDER BY k) FROM places WHERE MBRContains(ST_GeomFromText('POLYGON((0 0,0 9,9 9,9 0,0 0))'), p)"
}

vectors_uuids_and_addresses_keep_their_bytes() {
  if within mysql || within mariadb-11; then
    table vectors "v VECTOR(3) NOT NULL" "x'0000803F00000040000000BF'" "x'CDCCCC3D01000000FFFF7F5E'" "x'000000000000000000000000'"
    values_are vectors 'HEX(v)' 0000803F00000040000000BF,CDCCCC3D01000000FFFF7F5E,000000000000000000000000
  fi
  within mariadb || return 0
  table inet6 "i INET6" "'::1'" "'ffff::1:2'" "'::ffff:1.2.3.4'" NULL
  values_are inet6 "CAST(i AS CHAR)" ::1,ffff::1:2,::ffff:1.2.3.4,NULL
  ! from mariadb-10.5 || return 0
  table uuids "u UUID, i INET4" "'123e4567-e89b-12d3-a456-426655440000', '1.2.3.4'" "'ffffffff-0000-4000-8000-000000000001', '0.0.0.0'" "NULL, NULL"
  values_are uuids "CONCAT(HEX(CAST(u AS BINARY(16))), ' ', i)" '123E4567E89B12D3A456426655440000 1.2.3.4,FFFFFFFF000040008000000000000001 0.0.0.0,NULL'
  rows "CREATE TABLE uuid_key (k UUID, k6 INET6, v INT, PRIMARY KEY (k, k6));
    INSERT INTO uuid_key VALUES ('123e4567-e89b-12d3-a456-426655440000', '::1', 1), ('00000000-0000-0000-0000-000000000000', '::', 2);"
  changes "UPDATE uuid_key SET v = v + 10; DELETE FROM uuid_key WHERE v = 12; UPDATE uuid_key SET k6 = '::2' WHERE v = 11;"
}

quoting_does_not_depend_on_sql_mode() {
  table "\`it's \"a\" \\ table\`" '`co"l\` VARCHAR(40), b BLOB, t TEXT CHARACTER SET sjis' "'a\\\\b''c\"d', 'a\\\\b''c\"d', '表'" "'\\\\', '\\\\''', '\\\\'" \
    "'''', '\"', '\`'" "'\\n\\r\\t\\Z\\b', '%\\\\_', 'ソ\\\\'" "'-- #;/*', '', '\\\\n'" "'\\\\N', '\\\\N', '\\\\N'"
  values_are "\`it's \"a\" \\ table\`" 'HEX(`co"l\`)' 615C6227632264,5C,27,0A0D091A08,2D2D20233B2F2A,5C4E
  rows "CREATE TABLE quote_key (k VARCHAR(20), k2 VARBINARY(20), v INT, PRIMARY KEY (k, k2)); INSERT INTO quote_key VALUES ('a\\\\b''c\"d', '\\\\', 1), ('\\\\', '''', 2), ('\"', '\"\\\\''', 3);"
  changes "UPDATE quote_key SET v = v + 10; DELETE FROM quote_key WHERE v = 12; UPDATE quote_key SET k = CONCAT(k, '\\\\') WHERE v = 11;"
  [[ $STAGE != synced ]] || fact '615C62276322645C:5C:11,22:225C27:13' "SELECT GROUP_CONCAT(HEX(k), ':', HEX(k2), ':', v ORDER BY v) FROM quote_key"
}
