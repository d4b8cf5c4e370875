using System.Globalization;
using System.Text.Json.Serialization;
using SignerCluster.Bitcoin.Addresses;
using SignerCluster.Bitcoin.Psbts;
using SignerCluster.Bitcoin.Spending;
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
        Script? own = isKey ? Taproot.ScriptPubKey(Taproot.OutputKey(key, merkleRoot: null)) : null;
        long? feeSat = psbt.TryComputeFee(out long fee, out _) ? fee : null;
        long size = psbt.VirtualSize;
        string[] warnings = [.. Dust(psbt), .. isKey && psbt.TryFindKeyPathInputs(key, out KeyPathInputs? found, out _) ? Open(found) : []];
        return new PaymentDocument(
            psbt.UnsignedTransaction.Txid.ToString(),
            psbt.Prevouts.Count,
            [.. psbt.UnsignedTransaction.Outputs.Select(output => PaidOutputDocument.Of(output, network, isChange: output.ScriptPubKey == own))],
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
            yield return $"{(output.IsChange ? "change" : "pays"),-13}{Bitcoins(output.AmountSat)} to {to}{(output.IsChange ? " (the group)" : string.Empty)}";
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
/// <param name="IsChange">Does it pay to the group's own key, which has no scripts beside it?</param>
internal sealed record PaidOutputDocument(string? Address, string? Script, long AmountSat, bool IsChange)
{
    internal static PaidOutputDocument Of(TxOut output, Network network, bool isChange)
    {
        string? address = OutputAddress.Of(network, output.ScriptPubKey);
        return new PaidOutputDocument(address, address is null ? output.ScriptPubKey.ToString() : null, output.AmountSat, isChange);
    }
}
