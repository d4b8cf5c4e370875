using System.CommandLine;
using System.Text.Json;
using SignerCluster.Bitcoin.Psbts;
using SignerCluster.Bitcoin.Transactions;
using SignerCluster.Protocol;
using SignerCluster.Protocol.Policy;
using SignerCluster.Secp256k1;
using SignerCluster.Trust;

namespace SignerCluster.Host.Verbs;

/// <summary><c>approve</c>: one person's yes to one payment, for policies that ask for it.</summary>
internal static class ApproveVerb
{
    private static readonly Option<string?> _psbt = PsbtFile.Option("The PSBT to approve, binary or base64; - for standard input.");
    private static readonly Option<string?> _group = CommonOptions.Group();
    private static readonly Option<string> _identity =
        new("--identity") { Description = "The identity key of whoever approves, as signer pki identity makes it.", HelpName = "FILE", Required = true };
    private static readonly Option<string?> _out = new("--out") { Description = "Where to write the approval, for sign --approval.", HelpName = "FILE" };
    private static readonly Option<string> _network = CommonOptions.Network();
    private static readonly PaymentLimits _anyFee = new(TxOut.MaximumAmountSat, TxOut.MaximumAmountSat, int.MaxValue);

    internal static Command Create(Terminal terminal)
    {
        _psbt.Required = true;
        Command verb = new(
            "approve",
            "Approve a payment that a policy asks people about. Example: signer approve --psbt payment.psbt --group G --identity my.key --out my.approval")
        {
            _psbt, _group, _identity, _out, _network, CommonOptions.Json,
        };
        verb.SetAction((parsed, cancellation) => RunAsync(parsed, terminal, cancellation));
        return verb;
    }

    private static async Task<int> RunAsync(ParseResult parsed, Terminal terminal, CancellationToken cancellation)
    {
        GroupId group = CommonOptions.RequireGroup(parsed.GetValue(_group));
        string? path = parsed.GetValue(_out);
        if (path is not null)
        {
            OutputFile.RequireFolder(_out.Name, path);
        }

        byte[] file = await PsbtFile.ReadAsync(parsed.GetValue(_psbt)!, cancellation);
        // Nobody approves what cannot be valid. What it may cost is for the person to say, who is shown it.
        if (!Psbt.TryLoad(file, out Psbt? psbt, out BitcoinRefusal? refusal)
            || !psbt.TryAccept(CommonOptions.RequireKey(group), _anyFee, out _, out refusal))
        {
            return terminal.Report(Failure.Of(Refusal.Terminal(refusal.Code, refusal.Message)));
        }

        Terminal.RemarkLines(PaymentDocument.Of(psbt, group, CommonOptions.ReadNetwork(parsed.GetValue(_network)!)).Lines());
        ApprovalDocument document = Approve(parsed.GetValue(_identity)!, group, psbt.UnsignedTransaction.Txid);
        if (path is not null)
        {
            Write(path, document);
        }

        return terminal.ShowLines(document, ResultJson.Readable.ApprovalDocument, path is null
            ? [$"approver  {document.Approver}", $"approval  {document.Approval}"]
            : [$"approver  {document.Approver}", $"file      {Path.GetFullPath(path)}"]);
    }

    private static ApprovalDocument Approve(string identityFile, GroupId group, Txid txid)
    {
        using IdentityKey identity = IdentityKey.Load(identityFile);
        Span<byte> auxiliary32 = stackalloc byte[32];
        Wiring.Entropy(auxiliary32);
        Bytes64 signature = identity.Sign(Approval.MessageOf(group, txid).AsSpan(), auxiliary32);
        return ApprovalDocument.Of(group, txid, new Approval(identity.Public, signature));
    }

    private static void Write(string path, ApprovalDocument document)
    {
        try
        {
            OutputFile.Write(path, JsonSerializer.SerializeToUtf8Bytes(document, ApprovalJson.Default.ApprovalDocument));
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            throw new UnavailableException("out_unwritable", $"{_out.Name}: {path} cannot be written: {fault.Message}");
        }
    }
}
