using System.CommandLine;
using System.Globalization;
using System.Text;

namespace SignerCluster.Host.Verbs;

/// <summary><c>completion</c>: a script that completes verbs and options in the caller's shell, written from the verbs of this program.</summary>
internal static class CompletionVerb
{
    private static readonly Argument<string> _shell = new("SHELL") { Description = "bash or zsh." };

    /// <summary>What the launcher hands to other programs, with the words that follow.</summary>
    private static readonly (string Path, string Words)[] _elsewhere =
    [
        (" test", "--cluster"), (" simulate", "--seeds --part --steps --json"), (" chaos", "list run"), (" cluster", "up status down"),
    ];

    internal static Command Create()
    {
        _shell.AcceptOnlyFromAmong("bash", "zsh");
        Command verb = new("completion", "Print what makes the shell complete verbs and options; put it into ~/.bashrc or ~/.zshrc.") { _shell };
        verb.SetAction(parsed => Console.Out.Write(Script(parsed.RootCommandResult.Command, isZsh: parsed.GetValue(_shell) == "zsh")));
        return verb;
    }

    private static string Script(Command root, bool isZsh)
    {
        (string Path, Command Command)[] all = [.. Below(root, string.Empty)];
        string values = string.Join('|', all.SelectMany(static one => one.Command.Options).Where(static option => option.Arity.MaximumNumberOfValues > 0)
            .Select(static option => option.Name).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal));
        StringBuilder cases = new();
        foreach ((string path, Command command) in all)
        {
            Append(path, $"{Words(command)}{(path.Length == 0 ? " test simulate chaos" : string.Empty)}");
        }

        foreach ((string path, string words) in _elsewhere)
        {
            Append(path, words);
        }

        string known = string.Join(
            '|', all.Select(static one => one.Path).Union(_elsewhere.Select(static one => one.Path)).Where(static path => path.Length > 0)
                .Select(static path => $"\"{path}\""));
        return $$"""
            {{(isZsh ? "autoload -U +X compinit bashcompinit && compinit && bashcompinit" : "# bash")}}
            _signer() {
              local path='' words='' word
              for word in "${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
                case "$path $word" in {{known}}) path+=" $word" ;; esac
              done
              case "${COMP_WORDS[COMP_CWORD-1]}" in {{values}}) return ;; esac
              case "$path" in
            {{cases}}  esac
              COMPREPLY=($(compgen -W "$words" -- "${COMP_WORDS[COMP_CWORD]}"))
            }
            complete -o default -F _signer signer

            """;

        void Append(string path, string words)
        {
            if (words.Length > 0)
            {
                cases.Append(CultureInfo.InvariantCulture, $"    \"{path}\") words='{words}' ;;\n");
            }
        }
    }

    private static IEnumerable<(string Path, Command Command)> Below(Command command, string path) =>
        command.Subcommands.SelectMany(child => Below(child, $"{path} {child.Name}")).Prepend((path, command));

    private static string Words(Command command) => string.Join(
        ' ',
        command.Subcommands.Select(static child => child.Name)
            .Concat(command.Options.Where(static option => !option.Hidden).Select(static option => option.Name)));
}
