// Manifests as a command gets them: files, directories and standard input, in one order, with every problem.
#pragma once

#include <istream>
#include <string>
#include <vector>

#include "common/manifest/manifest.h"
#include "sluice/v1/change.pb.h"

namespace sluice::cli {

// Files under `paths`, in the order of the arguments and sorted within a directory: *.yaml, *.yml and *.json,
// without hidden ones. `-` is standard input. What is missing, or a directory without any, is a problem.
std::vector<std::string> ExpandPaths(const std::vector<std::string>& paths,
                                     std::vector<manifest::Problem>& problems);

// The documents of all of them. A JSON file of a directory that a manifest beside it inlines is no manifest.
manifest::Parsed LoadManifests(const std::vector<std::string>& paths, std::istream& standard_input);

// One edit for each document.
std::vector<sluice::v1::Edit> EditsOf(const std::vector<manifest::Document>& documents,
                                      sluice::v1::Edit::Action action);

// Where a finding's field stands, or the nearest field around it; no file: its edit has no document.
manifest::Location PlaceOf(const sluice::v1::Finding& finding,
                           const std::vector<manifest::Document>& documents);

// A finding as a line: `FILE:LINE:COLUMN: field: message; remedy`, with `warning: ` before the message of a
// warning. Edits without a document are called by their resource.
std::string FindingLine(const sluice::v1::Finding& finding, const std::vector<manifest::Document>& documents);

// The findings worth showing beside `problems`: not those which an incomplete document only has because of a
// problem.
std::vector<sluice::v1::Finding> Relevant(const std::vector<sluice::v1::Finding>& findings,
                                          const manifest::Parsed& parsed);

}  // namespace sluice::cli
