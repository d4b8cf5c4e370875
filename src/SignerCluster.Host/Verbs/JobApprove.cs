using System.CommandLine;
using System.Text.Json;
using System.Text.Json.Nodes;
using SignerCluster.Bitcoin.Addresses;
using SignerCluster.Bitcoin.Covenants;
using SignerCluster.Bitcoin.Psbts;
using SignerCluster.Bitcoin.Transactions;
using SignerCluster.Journal.Documents;
using SignerCluster.Protocol;
using SignerCluster.Protocol.CovenantJob;
using SignerCluster.Protocol.Policy;
using SignerCluster.Protocol.Wire;
using SignerCluster.Secp256k1;
using SignerCluster.Trust;

namespace SignerCluster.Host.Verbs;

/// <summary><c>job approve</c>: a depositor's or custodian's yes to the transaction of a covenant job. Asks nobody, and submits nothing.</summary>
internal static class JobApprove
{
    // What the API takes of a body.
    private const int MaximumBytes = 2 * 1024 * 1024;

    private static readonly Option<string> _request = new("--request")
    {
        Description = "The body that is to be submitted, JSON; what it says of approvals does not matter.",
        HelpName = "FILE",
        Required = true,
    };

    private static readonly Option<string> _identity =
        new("--identity") { Description = "The key that stands in the covenant, as signer pki identity makes it.", HelpName = "FILE", Required = true };

    private static readonly Option<string> _network = CommonOptions.Network();

    internal static Command Create(Terminal terminal)
    {
        Command approve = new(
            "approve", "Approve the transaction of a covenant job. Example: signer job approve --request job.json --identity depositor.key --json")
        {
            _request, _identity, _network, CommonOptions.Json,
        };
        approve.SetAction(parsed => Run(parsed, terminal));
        return approve;
    }

    private static int Run(ParseResult parsed, Terminal terminal)
    {
        (CovenantTerms terms, CovenantPayment payment) = Read(parsed.GetValue(_request)!);
        // What it may cost is for the person to say, who is shown it.
        if (!payment.TryMakeSpend(terms, PaymentLimits.None, out CovenantSpend? spend, out Refusal? refusal))
        {
            return terminal.Report(Failure.Of(refusal));
        }

        using IdentityKey identity = IdentityKey.Load(parsed.GetValue(_identity)!);
        if (identity.Public.ToBytes() != terms.Depositor && identity.Public.ToBytes() != terms.Custodian?.Key)
        {
            throw new UsageException(
                "key_not_of_covenant", $"{_identity.Name}: {identity.Public} is neither the depositor nor the custodian of this covenant.");
        }

        Terminal.RemarkLines(Lines(spend, CommonOptions.ReadNetwork(parsed.GetValue(_network)!)));
        GroupId group = new(terms.Signer);
        Span<byte> auxiliary32 = stackalloc byte[32];
        Wiring.Entropy(auxiliary32);
        Bytes64 signature = identity.Sign(Approval.MessageOf(group, spend.Plan.Unsigned.Txid).AsSpan(), auxiliary32);
        ApprovalDocument document = ApprovalDocument.Of(group, spend.Plan.Unsigned.Txid, new Approval(identity.Public, signature));
        return terminal.ShowLines(
            document, ResultJson.Readable.ApprovalDocument, [$"approver  {document.Approver}", $"approval  {document.Approval}"]);
    }

    /// <summary>The covenant and its payment, of a submission or of the request in it.</summary>
    private static (CovenantTerms Terms, CovenantPayment Payment) Read(string path)
    {
        try
        {
            JsonNode? root = JsonNode.Parse(
                RegularFile.Read(path, MaximumBytes).Span, documentOptions: new JsonDocumentOptions { AllowDuplicateProperties = false });
            JsonObject? request = (root?["request"] ?? root) as JsonObject;
            CovenantTerms? terms = request?["terms"].Deserialize(WireJson.Default.CovenantTerms);
            CovenantPayment? payment = request?["payment"].Deserialize(WireJson.Default.CovenantPayment);
            return (terms ?? throw Malformed("terms"), payment ?? throw Malformed("payment"));
        }
        catch (Exception malformed) when (malformed is JsonException or InvalidOperationException)
        {
            throw Malformed(malformed is JsonException { Path: { } at } ? at : "JSON");
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            throw new UsageException("job_unreadable", $"{_request.Name}: {path} cannot be read: {fault.Message}");
        }
    }

    private static UsageException Malformed(string what) => new(
        "job_malformed",
        $"{_request.Name}: this is no request for a covenant to be spent ({what}); src/SignerCluster.Protocol/CovenantJob/README.md shows one.");

    private static IEnumerable<string> Lines(CovenantSpend spend, Network network)
    {
        yield return $"spends    {spend.Plan.AmountSat} sat of a covenant of {spend.Template.Terms.Kind.ToName()}";
        foreach (TxOut output in spend.Plan.Unsigned.Outputs)
        {
            yield return $"pays      {output.AmountSat} sat to {OutputAddress.Of(network, output.ScriptPubKey) ?? $"the script {output.ScriptPubKey}"}";
        }

        yield return $"fee       {spend.Plan.FeeSat} sat";
        yield return $"txid      {spend.Plan.Unsigned.Txid}";
    }
}
