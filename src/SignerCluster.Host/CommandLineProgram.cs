using System.CommandLine;
using System.CommandLine.Invocation;

namespace SignerCluster.Host;

/// <summary>A program of verbs, from its command line to its exit code.</summary>
public static class CommandLineProgram
{
    /// <summary>
    /// Runs the verb that the command line names. Ctrl-C and SIGTERM cancel it. Whatever it throws is shown to the user and becomes an exit code.
    /// </summary>
    /// <param name="create">Makes the verbs, which show their results on this terminal.</param>
    public static async Task<int> RunAsync(string[] args, Func<Terminal, Command> create)
    {
        bool json = Array.IndexOf(args, "--json") >= 0;
        if (OpenFiles.AreTooFew(json))
        {
            return ExitCode.Usage;
        }

        Terminal terminal = Terminal.Open(json);
        using StopSignal stop = new(TimeProvider.System);
        Command root = create(terminal);
        KeyProviders.WarnOfUnknownProfile(terminal);
        try
        {
            ParseResult parsed = root.Parse(args);
            return parsed.Action is ParseErrorAction
                ? await RefuseAsync(root, parsed, args, terminal, json)
                : await parsed.InvokeAsync(new InvocationConfiguration { EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = null }, stop.Token);
        }
        catch (Exception fault)
        {
            return terminal.Report(Failure.Of(fault));
        }
    }

    /// <summary>
    /// Whoever stops before a verb is shown what there is. Nothing was done, so the exit code is that of a wrong command line, and the help goes to stderr:
    /// a script that lost its verb must not take it for a result.
    /// </summary>
    private static async Task<int> RefuseAsync(Command root, ParseResult parsed, string[] args, Terminal terminal, bool json)
    {
        bool lacksVerb = parsed.CommandResult.Command is { Subcommands.Count: > 0, Action: null } && parsed.UnmatchedTokens.Count == 0;
        if (!lacksVerb || json)
        {
            return terminal.Report(Failure.Usage(parsed));
        }

        await root.Parse([.. args, "--help"]).InvokeAsync(new InvocationConfiguration { Output = Console.Error }, CancellationToken.None);
        return ExitCode.Usage;
    }
}
