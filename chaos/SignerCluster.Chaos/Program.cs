using System.CommandLine;
using System.CommandLine.Invocation;
using System.Runtime.InteropServices;
using SignerCluster.Chaos;
using SignerCluster.Chaos.Cluster;
using SignerCluster.Chaos.Reports;

using CancellationTokenSource stopping = new();
using PosixSignalRegistration interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);
using PosixSignalRegistration terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);
Screen screen = new(json: args.Contains(Verbs.Json.Name, StringComparer.Ordinal), verbose: args.Contains(Verbs.Verbose.Name, StringComparer.Ordinal));
try
{
    ParseResult parsed = Verbs.Create(screen).Parse(args);
    if (parsed.Action is ParseErrorAction)
    {
        throw new UsageException($"{string.Join(' ', parsed.Errors.Select(static error => error.Message))} Run: signer chaos --help");
    }

    return await parsed.InvokeAsync(new InvocationConfiguration { EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = null }, stopping.Token);
}
catch (UsageException usage)
{
    screen.Fail("usage", usage.Message);
    return ExitCode.Usage;
}
catch (CannotRunException cannot)
{
    screen.Fail("not_run", cannot.Message);
    return ExitCode.NotRun;
}
catch (OperationCanceledException)
{
    screen.Fail("stopped", "It was stopped, and so was everything that it had started.");
    return ExitCode.NotRun;
}

void Stop(PosixSignalContext signal)
{
    signal.Cancel = !stopping.IsCancellationRequested;
    stopping.Cancel();
}
