// completion: scripts for shells. Kinds are fixed; names are asked of the control plane when a key is
// pressed.
#include <fmt/format.h>

#include <ostream>

#include "cli/commands.h"
#include "cli/kinds.h"

namespace sluice::cli {
namespace {

std::string KindWords() {
  std::string words = "change changes";
  for (const KindAccess& kind : Kinds()) words += " " + kind.name + " " + kind.plural;
  return words;
}

constexpr const char* kBash = R"sh(# bash completion for sluice: source <(sluice completion bash)
_sluice() {{
  local current=${{COMP_WORDS[COMP_CWORD]}} previous=${{COMP_WORDS[COMP_CWORD-1]}} command="" kind="" word
  for word in "${{COMP_WORDS[@]:1:COMP_CWORD-1}}"; do
    case $word in
      -*) ;;
      *) if [ -z "$command" ]; then command=$word; elif [ -z "$kind" ]; then kind=$word; fi ;;
    esac
  done
  case $previous in
    --context) COMPREPLY=($(compgen -W "$(sluice context list -o name 2>/dev/null)" -- "$current")); return ;;
    --cluster) COMPREPLY=($(compgen -W "$(sluice --timeout 2s get clusters -o name 2>/dev/null)" -- "$current")); return ;;
    -o|--output) COMPREPLY=($(compgen -W "table json yaml name" -- "$current")); return ;;
    -f|--file|--agent-config|--baseline|--changes) COMPREPLY=($(compgen -f -- "$current")); return ;;
    use) COMPREPLY=($(compgen -W "$(sluice context list -o name 2>/dev/null)" -- "$current")); return ;;
  esac
  case $command in
    "") COMPREPLY=($(compgen -W "{commands}" -- "$current")) ;;
    get|describe|delete)
      if [ -z "$kind" ]; then COMPREPLY=($(compgen -W "{kinds}" -- "$current"))
      else COMPREPLY=($(compgen -W "$(sluice --timeout 2s get "$kind" -o name 2>/dev/null)" -- "$current")); fi ;;
    approve|reject) COMPREPLY=($(compgen -W "$(sluice --timeout 2s inbox -o name 2>/dev/null)" -- "$current")) ;;
    withdraw|wait) COMPREPLY=($(compgen -W "$(sluice --timeout 2s get changes --mine -o name 2>/dev/null)" -- "$current")) ;;
    explain)
      if [ -z "$kind" ]; then COMPREPLY=($(compgen -W "product change" -- "$current"))
      else COMPREPLY=($(compgen -W "$(sluice --timeout 2s get "$kind" -o name 2>/dev/null)" -- "$current")); fi ;;
    audit) COMPREPLY=($(compgen -W "query tail" -- "$current")) ;;
    context) COMPREPLY=($(compgen -W "list use" -- "$current")) ;;
    completion) COMPREPLY=($(compgen -W "bash zsh fish" -- "$current")) ;;
  esac
}}
complete -F _sluice sluice
)sh";

// zsh runs the bash function through its own bridge.
constexpr const char* kZsh = R"sh(#compdef sluice
# zsh completion for sluice: source <(sluice completion zsh)
autoload -Uz +X compinit && compinit
autoload -Uz +X bashcompinit && bashcompinit
)sh";

constexpr const char* kFish = R"sh(# fish completion for sluice: sluice completion fish | source
complete -c sluice -f
complete -c sluice -n __fish_use_subcommand -a '{commands}'
complete -c sluice -n '__fish_seen_subcommand_from get describe delete' -a '{kinds}'
complete -c sluice -n '__fish_seen_subcommand_from approve reject' -a '(sluice --timeout 2s inbox -o name 2>/dev/null)'
complete -c sluice -n '__fish_seen_subcommand_from withdraw wait' -a '(sluice --timeout 2s get changes --mine -o name 2>/dev/null)'
complete -c sluice -n '__fish_seen_subcommand_from explain' -a 'product change'
complete -c sluice -n '__fish_seen_subcommand_from audit' -a 'query tail'
complete -c sluice -n '__fish_seen_subcommand_from context' -a 'list use'
complete -c sluice -n '__fish_seen_subcommand_from completion' -a 'bash zsh fish'
complete -c sluice -l context -x -a '(sluice context list -o name 2>/dev/null)'
complete -c sluice -l cluster -x -a '(sluice --timeout 2s get clusters -o name 2>/dev/null)'
complete -c sluice -s o -l output -x -a 'table json yaml name'
complete -c sluice -s f -l file -r -F
complete -c sluice -l agent-config -r -F
complete -c sluice -l baseline -r -F
complete -c sluice -l changes -r -F
)sh";

}  // namespace

ExitCode Completion(Session& session, const std::string& shell, const std::vector<std::string>& commands) {
  std::string list = fmt::format("{}", fmt::join(commands, " "));
  std::string kinds = KindWords();
  if (shell == "zsh") session.terminal.out << kZsh;
  if (shell == "fish") {
    session.terminal.out << fmt::format(fmt::runtime(kFish), fmt::arg("commands", list),
                                        fmt::arg("kinds", kinds));
  } else {
    session.terminal.out << fmt::format(fmt::runtime(kBash), fmt::arg("commands", list),
                                        fmt::arg("kinds", kinds));
  }
  return kDone;
}

}  // namespace sluice::cli
