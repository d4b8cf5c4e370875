using SignerCluster.Secp256k1.Native;

[assembly: CollectionBehavior(DisableTestParallelization = true)]

namespace SignerCluster.Secp256k1.Tests;

/// <summary>After each test: nothing has ever handed the native library an argument that it calls illegal.</summary>
public abstract class NativeTests : IDisposable
{
    public void Dispose()
    {
        Dispose(disposing: true);
        GC.SuppressFinalize(this);
    }

    protected virtual void Dispose(bool disposing) => Assert.Equal(0, SecpContext.IllegalCalls);
}
