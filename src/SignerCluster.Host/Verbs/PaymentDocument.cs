using System.Globalization;
using System.Text.Json.Serialization;
using SignerCluster.Bitcoin.Addresses;
using SignerCluster.Bitcoin.Psbts;
using SignerCluster.Bitcoin.Transactions;
using SignerCluster.Protocol;
using SignerCluster.Secp256k1;

namespace SignerCluster.Host.Verbs;

/// <summary>What a PSBT pays, for those who answer for it.</summary>
/// <param name="Inputs">How many there are.</param>
/// <param name="FeeSat">Null where the PSBT does not tell what all inputs spend.</param>
/// <param name="FeeRate">Satoshis a virtual byte.</param>
/// <param name="VirtualSize">Of the finished transaction; inputs of others that are not signed yet are estimated.</param>
/// <param name="UnsignedInputs">Those without a signature of anybody.</param>
/// <param name="Warnings">What the network or its nodes may not like; null for nothing.</param>
internal sealed record PaymentDocument(
    string Txid,
    int Inputs,
    IReadOnlyList<PaidOutputDocument> Outputs,
    long? FeeSat,
    double? FeeRate,
    long VirtualSize,
    IReadOnlyList<int> UnsignedInputs,
    IReadOnlyList<string>? Warnings)
{
    [JsonIgnore]
    internal Network Network { get; init; }

    internal static PaymentDocument Of(Psbt psbt, GroupId group, Network network)
    {
        bool isKey = XOnlyPublicKey.TryParseHex(group.ToString(), out XOnlyPublicKey key);
        Dictionary<int, DerivationPath> change = isKey ? psbt.FindChange(key).ToDictionary(static one => one.Index, static one => one.Path) : [];
        long? feeSat = psbt.TryComputeFee(out long fee, out _) ? fee : null;
        long size = psbt.VirtualSize;
        string[] warnings = [.. Dust(psbt), .. isKey && psbt.TryFindKeyPathInputs(key, out KeyPathInputs? found, out _) ? Open(found) : []];
        return new PaymentDocument(
            psbt.UnsignedTransaction.Txid.ToString(),
            psbt.Prevouts.Count,
            [.. psbt.UnsignedTransaction.Outputs.Select((output, index) => PaidOutputDocument.Of(output, network, change.GetValueOrDefault(index)))],
            feeSat,
            feeSat is { } known ? Math.Round((double)known / size, 2) : null,
            size,
            UnsignedIn(psbt),
            warnings.Length > 0 ? warnings : null)
        {
            Network = network,
        };
    }

    /// <summary>As this, with what is still unsigned in the PSBT that came back.</summary>
    internal PaymentDocument After(Psbt signed) => this with { UnsignedInputs = UnsignedIn(signed) };

    /// <summary>For people; addresses are never broken.</summary>
    internal IEnumerable<string> Lines()
    {
        yield return $"payment      {Txid}";
        foreach (PaidOutputDocument output in Outputs)
        {
            string to = output.Address ?? $"the script {output.Script}";
            string whose = output.Path is { } path ? $" (the group, {path})" : output.IsChange ? " (the group)" : string.Empty;
            yield return $"{(output.IsChange ? "change" : "pays"),-13}{Bitcoins(output.AmountSat)} to {to}{whose}";
        }

        yield return FeeSat is { } feeSat
            ? string.Create(CultureInfo.InvariantCulture, $"fee          {Bitcoins(feeSat)}, {FeeRate} sat/vB for {VirtualSize} vB")
            : "fee          unknown: the PSBT does not tell what all inputs spend, or they bring less than is paid";
        foreach (string warning in Warnings ?? [])
        {
            yield return $"warning      {warning}";
        }

        string unsigned = UnsignedInputs.Count == 0 ? "none" : string.Join(", ", UnsignedInputs);
        yield return $"unsigned     {unsigned} of {Inputs} input{(Inputs == 1 ? string.Empty : "s")}";
        yield return $"network      {Network.ToString().ToLowerInvariant()}, for the addresses above; --network names another one";
    }

    private static IEnumerable<string> Dust(Psbt psbt) =>
        psbt.UnsignedTransaction.Outputs.Index().Where(static one => one.Item.AmountSat < one.Item.DustLimitSat).Select(static one =>
            $"Output {one.Index} has {one.Item.AmountSat} sat; most nodes do not relay it with less than {one.Item.DustLimitSat}.");

    private static IEnumerable<string> Open(KeyPathInputs found) => found.ToSign.Where(static input => !input.CommitsToWholeTransaction).Select(static input =>
        $"The signature of input {input.Index} leaves parts of the payment open to change (hash type {input.SighashType}).");

    private static int[] UnsignedIn(Psbt psbt) => [.. Enumerable.Range(0, psbt.Prevouts.Count).Where(input => !psbt.IsSigned(input))];

    private static string Bitcoins(long amountSat) => string.Create(CultureInfo.InvariantCulture, $"{amountSat / 100_000_000m:0.00000000} BTC");
}

/// <summary>One output of a payment.</summary>
/// <param name="Script">In hex, where it has no address.</param>
/// <param name="IsChange">Does it provably pay the group back: to its own key or to a child of it, without scripts beside it?</param>
/// <param name="Path">Of a child's key, where it is change.</param>
internal sealed record PaidOutputDocument(string? Address, string? Script, long AmountSat, bool IsChange, string? Path)
{
    /// <param name="change">Where the key is that it pays back to; null for what pays others.</param>
    internal static PaidOutputDocument Of(TxOut output, Network network, DerivationPath? change)
    {
        string? address = OutputAddress.Of(network, output.ScriptPubKey);
        string? path = change is null || change == DerivationPath.Root ? null : change.ToString();
        return new PaidOutputDocument(address, address is null ? output.ScriptPubKey.ToString() : null, output.AmountSat, change is not null, path);
    }
}
