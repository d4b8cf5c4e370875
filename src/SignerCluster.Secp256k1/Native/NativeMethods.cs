using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace SignerCluster.Secp256k1.Native;

/// <summary>The entry points of libsecp256k1 that this project calls. All return 1 for success and 0 for refusal.</summary>
internal static unsafe partial class NativeMethods
{
    internal const string Library = "secp256k1";
    internal const uint ContextNone = 1;
    internal const uint EncodingCompressed = 258;

    /// <summary>Every symbol imported below; the resolver asserts each at load so that a wrong library fails at start, not mid-round.</summary>
    internal static readonly string[] Symbols =
    [
        "secp256k1_context_create", "secp256k1_context_destroy", "secp256k1_context_randomize", "secp256k1_context_set_illegal_callback",
        "secp256k1_ec_seckey_verify", "secp256k1_ec_seckey_negate", "secp256k1_ec_seckey_tweak_add", "secp256k1_ec_seckey_tweak_mul",
        "secp256k1_ec_pubkey_create", "secp256k1_ec_pubkey_parse", "secp256k1_ec_pubkey_serialize", "secp256k1_ec_pubkey_negate",
        "secp256k1_ec_pubkey_tweak_add", "secp256k1_ec_pubkey_tweak_mul", "secp256k1_ec_pubkey_combine",
        "secp256k1_xonly_pubkey_parse", "secp256k1_keypair_create", "secp256k1_schnorrsig_sign_custom", "secp256k1_schnorrsig_verify",
        "secp256k1_ecdh",
    ];

    [LibraryImport(Library, EntryPoint = "secp256k1_context_create")]
    [UnmanagedCallConv(CallConvs = [typeof(CallConvCdecl)])]
    internal static partial nint ContextCreate(uint flags);

    [LibraryImport(Library, EntryPoint = "secp256k1_context_destroy")]
    [UnmanagedCallConv(CallConvs = [typeof(CallConvCdecl)])]
    internal static partial void ContextDestroy(nint context);

    [LibraryImport(Library, EntryPoint = "secp256k1_context_randomize")]
    [UnmanagedCallConv(CallConvs = [typeof(CallConvCdecl)])]
    internal static partial int ContextRandomize(nint context, byte* seed32);

    [LibraryImport(Library, EntryPoint = "secp256k1_context_set_illegal_callback")]
    [UnmanagedCallConv(CallConvs = [typeof(CallConvCdecl)])]
    internal static partial void ContextSetIllegalCallback(nint context, delegate* unmanaged[Cdecl]<byte*, void*, void> callback, void* state);

    [LibraryImport(Library, EntryPoint = "secp256k1_ec_seckey_verify")]
    [UnmanagedCallConv(CallConvs = [typeof(CallConvCdecl)])]
    internal static partial int SecretKeyVerify(nint context, byte* key32);

    [LibraryImport(Library, EntryPoint = "secp256k1_ec_seckey_negate")]
    [UnmanagedCallConv(CallConvs = [typeof(CallConvCdecl)])]
    internal static partial int SecretKeyNegate(nint context, byte* key32);

    [LibraryImport(Library, EntryPoint = "secp256k1_ec_seckey_tweak_add")]
    [UnmanagedCallConv(CallConvs = [typeof(CallConvCdecl)])]
    internal static partial int SecretKeyTweakAdd(nint context, byte* key32, byte* tweak32);

    [LibraryImport(Library, EntryPoint = "secp256k1_ec_seckey_tweak_mul")]
    [UnmanagedCallConv(CallConvs = [typeof(CallConvCdecl)])]
    internal static partial int SecretKeyTweakMultiply(nint context, byte* key32, byte* tweak32);

    [LibraryImport(Library, EntryPoint = "secp256k1_ec_pubkey_create")]
    [UnmanagedCallConv(CallConvs = [typeof(CallConvCdecl)])]
    internal static partial int PublicKeyCreate(nint context, out NativePublicKey key, byte* secret32);

    [LibraryImport(Library, EntryPoint = "secp256k1_ec_pubkey_parse")]
    [UnmanagedCallConv(CallConvs = [typeof(CallConvCdecl)])]
    internal static partial int PublicKeyParse(nint context, out NativePublicKey key, byte* input, nuint length);

    [LibraryImport(Library, EntryPoint = "secp256k1_ec_pubkey_serialize")]
    [UnmanagedCallConv(CallConvs = [typeof(CallConvCdecl)])]
    internal static partial int PublicKeySerialize(nint context, byte* output, ref nuint length, in NativePublicKey key, uint flags);

    [LibraryImport(Library, EntryPoint = "secp256k1_ec_pubkey_negate")]
    [UnmanagedCallConv(CallConvs = [typeof(CallConvCdecl)])]
    internal static partial int PublicKeyNegate(nint context, ref NativePublicKey key);

    [LibraryImport(Library, EntryPoint = "secp256k1_ec_pubkey_tweak_add")]
    [UnmanagedCallConv(CallConvs = [typeof(CallConvCdecl)])]
    internal static partial int PublicKeyTweakAdd(nint context, ref NativePublicKey key, byte* tweak32);

    [LibraryImport(Library, EntryPoint = "secp256k1_ec_pubkey_tweak_mul")]
    [UnmanagedCallConv(CallConvs = [typeof(CallConvCdecl)])]
    internal static partial int PublicKeyTweakMultiply(nint context, ref NativePublicKey key, byte* tweak32);

    [LibraryImport(Library, EntryPoint = "secp256k1_ec_pubkey_combine")]
    [UnmanagedCallConv(CallConvs = [typeof(CallConvCdecl)])]
    internal static partial int PublicKeyCombine(nint context, out NativePublicKey sum, NativePublicKey** keys, nuint count);

    [LibraryImport(Library, EntryPoint = "secp256k1_xonly_pubkey_parse")]
    [UnmanagedCallConv(CallConvs = [typeof(CallConvCdecl)])]
    internal static partial int XOnlyParse(nint context, out NativePublicKey key, byte* input32);

    [LibraryImport(Library, EntryPoint = "secp256k1_keypair_create")]
    [UnmanagedCallConv(CallConvs = [typeof(CallConvCdecl)])]
    internal static partial int KeyPairCreate(nint context, byte* keyPair96, byte* secret32);

    [LibraryImport(Library, EntryPoint = "secp256k1_schnorrsig_sign_custom")]
    [UnmanagedCallConv(CallConvs = [typeof(CallConvCdecl)])]
    internal static partial int SchnorrSign(nint context, byte* signature64, byte* message, nuint length, byte* keyPair96, SchnorrExtraParameters* extra);

    [LibraryImport(Library, EntryPoint = "secp256k1_schnorrsig_verify")]
    [UnmanagedCallConv(CallConvs = [typeof(CallConvCdecl)])]
    internal static partial int SchnorrVerify(nint context, byte* signature64, byte* message, nuint length, in NativePublicKey xOnlyKey);

    /// <summary>With a hash function of 0 the output is SHA-256 of the compressed shared point.</summary>
    [LibraryImport(Library, EntryPoint = "secp256k1_ecdh")]
    [UnmanagedCallConv(CallConvs = [typeof(CallConvCdecl)])]
    internal static partial int Ecdh(nint context, byte* output32, in NativePublicKey key, byte* secret32, nint hashFunction, nint hashArgument);
}

/// <summary>The library's opaque 64-byte public key. Never compared or stored raw: its layout is the library's own.</summary>
[InlineArray(64)]
internal struct NativePublicKey
{
    private byte _element0;
}

/// <summary>Mirror of <c>secp256k1_schnorrsig_extraparams</c>; <see cref="Auxiliary32"/> goes to the default BIP-340 nonce function.</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct SchnorrExtraParameters
{
    internal uint Magic;
    internal nint NonceFunction;
    internal byte* Auxiliary32;

    /// <summary>The bytes DA 6F B3 8C in memory order.</summary>
    internal const uint MagicValue = 0x8CB36FDA;
}
