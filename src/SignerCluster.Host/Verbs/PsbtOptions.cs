using System.CommandLine;
using System.Diagnostics;
using SignerCluster.Bitcoin.Psbts;
using SignerCluster.Protocol;
using SignerCluster.Protocol.Policy;

namespace SignerCluster.Host.Verbs;

/// <summary>The PSBT of a command line, where its signed form goes, and how what it pays is shown.</summary>
internal sealed class PsbtOptions
{
    private readonly Option<string?> _psbt = PsbtFile.Option("The PSBT to sign, binary or base64; - for standard input.");
    private readonly Option<string[]> _approvals =
        new("--approval") { Description = "A person's approval of the PSBT, as signer approve writes it. May be given again.", HelpName = "FILE" };
    private readonly Option<string?> _out =
        new("--out") { Description = "Where to write the signed PSBT, in the form in which it was given; - for standard output.", HelpName = "FILE|-" };
    private readonly Option<string> _network = CommonOptions.Network();

    internal void AddTo(Command verb)
    {
        verb.Options.Add(_psbt);
        verb.Options.Add(_approvals);
        verb.Options.Add(_out);
        verb.Options.Add(_network);
    }

    /// <summary>What is to be signed, as it was typed; null where nothing was.</summary>
    internal string? PathOf(ParseResult parsed) => parsed.GetValue(_psbt);

    /// <summary>Where the signed form goes, as it was typed.</summary>
    internal string? OutOf(ParseResult parsed) => parsed.GetValue(_out);

    internal string[] ApprovalsOf(ParseResult parsed) => parsed.GetValue(_approvals) ?? [];

    /// <summary>
    /// The content of the file; null where none is named. Throws <see cref="UsageException"/>, also where the signed form could not be written.
    /// </summary>
    internal async Task<byte[]?> ReadAsync(ParseResult parsed, CancellationToken cancellation)
    {
        RequireOut(parsed);
        return PathOf(parsed) is { } path ? await PsbtFile.ReadAsync(path, cancellation) : null;
    }

    /// <summary>What people said to the PSBT; null for nothing. Throws <see cref="UsageException"/>.</summary>
    /// <param name="file">The content of the PSBT's file; null for none.</param>
    internal Batch<Approval>? ReadApprovals(ParseResult parsed, GroupId group, byte[]? file)
    {
        string[] paths = ApprovalsOf(parsed);
        if (paths.Length > 0 && file is null)
        {
            throw new UsageException("approval_needs_psbt", $"{_approvals.Name}: only a PSBT is approved; give --psbt.");
        }

        // What is no PSBT is refused where it is to be signed.
        return paths.Length > 0 && Psbt.TryLoad(file, out Psbt? psbt, out _)
            ? Batch.Of(paths.Select(path => ApprovalDocument.Load(_approvals.Name, path, group, psbt.UnsignedTransaction.Txid)))
            : null;
    }

    /// <summary>Shows what is paid, signs, and shows and writes what came of it.</summary>
    internal async Task<int> SignAsync(string what, SignOrder order, SignPlace place, ParseResult parsed, Terminal terminal, CancellationToken cancellation)
    {
        PaymentDocument? payment = order.Psbt is { } file && Psbt.TryLoad(file, out Psbt? psbt, out _)
            ? PaymentDocument.Of(psbt, order.Group, CommonOptions.ReadNetwork(parsed.GetValue(_network)!))
            : null;
        Terminal.RemarkLines(payment?.Lines() ?? []);
        return await place.RunAsync(what, order, terminal, cancellation) switch
        {
            SignEnd.Signed signed => SignResult.Show(terminal, order, signed.Document, payment, OutOf(parsed)),
            SignEnd.Failed failed => terminal.Report(failed.Failure),
            _ => throw new UnreachableException(),
        };
    }

    private void RequireOut(ParseResult parsed)
    {
        if (OutOf(parsed) is not { } path)
        {
            return;
        }

        if (PathOf(parsed) is null)
        {
            throw new UsageException("out_needs_psbt", "--out: only a PSBT has a signed file; give --psbt.");
        }

        if (path != OutputFile.StandardStream)
        {
            OutputFile.RequireFolder("--out", path);
        }
        else if (parsed.GetValue(CommonOptions.Json))
        {
            throw new UsageException("out_with_json", "--out -: the object of --json has the signed PSBT already. Give only one of them, or name a file.");
        }
    }
}
