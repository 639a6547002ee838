#pragma once

#include <array>
#include <string_view>

// Functions that MySQL and MariaDB both have, and that differ. Found by trying each function of one
// kind on the other, in a view over the same rows, not in manuals. Functions that only one kind has
// are not in here: the target is asked.

namespace dts {

/// A function that the other kind calls otherwise; in lower case.
struct RenamedFunction {
  std::string_view from, to;
};
inline constexpr std::array<RenamedFunction, 4> renamed_to_mysql = {
    {{"srid", "st_srid"},
     {"nvl", "ifnull"},
     {"lengthb", "length"},
     {"json_detailed", "json_pretty"}}};
inline constexpr std::array<RenamedFunction, 2> renamed_to_mariadb = {
    {{"geomcollection", "geometrycollection"}, {"json_pretty", "json_detailed"}}};

/// A function that both have, and what is different.
struct DifferentFunction {
  std::string_view name, what;
  bool refused = false;  ///< else it is told
};

inline constexpr std::string_view json_form = "which writes JSON in another form there";
inline constexpr std::string_view digits = "which gives another number of digits there";
inline constexpr std::string_view geometry_text = "which writes geometries in another form there";
inline constexpr std::string_view other_result = "which gives other results there";

inline constexpr auto different_functions = std::to_array<DifferentFunction>({
    {"json_array", json_form},
    {"json_object", json_form},
    {"json_set", json_form},
    {"json_insert", json_form},
    {"json_replace", json_form},
    {"json_remove", json_form},
    {"json_merge", json_form},
    {"json_merge_preserve", json_form},
    {"json_merge_patch", json_form},
    {"json_array_append", json_form},
    {"json_array_insert", json_form},
    {"json_arrayagg", json_form},
    {"json_objectagg", json_form},
    {"json_pretty", json_form},
    {"json_detailed", json_form},
    {"std", digits},
    {"stddev", digits},
    {"stddev_pop", digits},
    {"stddev_samp", digits},
    {"variance", digits},
    {"var_pop", digits},
    {"var_samp", digits},
    {"percent_rank", digits},
    {"cume_dist", digits},
    {"time_to_sec", "which keeps fractions of a second on MariaDB only"},
    {"st_astext", geometry_text},
    {"st_aswkt", geometry_text},
    {"astext", geometry_text},
    {"aswkt", geometry_text},
    {"st_asgeojson", geometry_text},
    {"st_distance", "which minds the SRID on MySQL only"},
    {"st_length", "which minds the SRID on MySQL only"},
    {"st_area", "which minds the SRID on MySQL only"},
    {"st_geomfromgeojson", other_result, true},
    {"st_envelope", other_result, true},
    {"st_touches", other_result, true},
    {"st_issimple", other_result, true},
});

/// Functions that read geometries from text or bytes: a second argument is an SRID, which decides
/// the order of the axes on MySQL only.
inline constexpr auto geometry_readers = std::to_array<std::string_view>(
    {"st_geomfromtext", "st_geometryfromtext", "st_pointfromtext", "st_linefromtext",
     "st_linestringfromtext", "st_polyfromtext", "st_polygonfromtext", "st_geomcollfromtext",
     "st_geomfromwkb", "st_geometryfromwkb", "st_pointfromwkb", "st_linefromwkb", "st_polyfromwkb",
     "st_mpointfromtext", "st_mlinefromtext", "st_mpolyfromtext"});

/// What regular expressions mean in one of the two libraries only.
inline constexpr auto odd_patterns =
    std::to_array<std::string_view>({"[[:<:]]", "[[:>:]]", "(?P", "(?|", "(?R", "(?&", "(?1", "(*",
                                     "\\\\K", "\\\\R", "\\\\h", "\\\\X", "\\\\Q", "[[.", "[[="});

}  // namespace dts
