using System.CommandLine;
using System.CommandLine.Invocation;
using SignerCluster.Host.Verbs;

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
        Terminal terminal = Terminal.Open(json: args.Contains(CommonOptions.Json.Name, StringComparer.Ordinal));
        using StopSignal stop = new(TimeProvider.System);
        Command root = create(terminal);
        KeyProviders.WarnOfUnknownProfile(terminal);
        try
        {
            ParseResult parsed = root.Parse(args);
            return parsed.Action is ParseErrorAction
                ? terminal.Report(Failure.Usage(parsed))
                : await parsed.InvokeAsync(new InvocationConfiguration { EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = null }, stop.Token);
        }
        catch (Exception fault)
        {
            return terminal.Report(Failure.Of(fault));
        }
    }
}
