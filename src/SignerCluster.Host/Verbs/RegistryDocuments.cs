using SignerCluster.Protocol.CovenantJob;
using SignerCluster.Secp256k1;
using SignerCluster.Trust.Registries;

namespace SignerCluster.Host.Verbs;

/// <summary><c>registry sign --out FILE --json</c>.</summary>
/// <param name="Key">What nodes pin.</param>
/// <param name="AsOf">Unix seconds.</param>
/// <param name="Reserves">How many there are.</param>
internal sealed record SignedRegistryDocument(string Key, string Network, long AsOf, int Reserves, string File)
{
    internal static SignedRegistryDocument Of(XOnlyPublicKey key, SignedRegistry registry, string path) =>
        new(key.ToString(), VerifiedRegistry.TextOf(registry.Network), registry.AsOf, registry.Reserves.Count, Path.GetFullPath(path));
}

/// <summary><c>registry verify --json</c>: what a node takes from it.</summary>
/// <param name="AsOf">Unix seconds.</param>
/// <param name="Height">Of the chain; null where it is not known.</param>
internal sealed record VerifiedRegistry(string Network, long AsOf, uint? Height, IReadOnlyList<VerifiedReserve> Reserves)
{
    internal static VerifiedRegistry Of(SignedRegistry registry) => new(
        TextOf(registry.Network),
        registry.AsOf,
        registry.Height,
        [.. registry.Reserves.OrderBy(static reserve => reserve.Key, StringComparer.Ordinal)
            .Select(static reserve => VerifiedReserve.Of(reserve.Key, reserve.Value))]);

    internal static string TextOf(RegistryNetwork network) => network.ToString().ToLowerInvariant();

    internal IEnumerable<string> Lines()
    {
        yield return $"network   {Network}";
        yield return $"as of     {UnixTime.ToText((ulong)AsOf)}";
        yield return $"height    {Height?.ToString() ?? "unknown"}";
        foreach (string line in Reserves.SelectMany(static reserve => reserve.Lines()))
        {
            yield return line;
        }
    }
}

/// <summary>One reserve of a registry.</summary>
/// <param name="Depositors">Null where anybody may deposit.</param>
/// <param name="Quoter">Null where nobody quotes.</param>
/// <param name="Certificate"><c>required</c> or <c>none</c>.</param>
internal sealed record VerifiedReserve(
    string Reserve,
    ulong Epoch,
    IReadOnlyList<string> Groups,
    IReadOnlyList<string>? Depositors,
    IReadOnlyList<string> Custodians,
    string? Quoter,
    string Certificate)
{
    internal static VerifiedReserve Of(string name, ReserveRecord reserve) => new(
        name,
        reserve.Epoch,
        Sorted(reserve.Groups),
        reserve.Depositors is { } depositors ? Sorted(depositors) : null,
        Sorted(reserve.Custodians),
        reserve.Quoter?.ToString(),
        reserve.NeedsCertificate ? "required" : "none");

    internal IEnumerable<string> Lines() =>
    [
        $"reserve   {Reserve}, epoch {Epoch}",
        $"  groups       {string.Join(' ', Groups)}",
        $"  depositors   {(Depositors is null ? "anybody" : string.Join(' ', Depositors))}",
        $"  custodians   {(Custodians.Count == 0 ? "nobody" : string.Join(' ', Custodians))}",
        $"  quoter       {Quoter ?? "nobody"}",
        $"  certificate  {Certificate}",
    ];

    private static string[] Sorted<T>(IReadOnlyCollection<T> keys)
        where T : struct => [.. keys.Select(static key => key.ToString()!).Order(StringComparer.Ordinal)];
}
