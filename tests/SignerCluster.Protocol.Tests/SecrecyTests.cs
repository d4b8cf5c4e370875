using System.Reflection;
using SignerCluster.Frost.KeyGeneration;
using SignerCluster.Frost.Round1;
using SignerCluster.Protocol.SigningSession;
using SignerCluster.Secp256k1;

namespace SignerCluster.Protocol.Tests;

public class SecrecyTests
{
    [Fact]
    public void N2_No_type_of_the_protocol_has_room_for_a_secret()
    {
        const BindingFlags All = BindingFlags.Instance | BindingFlags.Static | BindingFlags.Public | BindingFlags.NonPublic;
        Type[] secrets = [typeof(SecretScalar), typeof(SecretShare), typeof(SecretNonce), typeof(Dealing)];
        Assert.DoesNotContain(
            typeof(SigningSessionDecider).Assembly.GetTypes().SelectMany(static type => type.GetFields(All)),
            field => secrets.Contains(field.FieldType) || field.FieldType.GetGenericArguments().Any(secrets.Contains));
    }
}
