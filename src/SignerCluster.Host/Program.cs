using System.CommandLine;
using SignerCluster.Host;
using SignerCluster.Host.Verbs;

return await CommandLineProgram.RunAsync(args, static terminal => new RootCommand(
    "Threshold signatures for Bitcoin: FROST shares that never meet make one BIP-340 signature. (signer test runs the tests.)")
{
    DemoVerb.Create(terminal),
    KeygenVerb.Create(terminal),
    UpVerb.Create(terminal),
    NodeVerb.Create(terminal),
    SignVerb.Create(terminal),
    ProveVerb.Create(terminal),
    ApproveVerb.Create(terminal),
    PolicyVerb.Create(terminal),
    RegistryVerb.Create(terminal),
    JobVerb.Create(terminal),
    SessionVerb.Create(terminal),
    WithdrawVerb.Create(terminal),
    WithdrawalVerb.Create(terminal),
    GuardianVerb.Create(terminal),
    GroupVerb.Create(terminal),
    SeatVerb.Create(terminal),
    KeysVerb.Create(terminal),
    JournalVerb.Create(terminal),
    ConfigVerb.Create(terminal),
    PkiVerb.Create(terminal),
    HealthcheckVerb.Create(terminal),
    CompletionVerb.Create(),
    WorkbenchVerbs.Refuse("bench", WorkbenchVerbs.Bench),
    WorkbenchVerbs.Refuse("cluster", WorkbenchVerbs.Cluster),
});
