#pragma once

#include <cstdint>
#include <map>
#include <stop_token>
#include <string>
#include <vector>

#include "dts/export.hpp"
#include "dts/job.hpp"
#include "dts/observer.hpp"

namespace dts {

/// How a table is copied, and what it becomes. Numbers are estimates, made of those of the source.
struct TablePlan {
  TableName source, target;
  std::uint64_t rows_estimated = 0, bytes_estimated = 0;
  std::uint64_t chunks = 0;
  double seconds = 0;
  std::vector<std::string> key;      ///< columns by which it is cut; none: it is read as a whole
  std::string whole;                 ///< why; empty if it is cut
  std::vector<std::string> changes;  ///< "column a is called b", "json becomes longtext with ..."
};

/// Something to be told of an object of the source: "view", "shop.v".
struct PlanNote {
  std::string kind, name, what;
};

/// What a job will do, as far as it can be known before.
struct JobPlan {
  bool creates_schema = true, copies_rows = true;
  std::vector<TablePlan> tables;               ///< in the order in which the copy begins them
  std::map<std::string, std::size_t> creates;  ///< what init-schema creates: kind, how many
  std::vector<PlanNote> changes;               ///< of other objects than tables
  std::vector<PlanNote> left_out;              ///< selected, or nearly so, but not carried; why
  std::vector<PlanNote> not_selected;          ///< tables of databases of which others are; why
  std::uint64_t rows_estimated = 0, bytes_estimated = 0, chunks = 0;
  double seconds = 0;        ///< for all, with `workers` at work
  double mb_per_second = 0;  ///< assumed for all workers together
  unsigned workers = 0;
};

/// What is assumed of the copy where nobody says better: megabytes of the source's tables a second.
inline constexpr double assumed_mb_per_second = 30;

/// Reads both servers, and changes nothing. Throws Error as the phases do.
DTS_EXPORT JobPlan plan_job(const Job& job, double mb_per_second, Observer& observer,
                            std::stop_token stop = {});

}  // namespace dts
