namespace SignerCluster.Chaos.Audit;

/// <summary>A PSBT of version 0 as the auditor reads it: the transaction, and the outputs that it spends.</summary>
internal sealed record PsbtReading(TransactionReading Transaction, IReadOnlyList<OutputReading> Spent)
{
    /// <summary>Throws <see cref="FormatException"/> for anything else, and where an input does not say what it spends.</summary>
    internal static PsbtReading Read(string base64)
    {
        byte[] bytes = Convert.FromBase64String(base64);
        BytesReading reader = new(bytes);
        if (!reader.Take(5).SequenceEqual<byte>([(byte)'p', (byte)'s', (byte)'b', (byte)'t', 0xff]))
        {
            throw new FormatException("It is no PSBT.");
        }

        TransactionReading transaction = TransactionReading.Read(reader.Find(0) ?? throw new FormatException("A PSBT lacks its transaction."));
        OutputReading[] spent = new OutputReading[transaction.Inputs];
        for (int input = 0; input < spent.Length; input++)
        {
            BytesReading output = new(reader.Find(1) ?? throw new FormatException($"Input {input} of a PSBT does not say what it spends."));
            spent[input] = OutputReading.Read(ref output);
        }

        return new PsbtReading(transaction, spent);
    }

    /// <summary>What leaves whoever owns the script: what of it is spent without what comes back to it.</summary>
    internal ulong OutflowOf(string script)
    {
        ulong brought = Sum(Spent, script);
        ulong back = Sum(Transaction.Outputs, script);
        return brought > back ? brought - back : 0;
    }

    private static ulong Sum(IEnumerable<OutputReading> outputs, string script) =>
        outputs.Where(output => output.Script == script).Aggregate(0ul, static (sum, output) => checked(sum + output.Amount));
}
