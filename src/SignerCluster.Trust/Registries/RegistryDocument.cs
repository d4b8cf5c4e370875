using System.Text.Json;
using System.Text.Json.Serialization;

namespace SignerCluster.Trust.Registries;

/// <summary>The file: a registry and its signature.</summary>
/// <param name="Registry">Kept as it is written, since it is what is signed.</param>
/// <param name="Signature">64 bytes, small hex.</param>
internal sealed record SignedDocument(JsonElement Registry, string Signature);

/// <param name="AsOf">Unix seconds.</param>
/// <param name="Network">As <see cref="RegistryNetwork"/> in small letters.</param>
/// <param name="Reserves">By name.</param>
internal sealed record RegistryDocument(int Version, long AsOf, string Network, IReadOnlyDictionary<string, ReserveDocument> Reserves)
{
    /// <summary>Of the chain; absent where it is not known.</summary>
    public uint? Height { get; init; }
}

/// <summary>Keys are 32 bytes, small hex.</summary>
/// <param name="Certificate"><c>required</c> or <c>none</c>.</param>
internal sealed record ReserveDocument(long Epoch, IReadOnlyList<string> Groups, IReadOnlyList<string> Custodians, string Certificate)
{
    /// <summary>Absent where anybody may deposit.</summary>
    public IReadOnlyList<string>? Depositors { get; init; }

    /// <summary>Absent where nobody quotes.</summary>
    public string? Quoter { get; init; }
}

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = true,
    AllowDuplicateProperties = false)]
[JsonSerializable(typeof(SignedDocument))]
[JsonSerializable(typeof(RegistryDocument))]
internal sealed partial class RegistryJson : JsonSerializerContext;
