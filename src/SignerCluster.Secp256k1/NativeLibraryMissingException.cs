namespace SignerCluster.Secp256k1;

/// <summary>libsecp256k1 is absent or lacks a module. The message names the Debian package to install. Never transient.</summary>
public sealed class NativeLibraryMissingException : DllNotFoundException
{
    public NativeLibraryMissingException()
    {
    }

    public NativeLibraryMissingException(string message)
        : base(message)
    {
    }

    public NativeLibraryMissingException(string message, Exception inner)
        : base(message, inner)
    {
    }
}
