#include "cli/command_line.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdlib>

#include "cli/commands.h"
#include "cli/config.h"
#include "common/wire/wire.h"

namespace sluice::cli {
namespace {

const std::map<std::string, Format> kFormats = {
    {"table", Format::kTable}, {"json", Format::kJson}, {"yaml", Format::kYaml}, {"name", Format::kName}};
const std::map<std::string, WaitFor> kWaits = {{"approved", WaitFor::kApproved},
                                               {"applied", WaitFor::kApplied}};

// What the words are parsed into; lives as long as the commands made from it.
struct Words {
  std::string timeout;
  ApplyOptions apply;
  DeleteOptions remove;
  RecreateOptions recreate;
  GetOptions get;
  ChangeOptions change;
  AuditOptions audit;
  ExplainOptions explain;
  VerifyOptions verify;
  EventValidateOptions event_validate;
  EventSampleOptions event_sample;
  SchemaDiffOptions schema_diff;
  SchemaCheckOptions schema_check;
  std::string settle;
  std::string name;
  std::string shell;
  bool client_only = false;
  bool ignored = false;  // flags that say what is so anyway
};

class Grammar {
 public:
  explicit Grammar(Invocation& invocation)
      : app_("Sluice: streaming data products on Kafka, declared once, approved, and kept so.", "sluice"),
        words_(std::make_shared<Words>()),
        invocation_(invocation) {
    app_.require_subcommand(1);
    app_.fallthrough();
    app_.set_help_flag("-h,--help", "Print this help and exit");
    AddGlobalOptions();
    AddProposals();
    AddReading();
    AddExplain();
    AddChanges();
    AddAudit();
    AddVerify();
    AddEvent();
    AddSchema();
    AddOthers();
  }

  void Parse(std::vector<std::string> arguments) {
    std::reverse(arguments.begin(), arguments.end());  // as CLI11 wants vectors
    try {
      app_.parse(std::move(arguments));
      TakeTimeout();
      TakeSettle();
    } catch (const CLI::CallForHelp&) {
      Answer(kDone, HelpText());
    } catch (const CLI::CallForAllHelp&) {
      Answer(kDone, app_.help("", CLI::AppFormatMode::All));
    } catch (const CLI::ParseError& error) {
      Answer(kInvalid, std::string("error: ") + error.what() + "\n  sluice --help shows what there is\n");
    }
  }

 private:
  using Command = std::function<ExitCode(Session&)>;

  void Answer(ExitCode code, std::string text) {
    invocation_.command = nullptr;
    invocation_.code = code;
    invocation_.text = std::move(text);
  }

  // Help of the deepest command that was named.
  std::string HelpText() {
    CLI::App* deepest = &app_;
    std::string path;
    while (!deepest->get_subcommands().empty()) {
      path += (path.empty() ? "" : " ") + deepest->get_name();
      deepest = deepest->get_subcommands().front();
    }
    return deepest->help(path);
  }

  // A duration with a unit, above zero; nothing: it was answered with an error.
  std::optional<std::chrono::milliseconds> DurationOf(const char* option, const std::string& text) {
    std::optional<int64_t> milliseconds = wire::ParseDurationMs(text);
    if (milliseconds && *milliseconds > 0 && text.find_first_not_of("0123456789") != std::string::npos)
      return std::chrono::milliseconds(*milliseconds);
    Answer(kInvalid,
           std::string("error: ") + option + " takes a duration like 5s or 2m (got '" + text + "')\n");
    return std::nullopt;
  }

  void TakeTimeout() {
    if (words_->timeout.empty()) return;
    if (auto time = DurationOf("--timeout", words_->timeout)) invocation_.options.timeout = *time;
  }

  void TakeSettle() {
    if (words_->settle.empty()) return;
    if (auto time = DurationOf("--settle", words_->settle)) words_->verify.settle = *time;
  }

  // A subcommand of `parent` that runs `command`.
  CLI::App* Add(CLI::App& parent, const char* name, const char* help, Command command) {
    CLI::App* sub = parent.add_subcommand(name, help);
    sub->fallthrough();
    sub->callback([this, command = std::move(command)] { invocation_.command = command; });
    return sub;
  }

  void AddGlobalOptions() {
    app_.add_option("--context", invocation_.options.context,
                    "Context to use (default: SLUICE_CONTEXT, then the current one)")
        ->envname("SLUICE_CONTEXT");
    app_.add_option("--timeout", words_->timeout,
                    "Longest time for a call (default 30s), or for waiting in all (default 10m)");
    app_.add_option("-o,--output", invocation_.options.format, "table, json, yaml or name")
        ->transform(CLI::CheckedTransformer(kFormats, CLI::ignore_case).description(""))
        ->type_name("FORMAT");
  }

  void AddFiles(CLI::App* sub, ApplyOptions& options) {
    sub->add_option("-f,--file", options.paths,
                    "Manifest, directory of manifests, or - for standard input; may be repeated")
        ->allow_extra_args(false)
        ->type_name("PATH");
  }

  void AddProposing(CLI::App* sub, ApplyOptions& options) {
    sub->add_flag("--together", options.together, "One change for everything");
    sub->add_option("--justification", options.justification, "Why, for approvers and auditors");
    sub->add_option("--change", options.change, "Own waiting change whose edits these replace, such as C-7");
  }

  void AddWaiting(CLI::App* sub, ApplyOptions& options) {
    sub->add_flag("--validate-only,--dry-run", options.validate_only, "Only say what would happen");
    sub->add_flag("--pending-ok", options.pending_ok, "Exit with 0 when a change waits for approval");
    sub->add_option("--wait", options.wait, "approved or applied: wait until then")
        ->transform(CLI::CheckedTransformer(kWaits).description(""))
        ->type_name("WHEN");
  }

  void AddProposals() {
    auto words = words_;
    CLI::App* apply = Add(app_, "apply", "Propose what the manifests say",
                          [words](Session& session) { return Apply(session, words->apply); });
    AddFiles(apply, words->apply);
    apply->get_option("--file")->required();
    AddProposing(apply, words->apply);
    AddWaiting(apply, words->apply);
    apply->add_flag("-y,--yes", words_->ignored, "Accepted for scripts; apply never asks");
    CLI::App* diff = Add(app_, "diff", "Show what apply would do, step by step; exit code 3 if anything",
                         [words](Session& session) { return DiffManifests(session, words->apply); });
    AddFiles(diff, words->apply);
    diff->get_option("--file")->required();
    AddProposing(diff, words->apply);
    CLI::App* remove = Add(app_, "delete", "Propose to delete definitions that nothing refers to",
                           [words](Session& session) { return Delete(session, words->remove); });
    remove->add_option("kind", words->remove.kind, "Kind, such as grant");
    remove->add_option("names", words->remove.names, "Names");
    AddFiles(remove, words->remove.apply);
    AddProposing(remove, words->remove.apply);
    AddWaiting(remove, words->remove.apply);
    AddRecreate();
  }

  void AddRecreate() {
    auto words = words_;
    CLI::App* recreate = Add(app_, "recreate", "Give topics up that were lost (TopicLost): make empty ones in their place",
                             [words](Session& session) { return Recreate(session, words->recreate); });
    recreate->add_option("topics", words->recreate.topics, "Topics, as TopicLost names them")->required();
    recreate->add_option("--cluster", words->recreate.cluster, "Cluster on which they were lost")->required();
    recreate
        ->add_option("--accept", words->recreate.accept,
                     "Kafka's ID of the topic that stands there now: take it as ours, with what is in it")
        ->type_name("ID");
    recreate->add_option("--reason,--justification", words->recreate.apply.justification,
                         "Why, for approvers and auditors");
    AddWaiting(recreate, words->recreate.apply);
  }

  void AddReading() {
    auto words = words_;
    CLI::App* get = Add(app_, "get", "List a kind, or print some of it",
                        [words](Session& session) { return Get(session, words->get); });
    get->add_option(
           "kind", words->get.kind,
           "products, grants, applications, customers, clusters, domains, categories, environments, changes")
        ->required();
    get->add_option("names", words->get.names, "Names; none: all");
    get->add_option("--product", words->get.product, "Only grants of this product");
    get->add_option("--application", words->get.application, "Only grants of this application");
    get->add_option("--state", words->get.state, "Only changes in this state");
    get->add_flag("--mine", words->get.mine, "Only changes that you proposed");
    CLI::App* describe = Add(app_, "describe", "Everything about one resource, and how it stands",
                             [words](Session& session) { return Describe(session, words->get); });
    describe->add_option("kind", words->get.kind, "Kind, such as product")->required();
    describe->add_option("names", words->get.names, "Names")->required();
    CLI::App* who =
        Add(app_, "who", "Whose topic, subject, Kafka user, group or transactional id something is",
            [words](Session& session) { return Who(session, words->name); });
    who->add_option("name", words->name, "Name")->required();
    Add(app_, "status", "Clusters, waiting changes, and who you are",
        [](Session& session) { return Status(session); });
  }

  void AddExplain() {
    auto words = words_;
    CLI::App* explain = app_.add_subcommand("explain", "Why things are as they are");
    explain->require_subcommand(1);
    explain->fallthrough();
    CLI::App* product =
        Add(*explain, "product", "Every value of a product's topics and subjects, and where it comes from",
            [words](Session& session) { return ExplainProduct(session, words->explain); });
    product->add_option("name", words->explain.name, "Product, such as p-and-p.promotions")->required();
    product->add_flag("--defaults", words->explain.defaults,
                      "Also what environments, conventions and brokers say, not only the product itself");
    product
        ->add_option("-f,--file", words->explain.paths,
                     "Manifest of the product, to name the lines of what it says")
        ->allow_extra_args(false)
        ->type_name("PATH");
    CLI::App* change = Add(*explain, "change",
                           "What a change does, who must agree and why, what keeps it back, what to do next",
                           [words](Session& session) { return ExplainChange(session, words->explain); });
    change->add_option("change", words->explain.name, "Change, such as C-42")->required();
  }

  CLI::App* AddOnChange(const char* name, const char* help,
                        ExitCode (*command)(Session&, const ChangeOptions&)) {
    auto words = words_;
    CLI::App* sub =
        Add(app_, name, help, [words, command](Session& session) { return command(session, words->change); });
    sub->add_option("change", words->change.change, "Change, such as C-42")->required();
    return sub;
  }

  void AddChanges() {
    Add(app_, "inbox", "Changes that wait for you", [](Session& session) { return Inbox(session); });
    CLI::App* approve = AddOnChange("approve", "Read a change and approve exactly that", Approve);
    approve->add_option("--digest", words_->change.digest,
                        "All 64 digits of the digest of what was read; then nothing is asked");
    approve->add_option("--comment", words_->change.text, "What to say with it");
    CLI::App* reject = AddOnChange("reject", "Say no to a change; ends it", Reject);
    reject->add_option("--reason", words_->change.text, "Why")->required();
    CLI::App* withdraw = AddOnChange("withdraw", "Take an own change back", Withdraw);
    withdraw->add_option("--reason", words_->change.text, "Why");
    CLI::App* wait = AddOnChange("wait", "Wait for a change", Wait);
    wait->add_option("--for", words_->change.wait, "approved, or applied (default)")
        ->transform(CLI::CheckedTransformer(kWaits).description(""))
        ->type_name("WHEN");
  }

  void AddFilters(CLI::App* sub) {
    AuditOptions& options = words_->audit;
    sub->add_option("--change", options.change, "Only of this change");
    sub->add_option("--resource", options.resource,
                    "Only about this resource, such as dataproduct/p-and-p.promotions");
    sub->add_option("--actor", options.actor, "Only by this actor");
    sub->add_option("--action", options.action, "Only this action; one ending in . takes all that begin so");
    sub->add_option("--cluster", options.cluster, "Only of this cluster");
  }

  void AddAudit() {
    auto words = words_;
    CLI::App* audit = app_.add_subcommand("audit", "Read the audit log");
    audit->require_subcommand(1);
    audit->fallthrough();
    CLI::App* query = Add(*audit, "query", "Entries, latest first",
                          [words](Session& session) { return AuditQuery(session, words->audit); });
    AddFilters(query);
    query->add_option("--since", words->audit.since, "From then on: 2d (ago), 2026-11-22, or RFC 3339");
    query->add_option("--until", words->audit.until, "Before then");
    query->add_option("--limit", words->audit.limit, "At most this many (default 50)")
        ->check(CLI::Range(1, 1'000'000));
    CLI::App* tail = Add(*audit, "tail", "The latest entries, and those to come",
                         [words](Session& session) { return AuditTail(session, words->audit); });
    AddFilters(tail);
    tail->add_flag("-f,--follow", words->ignored, "What tail does anyway");
  }

  void AddVerify() {
    auto words = words_;
    CLI::App* verify = Add(app_, "verify", "Check that everything is as it was approved, and recorded once",
                           [words](Session& session) { return Verify(session, words->verify); });
    verify
        ->add_option("--agent-config", words->verify.agent_configs,
                     "Configuration of a cluster's agent: its Kafka and registry are read; may be repeated")
        ->allow_extra_args(false)
        ->type_name("FILE");
    verify
        ->add_option("--baseline", words->verify.baseline,
                     "Earlier output of verify -o json: nothing foreign may have changed since")
        ->type_name("FILE");
    verify->add_option("--changes", words->verify.changes, "Names of changes that must exist, one a line")
        ->type_name("FILE");
    verify->add_option("--settle", words->settle,
                       "How long a difference may last before it is wrong (default 20s)");
  }

  void AddContract(CLI::App* sub, EventContractOptions& options, std::string& profile) {
    sub->add_option("--schema", options.schema_file, "JSON Schema to hold messages against")->type_name("FILE");
    sub->add_option("--describes", options.describes, "What --schema describes: data (default), or the whole message")
        ->check(CLI::IsMember({"data", "message"}))
        ->type_name("WHAT");
    sub->add_option("-f,--file", options.paths, "Manifest of a product: its schema, event types and keys; may be repeated")
        ->allow_extra_args(false)
        ->type_name("PATH");
    sub->add_option("--product", options.product, "Product, where the manifests have several");
    sub->add_option("--version", options.version, "Major version (default: the newest)")->check(CLI::Range(1, 1'000'000));
    sub->add_option("--stream", options.stream, "Stream, where the version has several");
    sub->add_option("--profile", profile, "house (default) or cloudevents")->check(CLI::IsMember({"cloudevents", "house"}));
  }

  void AddEvent() {
    CLI::App* event = app_.add_subcommand("event", "Check messages, and make samples of them");
    event->require_subcommand(1);
    event->fallthrough();
    AddEventValidate(event);
    AddEventSample(event);
  }

  void AddEventValidate(CLI::App* event) {
    auto words = words_;
    EventValidateOptions& options = words->event_validate;
    CLI::App* validate = Add(*event, "validate", "Whether messages are events that a product's readers can take",
                             [words](Session& session) { return EventValidate(session, words->event_validate); });
    validate->add_option("files", options.files, "Files, each the value of one record; - is standard input");
    validate->add_option("--jsonl", options.jsonl, "JSON Lines, each a message in structured mode; one line out for each")
        ->type_name("FILE");
    validate->add_flag("--warnings", options.warnings, "With --jsonl: warnings too");
    AddContract(validate, options.contract, options.profile);
    validate->add_option("--key", options.key, "Key of the record, to be compared with what the message makes it");
    validate
        ->add_option("--header", options.headers, "Header of the record, NAME=VALUE; may be repeated: ce_… means binary mode")
        ->allow_extra_args(false);
    validate->add_flag("--tombstone", options.tombstone, "The record has no value");
    validate->add_flag("--closed", options.closed, "Warn of members that the schema does not declare");
    validate->add_flag("--assert-formats", options.formats, "Take format in schemas as a rule, not as a remark");
  }

  void AddEventSample(CLI::App* event) {
    auto words = words_;
    EventSampleOptions& options = words->event_sample;
    CLI::App* sample = Add(*event, "sample", "Make valid and just invalid messages, as JSON Lines",
                           [words](Session& session) { return EventSamples(session, words->event_sample); });
    AddContract(sample, options.contract, options.profile);
    sample->add_option("--valid", options.valid, "How many valid ones (default 1, with --invalid 0)")
        ->check(CLI::Range(0, 100'000));
    sample->add_option("--invalid", options.invalid, "At most this many invalid ones (default 50), each wrong in one place")
        ->expected(0, 1)
        ->default_str("50")
        ->check(CLI::Range(0, 1'000));
    sample->add_option("--seed", options.seed, "Another seed makes other messages");
  }

  void AddSchema() {
    auto words = words_;
    SchemaDiffOptions& options = words->schema_diff;
    CLI::App* schema = app_.add_subcommand("schema", "What changes of schemas mean");
    schema->require_subcommand(1);
    schema->fallthrough();
    CLI::App* diff = Add(*schema, "diff",
                         "What a change means, with proofs; exit code 0: compatible, 3: others must agree, 1: breaking",
                         [words](Session& session) { return SchemaDiff(session, words->schema_diff); });
    diff->add_option("old", options.before, "The schema as it is; - is standard input");
    diff->add_option("new", options.after, "The schema as it is to be; - is standard input");
    diff->add_option("--earlier", options.earlier, "A version before OLD that is kept too, the oldest first; then the answer is a table by version, at --level")
        ->type_name("FILE")
        ->allow_extra_args(false);
    diff->add_option("--pairs", options.pairs, "JSON Lines instead, one line out for each: {\"id\", \"format\", \"old\", \"new\"}")
        ->type_name("FILE");
    diff->add_option("--format", options.format, "json-schema or avro (default: avro for *.avsc)");
    diff->add_option("--level", options.level, "Level of the subject, at which registries are predicted")
        ->type_name("LEVEL");
    AddSchemaCheck(*schema);
    diff->add_flag("--semantic-break", options.semantic_break, "The meaning changes (a unit, say), which no schema shows");
  }

  void AddSchemaCheck(CLI::App& schema) {
    auto words = words_;
    CLI::App* check = Add(schema, "check",
                          "What the control plane says of a product's schemas, exit codes as of diff; or whether a waiting change "
                          "breaks a consumer, then exit code 1",
                          [words](Session& session) { return SchemaCheck(session, words->schema_check); });
    AddFiles(check, words->schema_check.apply);
    check->add_option("--grant", words->schema_check.grant, "Grant of a consumer, such as p-and-p.promotions/mobile")
        ->type_name("GRANT");
  }

  void AddOthers() {
    auto words = words_;
    CLI::App* context =
        app_.add_subcommand("context", "Contexts: control planes, and as whom to speak to them");
    context->require_subcommand(1);
    context->fallthrough();
    Add(*context, "list", "List them", [](Session& session) { return ContextList(session); });
    CLI::App* use = Add(*context, "use", "Make one the current one",
                        [words](Session& session) { return ContextUse(session, words->name); });
    use->add_option("name", words->name, "Name")->required();
    CLI::App* version = Add(app_, "version", "Versions of this command and of the control plane",
                            [words](Session& session) { return Version(session, words->client_only); });
    version->add_flag("--client", words->client_only, "Only of this command");
    CLI::App* completion = Add(app_, "completion", "Completion script for a shell", nullptr);
    completion->add_option("shell", words->shell, "bash, zsh or fish")
        ->required()
        ->check(CLI::IsMember({"bash", "zsh", "fish"}));
    std::vector<std::string> commands;
    for (const CLI::App* sub : app_.get_subcommands({})) commands.push_back(sub->get_name());
    completion->callback([this, words, commands] {
      invocation_.command = [words, commands](Session& session) {
        return Completion(session, words->shell, commands);
      };
    });
  }

  CLI::App app_;
  std::shared_ptr<Words> words_;
  Invocation& invocation_;
};

}  // namespace

Invocation ParseCommandLine(const std::vector<std::string>& words) {
  Invocation invocation;
  invocation.options.config_path = DefaultConfigPath();
  Grammar(invocation).Parse(words);
  return invocation;
}

}  // namespace sluice::cli
