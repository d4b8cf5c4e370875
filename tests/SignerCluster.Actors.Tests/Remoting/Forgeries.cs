using System.Text;
using Akka.Actor;
using Akka.Serialization;

namespace SignerCluster.Actors.Tests.Remoting;

/// <summary>A message whose bytes and manifest an attacker chose, for the receiver's serializer of a number.</summary>
internal abstract record Forgery(string Manifest, string Text)
{
    /// <summary>For JSON by type name.</summary>
    internal sealed record Json(string Manifest, string Text) : Forgery(Manifest, Text);

    /// <summary>For the serializer of our own messages.</summary>
    internal sealed record Ours(string Manifest, string Text) : Forgery(Manifest, Text);
}

/// <summary>Writes what an attacker wants written.</summary>
public abstract class ForgingSerializer(ExtendedActorSystem system) : SerializerWithStringManifest(system)
{
    public override string Manifest(object o) => ((Forgery)o).Manifest;

    public override byte[] ToBinary(object obj) => Encoding.UTF8.GetBytes(((Forgery)obj).Text);

    public override object FromBinary(byte[] bytes, string manifest) => throw new NotSupportedException("An attacker does not read.");
}

public sealed class ForgesJson(ExtendedActorSystem system) : ForgingSerializer(system)
{
    public override int Identifier => 1;
}

public sealed class ForgesOurs(ExtendedActorSystem system) : ForgingSerializer(system)
{
    public override int Identifier => Actors.Serialization.MessageSerializer.Number;
}
