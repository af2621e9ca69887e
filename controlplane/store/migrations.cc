#include "controlplane/store/migrations.h"

namespace sluice::controlplane {
namespace {

// Times are microseconds since 1970 UTC; flags are 0 and 1; names compare by their bytes.
constexpr std::string_view kFirst = R"sql(
CREATE TABLE counters (
  name TEXT PRIMARY KEY,
  value BIGINT NOT NULL
);
INSERT INTO counters (name, value) VALUES ('revision', 0), ('change', 0);

CREATE TABLE definitions (
  kind TEXT NOT NULL,
  name TEXT NOT NULL,
  revision BIGINT NOT NULL,
  deleted BIGINT NOT NULL,
  content BYTEA NOT NULL,
  create_time_us BIGINT NOT NULL,
  update_time_us BIGINT NOT NULL,
  change TEXT NOT NULL,
  PRIMARY KEY (kind, name)
);
CREATE TABLE definition_history (
  kind TEXT NOT NULL,
  name TEXT NOT NULL,
  revision BIGINT NOT NULL,
  deleted BIGINT NOT NULL,
  content BYTEA NOT NULL,
  time_us BIGINT NOT NULL,
  change TEXT NOT NULL,
  PRIMARY KEY (kind, name, revision)
);
CREATE TABLE releases (
  product TEXT NOT NULL,
  environment TEXT NOT NULL,
  revision BIGINT NOT NULL,
  PRIMARY KEY (product, environment)
);

CREATE TABLE changes (
  id BIGINT PRIMARY KEY,
  state BIGINT NOT NULL,
  author TEXT NOT NULL,
  content BYTEA NOT NULL,
  digest TEXT NOT NULL,
  record BYTEA NOT NULL,
  create_time_us BIGINT NOT NULL,
  update_time_us BIGINT NOT NULL,
  release_revision BIGINT NOT NULL
);
CREATE INDEX changes_state ON changes (state, id);
CREATE INDEX changes_author ON changes (author, id);
CREATE TABLE waiting_resources (
  resource TEXT NOT NULL,
  change BIGINT NOT NULL,
  PRIMARY KEY (resource, change)
);
CREATE INDEX waiting_resources_change ON waiting_resources (change);

CREATE TABLE requests (
  actor TEXT NOT NULL,
  method TEXT NOT NULL,
  request_id TEXT NOT NULL,
  payload_digest TEXT NOT NULL,
  response BYTEA NOT NULL,
  time_us BIGINT NOT NULL,
  PRIMARY KEY (actor, method, request_id)
);
CREATE INDEX requests_time ON requests (time_us);

CREATE TABLE actors (
  id TEXT PRIMARY KEY,
  issuer TEXT NOT NULL,
  subject TEXT NOT NULL,
  display_name TEXT NOT NULL,
  create_time_us BIGINT NOT NULL
);
CREATE UNIQUE INDEX actors_subject ON actors (issuer, subject);
CREATE INDEX actors_display_name ON actors (display_name);

CREATE TABLE audit (
  seq BIGINT PRIMARY KEY,
  time_us BIGINT NOT NULL,
  actor TEXT NOT NULL,
  action TEXT NOT NULL,
  change TEXT NOT NULL,
  cluster TEXT NOT NULL,
  body BYTEA NOT NULL
);
CREATE INDEX audit_time ON audit (time_us, seq);
CREATE INDEX audit_actor ON audit (actor, seq);
CREATE INDEX audit_action ON audit (action, seq);
CREATE INDEX audit_change ON audit (change, seq) WHERE change <> '';
CREATE INDEX audit_cluster ON audit (cluster, seq) WHERE cluster <> '';
CREATE TABLE audit_resources (
  resource TEXT NOT NULL,
  seq BIGINT NOT NULL,
  PRIMARY KEY (resource, seq)
);

CREATE TABLE slices (
  cluster TEXT NOT NULL,
  key TEXT NOT NULL,
  generation BIGINT NOT NULL,
  digest TEXT NOT NULL,
  gone BIGINT NOT NULL,
  change TEXT NOT NULL,
  applied BIGINT NOT NULL,
  PRIMARY KEY (cluster, key)
);
CREATE INDEX slices_generation ON slices (cluster, generation, key);
CREATE TABLE absences (
  cluster TEXT NOT NULL,
  key TEXT NOT NULL,
  resource TEXT NOT NULL,
  content BYTEA NOT NULL,
  PRIMARY KEY (cluster, key, resource)
);
CREATE TABLE history (
  cluster TEXT NOT NULL,
  revision BIGINT NOT NULL,
  hash TEXT NOT NULL,
  PRIMARY KEY (cluster, revision)
);

CREATE TABLE agents (
  cluster TEXT PRIMARY KEY,
  incarnation TEXT NOT NULL,
  version TEXT NOT NULL,
  sequence BIGINT NOT NULL,
  epoch BIGINT NOT NULL,
  revision BIGINT NOT NULL,
  last_seen_us BIGINT NOT NULL,
  observed_us BIGINT NOT NULL,
  report BYTEA NOT NULL
);
CREATE TABLE slice_reports (
  cluster TEXT NOT NULL,
  key TEXT NOT NULL,
  epoch BIGINT NOT NULL,
  state BIGINT NOT NULL,
  applied BIGINT NOT NULL,
  report BYTEA NOT NULL,
  time_us BIGINT NOT NULL,
  PRIMARY KEY (cluster, key)
);
CREATE TABLE owned_topics (
  cluster TEXT NOT NULL,
  name TEXT NOT NULL,
  topic_id TEXT NOT NULL,
  PRIMARY KEY (cluster, name)
);
)sql";

constexpr std::string_view kOwnedSubjects = R"sql(
CREATE TABLE owned_subjects (
  cluster TEXT NOT NULL,
  name TEXT NOT NULL,
  PRIMARY KEY (cluster, name)
);
)sql";

// Indexes hold what filters ask for beside what is walked, so that only the entries of a page are read.
constexpr std::string_view kAuditWalks = R"sql(
DROP INDEX audit_actor;
DROP INDEX audit_action;
DROP INDEX audit_change;
DROP INDEX audit_cluster;
CREATE INDEX audit_actor ON audit (actor, seq, action, cluster, change);
CREATE INDEX audit_action ON audit (action, seq, actor, cluster, change);
CREATE INDEX audit_change ON audit (change, seq, actor, action, cluster) WHERE change <> '';
CREATE INDEX audit_cluster ON audit (cluster, seq, actor, action, change) WHERE cluster <> '';
CREATE TABLE audit_about (
  resource TEXT NOT NULL,
  seq BIGINT NOT NULL,
  actor TEXT NOT NULL,
  action TEXT NOT NULL,
  cluster TEXT NOT NULL,
  change TEXT NOT NULL
);
INSERT INTO audit_about (resource, seq, actor, action, cluster, change)
  SELECT r.resource, r.seq, a.actor, a.action, a.cluster, a.change FROM audit_resources r JOIN audit a ON a.seq = r.seq;
DROP TABLE audit_resources;
CREATE INDEX audit_about_resource ON audit_about (resource, seq, actor, action, cluster, change);
)sql";

}  // namespace

const std::vector<std::string_view>& Migrations() {
  static const std::vector<std::string_view> migrations = {kFirst, kOwnedSubjects, kAuditWalks};
  return migrations;
}

}  // namespace sluice::controlplane
