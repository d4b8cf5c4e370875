using System.Text;
using SignerCluster.Bitcoin.Psbts;

namespace SignerCluster.Host.Verbs;

/// <summary>What <c>sign</c> shows of a finished request, and the file that it writes.</summary>
internal static class SignResult
{
    internal static int Show(Terminal terminal, SignOrder order, SignDocument signed, PaymentDocument? payment, string? outPath)
    {
        if (signed.Psbt is not { } psbt || payment is null)
        {
            return terminal.ShowLines(signed, ResultJson.Readable.SignDocument, Lines(signed));
        }

        byte[] binary = Convert.FromBase64String(psbt);
        byte[] file = order.IsBinary ? binary : Encoding.ASCII.GetBytes(psbt + "\n");
        payment = Psbt.TryParse(binary, out Psbt? result, out _) ? payment.After(result) : payment;
        SignDocument shown = signed with { Payment = payment, Out = outPath is null or OutputFile.StandardStream ? null : Path.GetFullPath(outPath) };
        if (outPath == OutputFile.StandardStream)
        {
            Terminal.RemarkLines(Lines(shown));
            using Stream output = Console.OpenStandardOutput();
            output.Write(file);
            return ExitCode.Done;
        }

        if (outPath is not null)
        {
            OutputFile.Replace(outPath, file);
        }

        return terminal.ShowLines(shown, ResultJson.Readable.SignDocument, Lines(shown));
    }

    private static IEnumerable<string> Lines(SignDocument signed)
    {
        foreach (string line in signed.Withdrawal is { } record ? WithdrawalVerb.Lines(record) : [$"session      {signed.Session}"])
        {
            yield return line;
        }

        foreach (SignedInputDocument input in signed.AllInputs)
        {
            yield return string.Empty;
            if (input.Input is { } index)
            {
                yield return $"input        {index}";
            }

            yield return $"output key   {input.OutputKey}";
            yield return $"message      {input.Message}";
            yield return $"signature    {input.Signature}";
            yield return $"attempts     {input.Attempts}";
        }

        yield return string.Empty;
        foreach (string line in signed.Payment?.Lines() ?? [])
        {
            yield return line;
        }

        yield return $"elapsed      {signed.ElapsedMs:0} ms";
        if (signed.Out is not null)
        {
            yield return $"out          {signed.Out}";
        }

        if (signed.Transaction is not null)
        {
            yield return $"transaction  {signed.Transaction}";
        }
        else if (signed.Psbt is not null)
        {
            yield return $"psbt         {signed.Psbt}";
        }
    }
}
