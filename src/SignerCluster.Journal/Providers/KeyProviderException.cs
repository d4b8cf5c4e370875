namespace SignerCluster.Journal.Providers;

/// <summary>The key-encryption key cannot be had. The message says what to do and never contains any part of a key or of a provider's output.</summary>
public sealed class KeyProviderException : Exception
{
    public KeyProviderException()
    {
    }

    public KeyProviderException(string message)
        : base(message)
    {
    }

    public KeyProviderException(string message, Exception inner)
        : base(message, inner)
    {
    }

    public KeyProviderException(string code, string message, bool isTransient, Exception? inner = null)
        : base(message, inner)
    {
        Code = code;
        IsTransient = isTransient;
    }

    /// <summary>
    /// Stable snake_case name: <c>key_unavailable</c> (the provider is down, timed out or failed), <c>key_invalid</c> (what it gave is not a key),
    /// <c>key_file_exposed</c>, <c>key_provider_refused</c> (not allowed in this profile),
    /// <c>key_provider_invalid</c> (its settings cannot work), <c>key_mismatch</c> (a key, but not the one that the ring is wrapped under),
    /// <c>key_repeated</c> (the source of randomness gave a key twice).
    /// </summary>
    public string Code { get; } = "key_unavailable";

    /// <summary>May the same call succeed later without an operator's help?</summary>
    public bool IsTransient { get; } = true;
}
