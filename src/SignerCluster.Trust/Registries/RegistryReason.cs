namespace SignerCluster.Trust.Registries;

/// <summary>Why a registry file is not used. The names are a contract.</summary>
public static class RegistryReason
{
    public const string Missing = "registry_missing";
    public const string Unreadable = "registry_unreadable";

    /// <summary>Also for a registry that says less, more or other things than a registry may.</summary>
    public const string Malformed = "registry_malformed";
    public const string SignatureInvalid = "registry_signature_invalid";
    public const string NetworkMismatch = "registry_network_mismatch";
    public const string Stale = "registry_stale";
    public const string FromTheFuture = "registry_from_the_future";

    /// <summary>An older one than one that was read before, or of the same second as another that said otherwise.</summary>
    public const string RolledBack = "registry_rolled_back";

    /// <summary>What an operator does about it.</summary>
    internal static string Advice(string reason) => reason switch
    {
        Missing => "put the file there, or correct the path",
        Unreadable => "let this process read the file; it must be a regular file on a disk that answers",
        Malformed => "have it made again; signer registry verify says what is wrong with it",
        SignatureInvalid => "find out who changed it, or correct the key that is configured",
        NetworkMismatch => "put the registry of this node's network there",
        Stale => "find out why no new one comes from whoever signs it",
        FromTheFuture => "set the clocks of this node and of whoever signs it",
        RolledBack => "put the newest one there; each change needs a later asOf than the one before",
        _ => throw new System.Diagnostics.UnreachableException(reason),
    };
}

/// <summary>Why a registry is not used, and the place or the numbers that show it.</summary>
/// <param name="Reason">One of <see cref="RegistryReason"/>.</param>
/// <param name="Message">For people; may quote the registry, so it belongs on a terminal and not into a log.</param>
public sealed record RegistryFault(string Reason, string Message);
