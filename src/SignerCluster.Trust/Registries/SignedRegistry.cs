using System.Collections.Frozen;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;
using SignerCluster.Journal.Documents;
using SignerCluster.Protocol;
using SignerCluster.Protocol.CovenantJob;
using SignerCluster.Protocol.Wire;
using SignerCluster.Secp256k1;

namespace SignerCluster.Trust.Registries;

/// <summary>
/// The reserves of a network as somebody vouches for them at one moment: <c>{"registry": …, "signature": …}</c>. What is signed (BIP-0340) is the tagged
/// hash of the registry's canonical JSON (RFC 8785), so spaces and the order of members mean nothing and everything else is under the signature. Immutable.
/// </summary>
public sealed class SignedRegistry
{
    /// <summary>Of a file.</summary>
    public const int MaximumBytes = 2 * 1024 * 1024;

    private static readonly TaggedHash _domain = new("SignerCluster/covenant-registry/v1");
    private readonly FrozenDictionary<string, ReserveRecord> _reserves;

    private SignedRegistry(ReadOnlySpan<byte> canonical, Bytes32 digest)
    {
        (AsOf, Network, Height, _reserves) = RegistryReading.Read(canonical);
        Digest = digest;
    }

    /// <summary>Unix seconds: when this was so.</summary>
    public long AsOf { get; }

    public RegistryNetwork Network { get; }

    /// <summary>Of the chain; null where it is not known.</summary>
    public uint? Height { get; }

    /// <summary>By name; at least one.</summary>
    public IReadOnlyDictionary<string, ReserveRecord> Reserves => _reserves;

    /// <summary>What is signed: two registries of one digest say the same.</summary>
    public Bytes32 Digest { get; }

    /// <summary>
    /// Reads a file and verifies its signature; how old it is and of which network, <see cref="WhyNot"/> tells. Never throws for anything that may be there.
    /// </summary>
    public static bool TryLoad(
        string path, in XOnlyPublicKey key, [NotNullWhen(true)] out SignedRegistry? registry, [NotNullWhen(false)] out RegistryFault? fault)
    {
        registry = null;
        return TryReadFile(path, out ReadOnlyMemory<byte> content, out fault) && TryRead(content, key, out registry, out fault);
    }

    /// <summary>
    /// The bytes of a registry file: that registry with a signature by the key, as canonical JSON, at most <see cref="MaximumBytes"/>. Throws
    /// <see cref="FormatException"/> with the place of what no registry may say.
    /// </summary>
    /// <param name="draft">JSON: a registry, or a file with one, whose signature is replaced.</param>
    public static byte[] Sign(ReadOnlyMemory<byte> draft, IdentityKey key, Entropy entropy)
    {
        byte[] canonical = CanonicalJson.Of(RegistryIn(draft));
        RegistryReading.Read(canonical);
        Span<byte> auxiliary32 = stackalloc byte[32];
        entropy(auxiliary32);
        Bytes64 signature = key.Sign(_domain.Compute(canonical).AsSpan(), auxiliary32);
        byte[] file = [.. "{\"registry\":"u8, .. canonical, .. Encoding.ASCII.GetBytes($",\"signature\":\"{signature}\"}}")];
        return file.Length <= MaximumBytes ? file : throw new FormatException($"$: a signed registry has at most {MaximumBytes} bytes, not {file.Length}");
    }

    /// <summary>Why a node does not go by it at a moment; null when it does, as long as it has not read a later one before.</summary>
    public RegistryFault? WhyNot(RegistrySettings settings, DateTimeOffset now)
    {
        double ageSeconds = (now - DateTimeOffset.UnixEpoch).TotalSeconds - AsOf;
        return this switch
        {
            _ when Network != settings.Network => new RegistryFault(
                RegistryReason.NetworkMismatch,
                $"It is of {RegistryReading.TextOf(Network)}, and this is {RegistryReading.TextOf(settings.Network)}."),
            _ when -ageSeconds > RegistrySettings.ClockTolerance.TotalSeconds => new RegistryFault(
                RegistryReason.FromTheFuture, $"It is as of {AsOf}, {-ageSeconds:0} s ahead of the clock."),
            _ when settings.MaximumAge > TimeSpan.Zero && ageSeconds > settings.MaximumAge.TotalSeconds => new RegistryFault(
                RegistryReason.Stale, $"It is as of {AsOf}, {ageSeconds:0} s old, and may be {settings.MaximumAge.TotalSeconds:0} s old."),
            _ => null,
        };
    }

    /// <summary>As <see cref="TryLoad"/>, for the content of a file.</summary>
    public static bool TryRead(
        ReadOnlyMemory<byte> content,
        in XOnlyPublicKey key,
        [NotNullWhen(true)] out SignedRegistry? registry,
        [NotNullWhen(false)] out RegistryFault? fault)
    {
        (registry, fault) = (null, null);
        try
        {
            registry = Read(content, key);
            fault = registry is null ? new RegistryFault(RegistryReason.SignatureInvalid, $"{key} did not sign what it says.") : null;
        }
        catch (FormatException malformed)
        {
            fault = new RegistryFault(RegistryReason.Malformed, $"{malformed.Message}.");
        }

        return registry is not null;
    }

    internal static bool TryReadFile(string path, out ReadOnlyMemory<byte> content, [NotNullWhen(false)] out RegistryFault? fault)
    {
        (content, fault) = (default, null);
        try
        {
            content = RegularFile.Read(path, MaximumBytes);
        }
        catch (FileNotFoundException missing)
        {
            fault = new RegistryFault(RegistryReason.Missing, missing.Message);
        }
        catch (IOException unreadable)
        {
            fault = new RegistryFault(RegistryReason.Unreadable, unreadable.Message);
        }

        return fault is null;
    }

    /// <summary>Null where the key did not sign it: what it says is not looked at then.</summary>
    private static SignedRegistry? Read(ReadOnlyMemory<byte> content, in XOnlyPublicKey key)
    {
        if (content.Length > MaximumBytes)
        {
            throw new FormatException($"$: it has more than {MaximumBytes} bytes");
        }

        SignedDocument document = Deserialize(content.Span);
        if (!FixedBytes.TryParseHex(document.Signature, out Bytes64 signature) || signature.ToString() != document.Signature)
        {
            throw new FormatException("$.signature: 64 bytes in small hex digits");
        }

        byte[] canonical = CanonicalOf(document.Registry);
        Bytes32 digest = _domain.Compute(canonical);
        return Bip340.Verify(key, digest.AsSpan(), signature) ? new SignedRegistry(canonical, digest) : null;
    }

    private static SignedDocument Deserialize(ReadOnlySpan<byte> utf8)
    {
        try
        {
            return JsonSerializer.Deserialize(utf8, RegistryJson.Default.SignedDocument) ?? throw new FormatException("$: it is null");
        }
        catch (JsonException fault)
        {
            throw new FormatException($"{fault.Path ?? "$"}: not JSON of exactly a registry and a signature", fault);
        }
    }

    private static ReadOnlyMemory<byte> RegistryIn(ReadOnlyMemory<byte> draft)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(draft, new JsonDocumentOptions { AllowDuplicateProperties = false });
            return document.RootElement.ValueKind == JsonValueKind.Object && document.RootElement.TryGetProperty("registry", out JsonElement registry)
                ? JsonMarshal.GetRawUtf8Value(registry).ToArray()
                : draft;
        }
        catch (Exception fault) when (fault is JsonException or InvalidOperationException)
        {
            // A lone surrogate is an InvalidOperationException where it is escaped.
            throw new FormatException($"$: not JSON, or a member that is there twice, near line {(fault as JsonException)?.LineNumber + 1 ?? 1}", fault);
        }
    }

    private static byte[] CanonicalOf(JsonElement registry) => CanonicalJson.Of(JsonMarshal.GetRawUtf8Value(registry).ToArray());
}
