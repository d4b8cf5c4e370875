using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace SignerCluster.Secp256k1.Native;

/// <summary>
/// The process-wide libsecp256k1 context. Randomised once at creation against side channels, then only read, so threads share it.
/// Its illegal-argument callback counts instead of aborting: without it, a misused object would kill the process.
/// </summary>
internal sealed unsafe class SecpContext : SafeHandle
{
    // Lazy rather than a static constructor: a missing library must surface as itself, not inside a TypeInitializationException.
    private static readonly Lazy<SecpContext> _shared = new(static () => new SecpContext());
    private static int _illegalCalls;

    internal SecpContext()
        : base(0, ownsHandle: true)
    {
        NativeLibraryResolver.Register();
        SetHandle(NativeMethods.ContextCreate(NativeMethods.ContextNone));
        NativeMethods.ContextSetIllegalCallback(handle, &OnIllegalArgument, null);
        byte* seed32 = stackalloc byte[32];
        Span<byte> seed = new(seed32, 32);
        RandomNumberGenerator.Fill(seed);
        int randomised = NativeMethods.ContextRandomize(handle, seed32);
        CryptographicOperations.ZeroMemory(seed);
        Expect(randomised);
    }

    public override bool IsInvalid => handle == 0;

    /// <summary>The raw context. The owner lives as long as the process, so no reference counting per call is needed.</summary>
    internal static nint Pointer => _shared.Value.handle;

    /// <summary>How often native code was handed an argument it calls illegal. Anything but 0 is a bug of ours.</summary>
    internal static int IllegalCalls => Volatile.Read(ref _illegalCalls);

    /// <summary>Throws when a call that cannot fail for the arguments it was given did fail: a broken invariant, not an outside fault.</summary>
    internal static void Expect(int result, [CallerMemberName] string operation = "")
    {
        if (result != 1)
        {
            throw new InvalidOperationException($"libsecp256k1 refused {operation}; its arguments were validated before, so this is a defect.");
        }
    }

    protected override bool ReleaseHandle()
    {
        NativeMethods.ContextDestroy(handle);
        return true;
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static void OnIllegalArgument(byte* message, void* state) => Interlocked.Increment(ref _illegalCalls);
}
