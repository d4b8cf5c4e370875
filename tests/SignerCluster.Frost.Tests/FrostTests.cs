using System.Reflection;
using SignerCluster.Secp256k1;

namespace SignerCluster.Frost.Tests;

/// <summary>After each test: no zeroed or otherwise illegal object has ever reached the native library.</summary>
public abstract class FrostTests : IDisposable
{
    // The counter is internal to the curve project; its absence must fail every test rather than none.
    private static readonly PropertyInfo _illegalCalls = typeof(Point).Assembly
        .GetType("SignerCluster.Secp256k1.Native.SecpContext", throwOnError: true)!
        .GetProperty("IllegalCalls", BindingFlags.Static | BindingFlags.NonPublic)!;

    public void Dispose()
    {
        Dispose(disposing: true);
        GC.SuppressFinalize(this);
    }

    protected virtual void Dispose(bool disposing) => Assert.Equal(0, _illegalCalls.GetValue(null));
}
