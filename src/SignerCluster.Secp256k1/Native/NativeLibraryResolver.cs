using System.Runtime.InteropServices;

namespace SignerCluster.Secp256k1.Native;

/// <summary>Finds libsecp256k1 under any of its sonames and refuses one that lacks a symbol we call.</summary>
internal static class NativeLibraryResolver
{
    /// <summary>An operator's own build of the library; when set, nothing else is tried.</summary>
    internal const string OverrideVariable = "SIGNER_SECP256K1_LIBRARY";

    private static readonly string[] _sonames =
        ["libsecp256k1.so.1", "libsecp256k1.so.2", "libsecp256k1.so.5", "libsecp256k1.so.6", "libsecp256k1.so", "libsecp256k1.dylib"];

    internal static void Register() =>
        NativeLibrary.SetDllImportResolver(
            typeof(NativeLibraryResolver).Assembly, static (name, _, _) => name == NativeMethods.Library ? Load(Candidates()) : 0);

    internal static IReadOnlyList<string> Candidates() =>
        Environment.GetEnvironmentVariable(OverrideVariable) is { Length: > 0 } path ? [path] : _sonames;

    internal static nint Load(IReadOnlyList<string> candidates)
    {
        foreach (string candidate in candidates)
        {
            if (NativeLibrary.TryLoad(candidate, out nint handle))
            {
                AssertSymbols(handle, candidate);
                return handle;
            }
        }

        throw new NativeLibraryMissingException(
            $"libsecp256k1 was not found (tried {string.Join(", ", candidates)}). Install it with: apt-get install libsecp256k1-1 "
            + $"(newer Debian: libsecp256k1-2), or name your own build in {OverrideVariable}.");
    }

    private static void AssertSymbols(nint handle, string candidate)
    {
        string[] missing = [.. NativeMethods.Symbols.Where(symbol => !NativeLibrary.TryGetExport(handle, symbol, out _))];
        if (missing.Length > 0)
        {
            throw new NativeLibraryMissingException(
                $"{candidate} lacks {string.Join(", ", missing)}. "
                + "Install Debian's libsecp256k1-1 (0.2.0 or later, with the schnorrsig and extrakeys modules).");
        }
    }
}
