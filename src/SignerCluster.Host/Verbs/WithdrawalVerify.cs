using System.CommandLine;
using SignerCluster.Bitcoin.Transactions;
using SignerCluster.Trust.Envelopes;

namespace SignerCluster.Host.Verbs;

/// <summary><c>withdrawal verify</c>: checks an envelope against a party's identity key, without any signer.</summary>
internal static class WithdrawalVerify
{
    private const int MaximumBytes = 64 * 1024 * 1024;
    private static readonly Option<string> _envelope = new("--envelope")
    {
        Description = "The answer of the API or of withdrawal show --json, or its envelope alone; - for standard input.",
        HelpName = "FILE|-",
        Required = true,
    };

    private static readonly ExpectedIdentity _expected = new("the envelope");

    internal static Command Create(Terminal terminal)
    {
        Command verify = new("verify", "Check a withdrawal's envelope offline: who signed it, that its record is in the chain, and every signature.")
        {
            _envelope, _expected.Identity, _expected.Roster, CommonOptions.Json,
        };
        verify.SetAction((parsed, cancellation) => RunAsync(parsed, terminal, cancellation));
        return verify;
    }

    private static async Task<int> RunAsync(ParseResult parsed, Terminal terminal, CancellationToken cancellation)
    {
        string path = parsed.GetValue(_envelope)!;
        byte[] file = await ReadAsync(path, cancellation);
        if (!EnvelopeText.TryRead(file, out WithdrawalEnvelope? envelope))
        {
            throw new UsageException("envelope_malformed", $"--envelope: {path} holds no envelope of a withdrawal.");
        }

        VerifiedEnvelope document = VerifiedEnvelope.Of(
            envelope, envelope.Fault(_expected.Read(parsed)(envelope.Certificate.Party)) ?? AnswerAround.Contradiction(file, envelope));
        return document.Fault is null
            ? terminal.ShowLines(document, ResultJson.Readable.VerifiedEnvelope, document.Lines())
            : terminal.Report(new Failure(ExitCode.Refused, "envelope_invalid", "terminal", document.Fault, null));
    }

    private static async Task<byte[]> ReadAsync(string path, CancellationToken cancellation)
    {
        try
        {
            await using Stream source = path == OutputFile.StandardStream ? Console.OpenStandardInput() : File.OpenRead(path);
            using MemoryStream content = new();
            await source.CopyToAsync(content, cancellation);
            return content.Length <= MaximumBytes
                ? content.ToArray()
                : throw new UsageException("envelope_malformed", $"--envelope: {path} is longer than {MaximumBytes} bytes.");
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            throw new UsageException("envelope_unreadable", $"--envelope: {path} cannot be read: {fault.Message}");
        }
    }
}

/// <summary>What an envelope proves.</summary>
/// <param name="Position">Where the record is in the guardian's chain.</param>
/// <param name="Records">How many records the chain had when it was signed.</param>
/// <param name="Root">Of the tree over their hashes: two envelopes of one size with two roots prove a fork.</param>
/// <param name="Signatures">Bitcoin signatures that verify.</param>
/// <param name="SessionSince">Unix seconds at which the process began that signed it.</param>
internal sealed record VerifiedEnvelope(
    string WithdrawalId,
    string Group,
    string Txid,
    ulong Sequence,
    ulong DebitSat,
    ulong Accepted,
    long Position,
    long Records,
    string Root,
    int Signatures,
    string Party,
    string Node,
    ulong SessionSince,
    ulong IssuedAt)
{
    [System.Text.Json.Serialization.JsonIgnore]
    internal string? Fault { get; private init; }

    internal static VerifiedEnvelope Of(WithdrawalEnvelope envelope, string? fault) => new(
        envelope.Result.Withdrawal.Id.ToString(),
        envelope.Result.Group.ToString(),
        new Txid(envelope.Result.Withdrawal.Txid).ToString(),
        envelope.Result.Withdrawal.Sequence,
        envelope.Result.Withdrawal.Debit,
        envelope.Result.Withdrawal.At,
        envelope.Result.Withdrawal.Position,
        envelope.Result.Proof.Size,
        envelope.Result.Proof.Root.ToString(),
        envelope.Result.Signature.Count,
        envelope.Certificate.Party,
        envelope.Certificate.Node,
        envelope.Certificate.IssuedAt,
        envelope.Result.IssuedAt)
    {
        Fault = fault,
    };

    internal IEnumerable<string> Lines()
    {
        yield return $"withdrawal   {WithdrawalId}, number {Sequence} of group {Group}";
        yield return $"transaction  {Txid}, {DebitSat} sat leave the group";
        yield return $"record       {Position} of {Records}, under the root {Root}";
        yield return $"signatures   {Signatures}, all verify";
        yield return $"signed by    {Node} of {Party}, whose process began at {UnixTime.ToText(SessionSince)}";
        yield return $"at           {UnixTime.ToText(IssuedAt)}";
    }
}
