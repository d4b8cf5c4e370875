using System.CommandLine;
using System.Globalization;
using SignerCluster.Bitcoin.Psbts;
using SignerCluster.Bitcoin.Transactions;
using SignerCluster.Journal.Policies;
using SignerCluster.Protocol;
using SignerCluster.Protocol.Policy;
using SignerCluster.Secp256k1;

namespace SignerCluster.Host.Verbs;

/// <summary><c>policy check</c>: everything that a policy has against a payment, without signing it.</summary>
internal static class PolicyVerb
{
    private static readonly Option<string> _policy =
        new("--policy") { Description = "The policies, as a node or a data directory has them.", HelpName = "FILE", Required = true };
    private static readonly Option<string?> _psbt = PsbtFile.Option("The PSBT to judge, binary or base64; - for standard input.");
    private static readonly Option<string?> _group =
        new("--group") { Description = "The group's id; the one that the file names where not given.", HelpName = "G" };
    private static readonly Option<string?> _network =
        new("--network") { Description = "The network that the file must be for." };
    private static readonly Option<string?> _at =
        new("--at") { Description = "The moment, such as 2026-01-31T17:59:59Z; now where not given.", HelpName = "TIME" };
    private static readonly Option<ulong?> _spent =
        new("--spent") { Description = "What has left the group today in satoshis, as its guardian would count.", HelpName = "SAT" };
    private static readonly Option<string[]> _approvals =
        new("--approval") { Description = "An approval of the PSBT. May be given again.", HelpName = "FILE" };

    internal static Command Create(Terminal terminal)
    {
        _psbt.Required = true;
        _network.AcceptOnlyFromAmong("mainnet", "testnet", "signet", "regtest");
        Command check = new(
            "check",
            "Say what would be refused of a payment, and why; exit 0 when nothing, 1 when something. "
                + "Example: signer policy check --policy policy.json --psbt payment.psbt --at 2026-01-31T08:00Z")
        {
            _policy, _psbt, _group, _network, _at, _spent, _approvals, CommonOptions.Json,
        };
        check.SetAction((parsed, cancellation) => CheckAsync(parsed, terminal, cancellation));
        return new Command("policy", "What may be paid from a group, to whom, how much and when.") { check };
    }

    private static async Task<int> CheckAsync(ParseResult parsed, Terminal terminal, CancellationToken cancellation)
    {
        SpendingPolicies policies = PolicyOptions.LoadFile(_policy.Name, parsed.GetValue(_policy)!);
        if (parsed.GetValue(_network) is { } network && CommonOptions.ReadNetwork(network) != policies.Network)
        {
            throw new UsageException("network_differs", $"{_network.Name}: {network} is not the network of the file, {policies.Network}.");
        }

        GroupId group = parsed.GetValue(_group) is null && policies.Groups.Count == 1
            ? policies.Groups.Single()
            : CommonOptions.RequireGroup(parsed.GetValue(_group));
        DateTimeOffset at = ReadTime(parsed.GetValue(_at));
        byte[] file = await PsbtFile.ReadAsync(parsed.GetValue(_psbt)!, cancellation);
        PolicyCheckDocument document = Judge(policies, group, file, txid => new PolicyFacts(
            group,
            at.ToUnixTimeSeconds(),
            parsed.GetValue(_spent),
            [.. (parsed.GetValue(_approvals) ?? []).Select(path => ApprovalDocument.Load(_approvals.Name, path, group, txid))]));
        int shown = terminal.ShowLines(
            document with { At = at.ToString("yyyy-MM-ddTHH:mm:ssZ", CultureInfo.InvariantCulture) },
            ResultJson.Readable.PolicyCheckDocument,
            document.Lines());
        return document.Refused ? ExitCode.Refused : shown;
    }

    private static PolicyCheckDocument Judge(SpendingPolicies policies, GroupId group, byte[] file, Func<Txid, PolicyFacts> facts)
    {
        XOnlyPublicKey key = CommonOptions.RequireKey(group);
        if (!Psbt.TryLoad(file, out Psbt? psbt, out BitcoinRefusal? refusal))
        {
            return PolicyCheckDocument.Of(group, [ToRefusal(refusal)]);
        }

        // What a participant refuses whatever its policy says comes first.
        List<Refusal> findings = [];
        if (!psbt.TryAccept(key, PaymentLimits.Default, out KeyPathInputs? inputs, out refusal))
        {
            findings.Add(ToRefusal(refusal));
            if (!psbt.TryFindKeyPathInputs(key, out inputs, out _))
            {
                return PolicyCheckDocument.Of(group, findings);
            }
        }

        AcceptedPayment payment = AcceptedPayment.Of(psbt, inputs, inputs.ToSign.Select(static input => input.Index), key);
        findings.AddRange(PolicyCheck.Findings(policies.Of(group), payment, facts(payment.Txid)));
        return PolicyCheckDocument.Of(group, findings) with
        {
            OutflowSat = payment.OutflowSat,
            Payment = PaymentDocument.Of(psbt, group, policies.Network),
        };
    }

    private static Refusal ToRefusal(BitcoinRefusal refusal) => Refusal.Terminal(refusal.Code, refusal.Message);

    private static DateTimeOffset ReadTime(string? text) => text switch
    {
        null => TimeProvider.System.GetUtcNow(),
        _ when DateTimeOffset.TryParse(
            text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out DateTimeOffset at) => at,
        _ => throw new UsageException("time_malformed", $"{_at.Name}: a moment such as 2026-01-31T17:59:59Z, not '{text}'."),
    };
}
