using System.Security.Cryptography;

namespace SignerCluster.Journal.Providers;

/// <summary>
/// A key of 64 hex digits in an environment variable, for development only. The runtime hands the variable out as a string, which nobody can zero, and
/// the kernel shows it in <c>/proc/PID/environ</c> for as long as the process lives: that is why production refuses it.
/// </summary>
public sealed class EnvironmentKeyProvider : IKeyProvider
{
    private readonly string _variable;

    /// <summary>
    /// Throws <see cref="KeyProviderException"/>: <c>key_provider_refused</c> in production, <c>key_provider_invalid</c> when no variable can have that name.
    /// </summary>
    public EnvironmentKeyProvider(string variable, Profile profile)
    {
        if (!profile.IsDevelopment)
        {
            throw new KeyProviderException(
                "key_provider_refused", "The profile production takes no key from the environment. Use a key file or a command.", isTransient: false);
        }

        if (string.IsNullOrEmpty(variable) || variable.AsSpan().ContainsAny('=', '\0'))
        {
            throw new KeyProviderException("key_provider_invalid", "The key provider env needs the name of a variable.", isTransient: false);
        }

        _variable = variable;
    }

    public ValueTask<KeyEncryptionKey> FetchAsync(CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        string text = Environment.GetEnvironmentVariable(_variable)
            ?? throw new KeyProviderException(
                "key_unavailable", $"The environment variable {_variable} is not set. Set it to a key of 64 hex digits.", isTransient: false);
        return new ValueTask<KeyEncryptionKey>(Parse(text));
    }

    public override string ToString() => $"environment variable {_variable}";

    private KeyEncryptionKey Parse(string text)
    {
        Span<byte> key32 = stackalloc byte[KeyEncryptionKey.Length];
        try
        {
            return text.Length == KeyText.Digits && Convert.FromHexString(text, key32, out _, out _) == System.Buffers.OperationStatus.Done
                ? KeyEncryptionKey.Take(key32)
                : throw new KeyProviderException(
                    "key_invalid", $"The environment variable {_variable} does not hold a key of 64 hex digits.", isTransient: false);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(key32);
        }
    }
}
