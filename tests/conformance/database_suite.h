// The conformance suite of common/db/database.h. An engine instantiates it with a way to make an empty
// database and to open it again; SQLite does in sqlite_database_test.cc.
#pragma once

#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <string>

#include "common/db/database.h"

namespace sluice::db {

// One empty database somewhere; goes away with the object.
class DatabasePlace {
 public:
  virtual ~DatabasePlace() = default;
  virtual absl::StatusOr<std::unique_ptr<Database>> Open() = 0;
};

struct DatabaseEngine {
  std::string name;
  std::function<std::unique_ptr<DatabasePlace>()> make;
};

class DatabaseSuite : public testing::TestWithParam<DatabaseEngine> {
 protected:
  void SetUp() override;
  void Reopen();

  std::unique_ptr<DatabasePlace> place_;
  std::unique_ptr<Database> database_;
  std::unique_ptr<Connection> writer_;
  std::unique_ptr<Connection> reader_;
};

}  // namespace sluice::db
