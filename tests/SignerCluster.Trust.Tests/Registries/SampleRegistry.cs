using System.Security.Cryptography;
using System.Text;
using SignerCluster.Protocol.Wire;
using SignerCluster.Secp256k1;
using SignerCluster.Trust.Registries;

namespace SignerCluster.Trust.Tests.Registries;

/// <summary>A registry of two reserves, and whoever signs it.</summary>
internal static class SampleRegistry
{
    /// <summary>When the manual clock of the tests starts.</summary>
    internal const long AsOf = 1_767_225_600;

    internal const string Key1 = "79be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798";
    internal const string Key2 = "c6047f9441ed7d6d3045406e95c07cd85c778e4b8cef3ca7abac09b95c709ee5";
    internal const string Key3 = "f9308a019258c31049344f85f89d5229b531c845836f99b08601f113bce036f9";
    internal const string Key4 = "e493dbf1c10d80f3581e4904930b1404cc6c13900ee0758474fa94abe8c4cd13";

    private static readonly TaggedHash _domain = new("SignerCluster/covenant-registry/v1");

    internal static IdentityKey Signer { get; } = IdentityKey.TryTake(Enumerable.Repeat((byte)7, 32).ToArray())!;

    internal static IdentityKey Stranger { get; } = TestParties.IdentityOf("stranger");

    /// <summary>All that a registry may say, and in the second reserve no more than it must.</summary>
    internal static string Text { get; } =
        $$"""
        {"version":1,"asOf":{{AsOf}},"network":"regtest","height":850000,"reserves":{"alpha":{"epoch":7,"groups":["{{Key1}}"],
        "depositors":["{{Key2}}"],"custodians":["{{Key3}}"],"quoter":"{{Key4}}","certificate":"required"},
        "beta_2-x":{"epoch":0,"groups":["{{Key2}}","{{Key1}}"],"custodians":[],"certificate":"none"}
        } }
        """;

    /// <summary>The sample as of another time.</summary>
    internal static string TextAsOf(long asOf) => Text.Replace($"{AsOf}", $"{asOf}", StringComparison.Ordinal);

    /// <summary>The file of whoever signs whatever he is given.</summary>
    internal static byte[] Seal(string registry, IdentityKey? by = null)
    {
        Bytes32 digest = _domain.Compute(CanonicalJson.Of(Encoding.UTF8.GetBytes(registry)));
        return Join(registry, (by ?? Signer).Sign(digest.AsSpan(), new byte[32]).ToString());
    }

    internal static byte[] Join(string registry, string signature) => Encoding.UTF8.GetBytes($$"""{"registry":{{registry}},"signature":"{{signature}}"}""");

    internal static byte[] Sign(string draft) => SignedRegistry.Sign(Encoding.UTF8.GetBytes(draft), Signer, RandomNumberGenerator.Fill);

    internal static SignedRegistry Read(byte[] file)
    {
        Assert.True(SignedRegistry.TryRead(file, Signer.Public, out SignedRegistry? registry, out RegistryFault? fault), $"{fault}");
        return registry;
    }

    internal static RegistryFault Refused(byte[] file)
    {
        Assert.False(SignedRegistry.TryRead(file, Signer.Public, out _, out RegistryFault? fault));
        return fault;
    }
}
