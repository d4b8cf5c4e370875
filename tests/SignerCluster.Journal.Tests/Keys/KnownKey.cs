using SignerCluster.Journal.Providers;
using SignerCluster.Protocol.KeyRing;

namespace SignerCluster.Journal.Tests.Keys;

/// <summary>A key whose digits the tests can look for.</summary>
internal static class KnownKey
{
    internal const string Hex = "c0ffee00112233445566778899aabbccddeeff0123456789abcdef00deadbeef";

    internal static KeyId Id
    {
        get
        {
            using KeyEncryptionKey key = KeyEncryptionKey.Take(Convert.FromHexString(Hex));
            return key.Id;
        }
    }

    /// <summary>Fetches and demands that it is this key.</summary>
    internal static async Task FetchedFrom(IKeyProvider provider)
    {
        using KeyEncryptionKey key = await provider.FetchAsync(CancellationToken.None);
        Assert.Equal(Id, key.Id);
        Assert.DoesNotContain("c0ffee", $"{provider} {key}", StringComparison.OrdinalIgnoreCase);
    }

    /// <summary>Demands a refusal that shows no part of the key.</summary>
    internal static async Task<KeyProviderException> Refused(IKeyProvider provider, string code, bool? isTransient = null)
    {
        KeyProviderException refused = await Assert.ThrowsAsync<KeyProviderException>(
            async () => (await provider.FetchAsync(CancellationToken.None)).Dispose());
        Assert.Equal(code, refused.Code);
        Assert.Equal(isTransient ?? refused.IsTransient, refused.IsTransient);
        Assert.DoesNotContain("c0ffee", refused.ToString(), StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("deadbe", refused.ToString(), StringComparison.OrdinalIgnoreCase);
        return refused;
    }
}
