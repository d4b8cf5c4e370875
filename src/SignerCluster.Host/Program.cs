using System.CommandLine;
using System.CommandLine.Invocation;
using SignerCluster.Host;
using SignerCluster.Host.Verbs;

Terminal terminal = Terminal.Open(json: args.Contains(CommonOptions.Json.Name, StringComparer.Ordinal));
using StopSignal stop = new(TimeProvider.System);
RootCommand root = new("Threshold signatures for Bitcoin: FROST shares that never meet make one BIP-340 signature. (signer test runs the tests.)")
{
    DemoVerb.Create(terminal),
    KeygenVerb.Create(terminal),
    UpVerb.Create(terminal),
    NodeVerb.Create(terminal),
    SignVerb.Create(terminal),
    SessionVerb.Create(terminal),
    GroupVerb.Create(terminal),
    SeatVerb.Create(terminal),
    KeysVerb.Create(terminal),
    JournalVerb.Create(terminal),
    ConfigVerb.Create(terminal),
    PkiVerb.Create(terminal),
    HealthcheckVerb.Create(terminal),
    BenchVerb.Create(terminal),
    ClusterVerb.Create(terminal),
};

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
