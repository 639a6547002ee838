#pragma once

#include <string>
#include <vector>

#include "schema/pieces.hpp"

// Names in the text of views, routines, triggers and events, and what they can stand for.

namespace dts {

/// Identifiers joined by dots.
struct Mention {
  std::size_t first = 0, last = 0;  ///< pieces of its first and last part
  std::vector<std::string> parts;
  bool table = false;  ///< stands where there can be nothing but a table: behind FROM, JOIN, ...
  bool procedure = false;  ///< behind CALL
  bool called = false;     ///< a parenthesis follows
  bool star = false;       ///< ".*" follows
  bool type_of = false;    ///< a column, by its table: TYPE OF a.b, a.b%TYPE
  bool is_alias = false;   ///< in quotes behind a table or a subquery, with or without AS
  bool behind_as = false;  ///< names a column of a result, or is an alias
  bool in_order = false;   ///< in ORDER BY
  std::string alias;       ///< of a table; bare ones are not found
};

/// All names in pieces[from...]; keywords, user variables and what looks like them are passed over.
/// It does not parse: a name in an unusual place is one that stands for anything.
std::vector<Mention> find_mentions(const Pieces& pieces, std::size_t from);

/// Whether all columns of some table are meant: SELECT *, a.*; not COUNT(*) or EXISTS (SELECT *).
bool selects_all_columns(const Pieces& pieces, std::size_t from);

/// Whether the words stand in the text, one after the other.
bool has_words(const Pieces& pieces, std::size_t from, std::initializer_list<const char*> words);

}  // namespace dts
